"""What a person sees: steps with their times, prefixed logs, and why something failed."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher.places import LOGS, ROOT

HEARTBEAT_S = 10.0
MAX_LOG_BYTES = 20 * 1024 * 1024
CALM = re.compile(r"^(\S+\s+){0,6}\S*\b(INFO|DEBUG|LOG)\b|Memory overcommit must be enabled")
REFUSED = re.compile(r"password=\S+|://[^\s/@]*:[^\s/@]*@|(?<=PASSWORD )\S+")


class Failed(Exception):
    """A step that did not work: what happened, what to do, and where its log is."""

    def __init__(self, message: str, *, remedy: str = "", log: Path | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.log = log


def say(text: str) -> None:
    """One line for the person at the terminal; a closed terminal is not an error."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process


def last_lines(path: Path, count: int = 40) -> list[str]:
    """The end of a log, without the passwords that an address may carry."""
    if not path.is_file():
        return []
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 64 * 1024))
        lines = log.read().decode(errors="replace").splitlines()[-count:]
    return [REFUSED.sub("…", line) for line in lines]


def explain(failed: Failed) -> None:
    """Print a failure with the last lines of its log and what to do about it."""
    say("")
    if failed.log is not None:
        lines = last_lines(failed.log)
        if lines:
            say(f"--- last {len(lines)} lines of {shown(failed.log)}")
            for line in lines:
                say(f"    {line}")
            say("---")
    say(f"Failed: {failed}")
    if failed.remedy:
        say(f"What to do: {failed.remedy}")


def shown(path: Path) -> str:
    """A path as a person in the project folder would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step and how long it took."""
    say(f"→ {title}")
    began = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - began:.1f} s")


class Follower:
    """Prints what is appended to log files, each line under the name of its writer.

    Calm leaves out what is only informative: it is in the files.
    """

    def __init__(self) -> None:
        self.read_to: dict[Path, int] = {}
        self.names: dict[Path, str] = {}
        self.calm = True

    def follow(self, name: str, path: Path) -> None:
        """Start at the file's present end."""
        self.names[path] = name
        self.read_to[path] = path.stat().st_size if path.exists() else 0

    def poll(self) -> bool:
        """Print new lines; tells whether there were any."""
        printed = False
        for path, name in self.names.items():
            for line in self.new_lines(path):
                if line.strip() and not (self.calm and CALM.search(line)):
                    prefix = f"  {name:<8} | " if name else ""
                    say(prefix + REFUSED.sub("…", line))
                    printed = True
        return printed

    def new_lines(self, path: Path) -> list[str]:
        size = path.stat().st_size if path.exists() else 0
        start = min(self.read_to[path], size)
        if size == start:
            self.read_to[path] = start
            return []
        with path.open("rb") as log:
            log.seek(start)
            text = log.read(size - start)
        whole = text[: text.rfind(b"\n") + 1]
        self.read_to[path] = start + len(whole)
        return whole.decode(errors="replace").splitlines()


def keep_small(path: Path) -> None:
    """Move a large log aside; its writers append, so cutting it under them is safe."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.with_suffix(".log.1").write_bytes(path.read_bytes())
        os.truncate(path, 0)


def run_step(
    title: str,
    command: Sequence[str | Path],
    *,
    remedy: str,
    env: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> None:
    """Run one command to its end, its log on the terminal; raises `Failed` on an exit code."""
    log = LOGS / f"{re.sub(r'[^a-z]+', '-', title.lower()).strip('-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    follower = Follower()
    follower.follow("", log)
    with step(title), log.open("ab") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_aloud(process, None if quiet else follower)
        finally:
            end_quickly(process)
        if process.returncode:
            raise Failed(f"{title} (exit code {process.returncode})", remedy=remedy, log=log)


def wait_aloud(
    process: "subprocess.Popen[bytes]",
    follower: Follower | None,
    *,
    until: Callable[[], bool] = lambda: False,
    heartbeat_s: float = HEARTBEAT_S,
) -> None:
    """Wait while showing the log; a silent command gets a sign of life now and then."""
    began = quiet_since = time.monotonic()
    while process.poll() is None and not until():
        time.sleep(0.1)
        if follower is not None and follower.poll():
            quiet_since = time.monotonic()
        if time.monotonic() - quiet_since > heartbeat_s:
            say(f"  … still working, {time.monotonic() - began:.0f} s")
            quiet_since = time.monotonic()
    if follower is not None:
        follower.poll()


def end_quickly(process: "subprocess.Popen[bytes]") -> None:
    """End a step that was interrupted."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
