"""What the processes are told: addresses and secrets, kept for the next start and for manage.py."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from launcher.places import PYTHON, ROOT, RUN, VENV, write_private

ADDRESSES = RUN / "env"
SECRET = RUN / "secret"
LINE = re.compile(r"\A(?:export )?([A-Za-z_][A-Za-z_0-9]*)=(.*)\Z")


def read_lines(path: Path) -> dict[str, str]:
    """A file of NAME=value lines; quotes around a value are taken off."""
    if not path.is_file():
        return {}
    found = (LINE.match(line.strip()) for line in path.read_text().splitlines())
    return {match[1]: unquoted(match[2]) for match in found if match}


def unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def given(name: str) -> str:
    """A knob that a person set, in the environment or in `.env`; empty when nobody did."""
    return os.environ.get(name) or read_lines(ROOT / ".env").get(name, "")


def kept(name: str) -> str:
    """What the last run wrote down."""
    return read_lines(ADDRESSES).get(name, "")


def keep(values: Mapping[str, str]) -> None:
    """Write the addresses where manage.py finds them, for this user only."""
    merged = {**read_lines(ADDRESSES), **values}
    lines = "".join(f"{name}={value}\n" for name, value in sorted(merged.items()))
    write_private(ADDRESSES, lines)


def secret_key() -> str:
    """The key that signs sessions: made once, so that a restart signs nobody out."""
    if chosen := given("SECRET_KEY"):
        return chosen
    if not SECRET.exists():
        write_private(SECRET, secrets.token_urlsafe(48))
    return SECRET.read_text().strip()


def environment(values: Mapping[str, str]) -> dict[str, str]:
    """A child's environment: this one, completed by `values`, inside the virtual environment."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    inherited.pop("PYTHONHOME", None)
    return {
        **inherited,
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": str(VENV),
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        **values,
    }
