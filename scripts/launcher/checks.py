"""What `make check` and `make test` run, in order of speed."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher import configuration
from launcher.output import end_quickly, say
from launcher.places import PYTHON, ROOT

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Python format", ("ruff", "format", "--check", ".")),
    ("Python lint", ("ruff", "check", ".")),
    ("Template format", ("djade", "--check", "TEMPLATES")),
    ("Import contracts", ("lint-imports",)),
    ("Dependencies in use", ("deptry", ".")),
    ("Django's own checks", ("python", "manage.py", "check", "--fail-level", "WARNING")),
    ("Migrations complete", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    ("Types", ("mypy", ".")),
    ("Names, documents, schema", ("pytest", "-q", "-n", "0", "-p", "no:randomly", "DOC_TESTS")),
)
DOC_TESTS = ("tests/test_architecture.py", "tests/test_docs.py", "tests/launch/test_settings.py")
DOC_COMMANDS = ("write_docs",)


def environment(folder: Path, addresses: Mapping[str, str], settings: str) -> dict[str, str]:
    """The surroundings of a throw-away run: nothing of a running stack leaks in."""
    return configuration.environment(
        {
            **addresses,
            "DJANGO_SETTINGS_MODULE": settings,
            "SECRET_KEY": "only-for-this-run",
            "BASE_URL": "http://localhost:8000",
            "REDIS_PREFIX": "ecomgr",
            "DATA_DIR": str(folder / "data"),
            "WATCH_DIR": str(folder / "inbox"),
        }
    )


def call(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run with this terminal for its output."""
    process = subprocess.Popen(
        list(command), cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait()
    finally:
        end_quickly(process)


def tests(folder: Path, addresses: Mapping[str, str], args: Sequence[str]) -> int:
    """pytest on all cores; further arguments go to pytest."""
    workers = str(max(2, os.cpu_count() or 2))
    command = [
        str(PYTHON),
        "-m",
        "pytest",
        "-n",
        workers,
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--durations=10",
        *args,
    ]
    return call(command, environment(folder, addresses, "ecomgr.settings.test"))


def all_checks(folder: Path, addresses: Mapping[str, str]) -> int:
    """Run every check even when one fails, then name those that did."""
    env = environment(folder, addresses, "ecomgr.settings.test")
    failed = [title for title, command in CHECKS if not passes(title, command, env)]
    say("")
    if failed:
        say(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}")
        return 1
    say(f"All {len(CHECKS)} checks passed")
    return 0


def passes(title: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
    began = time.monotonic()
    say(f"→ {title}")
    code = call(expanded(command), env)
    say(f"  {'ok' if code == 0 else 'FAILED'}, {time.monotonic() - began:.1f} s")
    return code == 0


def expanded(command: Sequence[str]) -> list[str]:
    """The command with the environment's own program and the files it stands for."""
    program, *rest = command
    words = [str(PYTHON.parent / program)]
    for word in rest:
        if word == "TEMPLATES":
            words += templates()
        elif word == "DOC_TESTS":
            words += DOC_TESTS
        else:
            words.append(word)
    return words


def templates() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


def format_all() -> int:
    """Everything that a program can put right."""
    env = configuration.environment({})
    commands = (("ruff", "check", "--fix", "."), ("ruff", "format", "."), ("djade", "TEMPLATES"))
    return max(call(expanded(command), env) for command in commands)


def write_docs(folder: Path, addresses: Mapping[str, str]) -> int:
    env = environment(folder, addresses, "ecomgr.settings.dev")
    return max(call([str(PYTHON), "manage.py", name], env) for name in DOC_COMMANDS)
