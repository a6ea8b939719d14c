"""Where settings come from: the process, then what the launcher left, then a .env file."""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
RUNNING_STACK = ROOT / "var" / "run" / "env"


def read_environment() -> environ.Env:
    """The environment, completed by the running stack's addresses and by `.env`.

    A variable that is already set wins, so `DATABASE_URL=… manage.py` reaches another server.
    """
    for path in (RUNNING_STACK, ROOT / ".env"):
        if path.is_file():
            environ.Env.read_env(path)
    return environ.Env()
