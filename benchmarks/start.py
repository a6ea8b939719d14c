"""From a fresh clone to the first page, the start after that, and the memory of the whole stack.

Prints a table and, as its last line, one JSON object: `cold_s` and `warm_s` are seconds from the
command to the first whole page, `pss_mb` is the proportional set size of all processes after a
minute of life.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from launcher.processes import Known, family, memory_mb, recall  # noqa: E402

PAGE = "/accounts/login/"
LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)"')
NEVER_INHERITED = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BASE_URL", "PORT"}
NEVER_INHERITED |= {"DATA_DIR", "WATCH_DIR", "DJANGO_SETTINGS_MODULE"}
PATIENCE_S = 900


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settle", type=float, default=60, help="seconds before memory is read")
    parser.add_argument("--keep", action="store_true", help="leave the clone where it is")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ecomgr-start-"))
    folder.chmod(0o755)
    clone = folder / "ecomgr"
    try:
        figures = measure(clone, options.settle)
    finally:
        stop(clone)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    print(json.dumps(figures))
    return 0


def measure(clone: Path, settle_s: float) -> dict[str, Any]:
    """Clone what is committed here, start it twice, then look at its memory."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
    cold_page, cold_ready = start(clone)
    stop(clone)
    warm_page, warm_ready = start(clone)
    time.sleep(settle_s)
    parts = memory(clone)
    return {
        "cold_s": round(cold_page, 1),
        "warm_s": round(warm_page, 1),
        "pss_mb": round(sum(parts.values()), 1),
        "cold_ready_s": round(cold_ready, 1),
        "warm_ready_s": round(warm_ready, 1),
        "parts_mb": parts,
        "processes": sum(len(family(known.pid)) for known in running(clone)),
    }


def environment() -> dict[str, str]:
    """Nothing that would point the clone at somebody else's servers."""
    return {name: value for name, value in os.environ.items() if name not in NEVER_INHERITED}


def start(clone: Path) -> tuple[float, float]:
    """Seconds to the first whole page, and to everything ready."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "scripts/launch.py", "up"],
        cwd=clone,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    page = 0.0
    while process.poll() is None:
        if not page and shows_page(clone):
            page = time.monotonic() - began
        if time.monotonic() - began > PATIENCE_S:
            process.terminate()
        time.sleep(0.1)
    ready = time.monotonic() - began
    if process.returncode:
        log = clone / "var" / "log" / "launcher.log"
        sys.exit(f"The clone did not start:\n{log.read_text()[-4000:]}")
    return page or ready, ready


def stop(clone: Path) -> None:
    if clone.exists():
        command = [sys.executable, "scripts/launch.py", "down"]
        subprocess.run(
            command, cwd=clone, env=environment(), stdout=subprocess.DEVNULL, check=False
        )


def running(clone: Path) -> list[Known]:
    """Everything that the clone's launcher wrote down, itself included."""
    record = recall(clone / "var" / "run" / "processes.json")
    return [known for known in record if known.is_alive]


def shows_page(clone: Path) -> bool:
    """Whether the sign-in page comes whole, and every style sheet and script with it."""
    addresses = clone / "var" / "run" / "env"
    if not any(known.name == "web" for known in running(clone)):
        return False
    [port] = re.findall(r"^PORT=(\d+)$", addresses.read_text(), re.MULTILINE)
    site = f"http://localhost:{port}"
    try:
        page = fetch(site + PAGE).decode()
        return "</html>" in page and all(fetch(site + path) for path in LINKED.findall(page))
    except OSError:
        return False


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def memory(clone: Path) -> dict[str, float]:
    """Megabytes by part; what is not a child's is the launcher's own."""
    sizes = {known.name: memory_mb(known.pid) or 0.0 for known in running(clone)}
    sizes["launcher"] -= sum(size for name, size in sizes.items() if name != "launcher")
    return {name: round(size, 1) for name, size in sizes.items()}


def show(figures: dict[str, Any]) -> None:
    rows = [
        ("fresh clone to first page", f"{figures['cold_s']} s"),
        ("fresh clone to everything ready", f"{figures['cold_ready_s']} s"),
        ("second start to first page", f"{figures['warm_s']} s"),
        ("second start to everything ready", f"{figures['warm_ready_s']} s"),
        *((f"memory of {name}", f"{size} MB") for name, size in figures["parts_mb"].items()),
        ("memory together (proportional)", f"{figures['pss_mb']} MB"),
    ]
    for label, value in rows:
        print(f"{label:<36}{value:>12}")


if __name__ == "__main__":
    sys.exit(main())
