"""Where the launcher finds and keeps things."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
RUN = VAR / "run"
LOGS = VAR / "log"
STATE = VAR / "state"
VENDOR = VAR / "vendor"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def make_folders() -> None:
    """Create the folders; what is in `run` is for this user alone."""
    for folder in (LOGS, STATE, VENDOR, VAR / "data", VAR / "inbox", VAR / "static"):
        folder.mkdir(parents=True, exist_ok=True)
    RUN.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
