"""What a person may ask of the launcher: run, up, down, status, test, check, bench, drill, lock."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from launcher import checks, configuration, packages, servers
from launcher.output import Failed, Follower, explain, last_lines, say, wait_aloud
from launcher.places import LOGS, PYTHON, ROOT, make_folders
from launcher.processes import memory_mb, recall, stop
from launcher.stack import READY, RECORD, SIGN_INS, Stack, only_one, running, set_up
from launcher.supervisor import Stopped

LAUNCHER_LOG = LOGS / "launcher.log"


def main() -> int:
    """Run one command; the exit code is what a script needs to know."""
    options, further = parser().parse_known_args()
    options.args = further
    if further and options.command not in (test, bench, drill):
        parser().error(f"unrecognized arguments: {' '.join(further)}")
    on_signals(interrupt)
    make_folders()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except Failed as failed:
        explain(failed)
        return 1
    except Stopped:
        return 130


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="launch.py", description=__doc__)
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    for name, function in COMMANDS.items():
        command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        command.set_defaults(command=function)
        if name in ("bench", "drill"):
            command.add_argument("name")
    return found


def on_signals(action: "Callable[[int, FrameType | None], None] | signal.Handlers") -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """The first signal stops the stack in order; further ones do not disturb that."""
    on_signals(signal.SIG_IGN)
    raise Stopped


def run(options: argparse.Namespace) -> int:
    """Start everything in this terminal; Ctrl-C stops it."""
    with only_one():
        stack = Stack()
        try:
            stack.start()
            stack.supervisor.watch()
        except Stopped:
            return 0
        finally:
            on_signals(signal.SIG_IGN)
            stack.stop()
    return 0


def up(options: argparse.Namespace) -> int:
    """Start everything in the background; returns when it is healthy."""
    if running() and READY.exists():
        say(f"ecomgr already runs at {READY.read_text()}")
        return 0
    LAUNCHER_LOG.write_text("")
    follower = Follower()
    follower.follow("", LAUNCHER_LOG)
    with LAUNCHER_LOG.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, ROOT / "scripts" / "launch.py", "run"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_aloud(process, follower, until=announced, heartbeat_s=60)
    except Stopped:
        process.terminate()
        process.wait()
        raise
    return process.returncode or 0


def announced() -> bool:
    return (
        running() and READY.exists() and any("Ctrl-C" in line for line in last_lines(LAUNCHER_LOG))
    )


def down(options: argparse.Namespace) -> int:
    """Stop what `up` or `run` started."""
    known = recall(RECORD)
    was_running = bool(known) and stop(known[0])
    left = any(child.is_alive for child in known[1:])
    servers.clear_leftovers(RECORD)
    READY.unlink(missing_ok=True)
    say("ecomgr stopped" if was_running or left else "ecomgr was not running")
    return 0


def status(options: argparse.Namespace) -> int:
    """Tell what runs and how much memory it takes; exit code 1 when it is not ready."""
    ready = running() and READY.exists()
    say(f"ecomgr runs at {READY.read_text()}" if ready else "ecomgr is not running")
    total = 0.0
    for known in recall(RECORD):
        used = (memory_mb(known.pid) or 0.0) if known.is_alive else 0.0
        own = used if known.name != "launcher" else 0.0
        total += own
        state = f"process {known.pid}" if known.is_alive else "ended"
        size = f"{own:7.1f} MB" if known.name != "launcher" else ""
        say(f"  {known.name:<10} {state:<16} {size}".rstrip())
    if ready:
        say(f"  {'together':<27} {total:7.1f} MB (proportional set size)")
        say(SIGN_INS.read_text().rstrip()) if SIGN_INS.exists() else None
    return 0 if ready else 1


def test(options: argparse.Namespace) -> int:
    """All tests, on a Postgres and a Valkey of their own."""
    set_up("dev")
    with servers.throw_away(durable=False) as (folder, addresses):
        return checks.tests(folder, addresses, options.args)


def check(options: argparse.Namespace) -> int:
    """Everything but the tests: format, lint, types, imports, templates, migrations, docs."""
    set_up("dev")
    with servers.throw_away(durable=False) as (folder, addresses):
        return checks.all_checks(folder, addresses)


def bench(options: argparse.Namespace) -> int:
    """Run benchmarks/NAME.py on servers of its own."""
    module = found(f"benchmarks.{options.name}")
    set_up("dev")
    with servers.throw_away(durable=True) as (folder, addresses):
        env = checks.environment(folder, addresses, "ecomgr.settings.dev")
        return checks.call([str(PYTHON), "-m", module, *options.args], env)


def drill(options: argparse.Namespace) -> int:
    """Run benchmarks/drills/NAME.py, which starts servers of its own and kills them."""
    module = found(f"benchmarks.drills.{options.name}")
    set_up("dev")
    env = configuration.environment({"SECRET_KEY": "only-for-this-run"})
    return checks.call([str(PYTHON), "-m", module, *options.args], env)


def found(module: str) -> str:
    """The module's name, when there is such a file; its last line is one JSON object."""
    if not (ROOT / f"{module.replace('.', '/')}.py").is_file():
        known = sorted(
            path.stem for path in (ROOT / module.replace(".", "/")).parent.glob("[!_]*.py")
        )
        raise Failed(f"There is no {module}", remedy=f"choose one of: {', '.join(known)}")
    return module


def install(options: argparse.Namespace) -> int:
    """Install packages and browser files, start nothing."""
    set_up("run")
    return 0


def lock(options: argparse.Namespace) -> int:
    """Write the hashed locks in requirements/ from pyproject.toml."""
    set_up("dev")
    packages.lock_again()
    return 0


def format_code(options: argparse.Namespace) -> int:
    """Format Python files and templates, and put right what lint can."""
    set_up("dev")
    return checks.format_all()


def docs(options: argparse.Namespace) -> int:
    """Write the generated pages of docs/ again."""
    set_up("dev")
    with servers.throw_away(durable=False) as (folder, addresses):
        return checks.write_docs(folder, addresses)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": run,
    "up": up,
    "down": down,
    "status": status,
    "test": test,
    "check": check,
    "bench": bench,
    "drill": drill,
    "install": install,
    "docs": docs,
    "format": format_code,
    "lock": lock,
}
