"""The virtual environment: locked, hashed packages, installed again only when a lock changes."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from launcher.output import Failed, run_step, say
from launcher.places import PYTHON, ROOT, STATE, VENV

LOCKS = ROOT / "requirements"
STAMP = STATE / "packages.json"
Command = list[Path | str]
NO_NETWORK = "check the network, then start again; what is already downloaded is kept"


def ensure(lock: str) -> None:
    """Make the environment hold what `run` or `dev` locks; `dev` is a superset of `run`."""
    if not venv_works():
        make_venv()
    installed = read_stamp()
    wanted = "dev" if "dev" in (lock, installed.get("lock")) else "run"
    digest = digest_of(wanted)
    if installed == {"lock": wanted, "digest": digest}:
        return
    STAMP.unlink(missing_ok=True)
    install(wanted)
    STAMP.write_text(json.dumps({"lock": wanted, "digest": digest}))


def digest_of(lock: str) -> str:
    """Changes when a lock or the interpreter does."""
    files = (LOCKS / "uv.txt", LOCKS / f"{lock}.txt")
    text = b"".join(path.read_bytes() for path in files) + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return stamp


def venv_works() -> bool:
    """Whether the environment is whole and of this version of Python."""
    if not PYTHON.exists():
        return False
    told = subprocess.run(
        [PYTHON, "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.returncode == 0 and told.stdout.strip() == sys.version


def make_venv() -> None:
    STAMP.unlink(missing_ok=True)
    run_step(
        "Virtual environment",
        [sys.executable, "-m", "venv", "--clear", VENV],
        remedy="install your system's venv module (Debian and Ubuntu: apt install python3-venv)",
    )


def install(lock: str) -> None:
    """Install with uv, which is many times faster; with pip where uv does not work."""
    path = LOCKS / f"{lock}.txt"
    pip: Command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    if uv_works() or uv_installs(pip):
        sync: Command = [VENV / "bin" / "uv", "pip", "sync", "--python", PYTHON, "--require-hashes"]
        try:
            run_step(
                "Python packages", [*sync, LOCKS / "uv.txt", path], remedy=NO_NETWORK, quiet=True
            )
        except Failed as failed:
            say(f"  {failed}; trying pip, which takes longer")
        else:
            return
    if subprocess.run(
        [PYTHON, "-m", "pip", "--version"], check=False, capture_output=True
    ).returncode:
        make_venv()
    run_step("Python packages with pip", [*pip, "-r", path], remedy=NO_NETWORK)


def uv_works() -> bool:
    uv = VENV / "bin" / "uv"
    return (
        uv.exists()
        and not subprocess.run([uv, "--version"], check=False, capture_output=True).returncode
    )


def uv_installs(pip: Command) -> bool:
    command = [str(part) for part in [*pip, "-q", "-r", LOCKS / "uv.txt"]]
    try:
        run_step("Installer", command, remedy=NO_NETWORK)
    except Failed:
        return False
    return True


def lock_again() -> None:
    """Write the hashed locks from `pyproject.toml`; no registry address ends up in them."""
    ensure("dev")
    uv: Command = [
        VENV / "bin" / "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
    ]
    uv += [
        "--python-version",
        "3.11",
        "--custom-compile-command",
        "make lock",
        "--no-emit-index-url",
    ]
    runs = (
        ("run", ["pyproject.toml"]),
        ("dev", ["pyproject.toml", "--group", "dev", "-c", "requirements/run.txt"]),
        ("uv", ["requirements/uv.in"]),
        ("node", ["requirements/node.in"]),
    )
    for name, sources in runs:
        run_step(
            f"Lock {name}",
            [*uv, "--output-file", f"requirements/{name}.txt", *sources],
            remedy="read which pins in pyproject.toml contradict each other",
        )


def install_beside(lock: str, folder: Path) -> None:
    """Install one lock into a folder of its own, outside the environment."""
    tool: Command = [VENV / "bin" / "uv", "pip", "install", "--python", PYTHON]
    if not uv_works():
        tool = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    run_step(
        f"{lock.capitalize()} for this project",
        [*tool, "--require-hashes", "--target", folder, "-r", LOCKS / f"{lock}.txt"],
        remedy=NO_NETWORK,
        quiet=True,
    )
