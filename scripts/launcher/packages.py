"""The virtual environment: locked, hashed packages, installed again only when a lock changes."""

import hashlib
import json
import ssl
import subprocess
import sys
from pathlib import Path

from launcher import configuration
from launcher.output import Failed, run_step, say
from launcher.places import PYTHON, ROOT, STATE, VENV

LOCKS = ROOT / "requirements"
STAMP = STATE / "packages.json"
Command = list[Path | str]
UV: tuple[Path, str] = (VENV / "bin" / "uv", "pip")
PIP = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes")
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
    if uv_works() or uv_installs():
        sync: Command = [*UV, "sync", "--python", PYTHON, "--require-hashes"]
        try:
            with_uv("Python packages", [*sync, LOCKS / "uv.txt", path])
        except Failed as failed:
            say(f"  {failed}; trying pip, which takes longer")
        else:
            return
    if not pip_works():
        make_venv()
    run_step("Python packages with pip", [*PIP, "-r", path], remedy=NO_NETWORK)


def with_uv(title: str, command: Command) -> None:
    run_step(title, command, remedy=NO_NETWORK, env=uv_environment(), quiet=True)


def uv_environment() -> dict[str, str]:
    """uv trusts its own list of authorities; the machine's list may hold more."""
    return configuration.environment({"UV_SYSTEM_CERTS": "true"} if has_authorities() else {})


def has_authorities() -> bool:
    """Whether the machine has a list of certificate authorities of its own."""
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath or "/nowhere")
    return bool(paths.cafile) or (folder.is_dir() and any(folder.iterdir()))


def pip_works() -> bool:
    return works([PYTHON, "-m", "pip", "--version"])


def uv_works() -> bool:
    return UV[0].exists() and works([UV[0], "--version"])


def works(command: Command) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def uv_installs() -> bool:
    try:
        run_step("Installer", [*PIP, "--quiet", "-r", LOCKS / "uv.txt"], remedy=NO_NETWORK)
    except Failed:
        return False
    return True


def lock_again() -> None:
    """Write the hashed locks from `pyproject.toml`; no registry address ends up in them."""
    ensure("dev")
    uv: Command = [*UV, "compile", "--quiet", "--universal", "--generate-hashes"]
    uv += ["--python-version", "3.11", "--custom-compile-command", "make lock"]
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
            env=uv_environment(),
        )


def install_beside(lock: str, folder: Path) -> None:
    """Install one lock into a folder of its own, outside the environment."""
    place: Command = ["--target", folder, "-r", LOCKS / f"{lock}.txt"]
    title = f"{lock.capitalize()} for this project"
    if uv_works():
        try:
            with_uv(title, [*UV, "install", "--python", PYTHON, "--require-hashes", *place])
        except Failed as failed:
            say(f"  {failed}; trying pip")
        else:
            return
    run_step(f"{title} with pip", [*PIP, *place], remedy=NO_NETWORK)
