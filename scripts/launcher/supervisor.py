"""Keeps the children running: start, readiness, restart with back-off, stop in reverse order."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher.output import HEARTBEAT_S, Failed, Follower, keep_small, say
from launcher.places import LOGS, ROOT
from launcher.processes import Known, end_group, myself, remember, start_time, stop
from launcher.rights import Account, dropped

LONGEST_WAIT_S = 30.0
STEADY_AFTER_S = 60.0
MOST_FAILURES = 10
TICK_S = 0.1


class Stopped(Exception):
    """A person or the system asked the stack to stop."""


@dataclass
class Child:
    """One long-running process and how to start, judge and stop it."""

    name: str
    command: Callable[[], list[str]]
    env: Mapping[str, str]
    is_ready: Callable[[int], bool]
    ready_within_s: float = 30.0
    stop_signal: int = signal.SIGTERM
    grace_s: float = 10.0
    account: Account | None = None
    folder: Path = ROOT
    process: "subprocess.Popen[bytes] | None" = None
    known: Known | None = None
    began: float = 0.0
    failures: int = 0
    start_at: float | None = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def delay_s(self) -> float:
        """How long to wait before the next try: doubling up to half a minute."""
        return min(2.0 ** (self.failures - 1), LONGEST_WAIT_S)


@dataclass
class Supervisor:
    """The children in the order in which they were added; they stop in the opposite order."""

    record: Path
    logs: Path = LOGS
    quiet: bool = False
    owner: Known = field(default_factory=myself)
    children: list[Child] = field(default_factory=list)
    follower: Follower = field(default_factory=Follower)

    def log_of(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def start(self, child: Child) -> None:
        """Start a child in a group of its own, so that Ctrl-C reaches only the launcher."""
        log = self.log_of(child)
        if child not in self.children:
            self.children.append(child)
            log.touch()
            if not self.quiet:
                self.follower.follow(child.name, log)
        with log.open("ab") as out:
            child.process = subprocess.Popen(
                child.command(),
                cwd=child.folder,
                env=dict(child.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **dropped(child.account),
            )
        child.began, child.start_at = time.monotonic(), None
        child.known = Known(
            child.name, child.pid, start_time(child.pid), child.stop_signal, child.grace_s
        )
        self.write_record()

    def write_record(self) -> None:
        remember(self.record, [self.owner, *(one.known for one in self.children if one.known)])

    def wait_ready(self, *children: Child) -> None:
        """Wait until all are ready; the first that ends or takes too long is a failure."""
        waiting = list(children)
        began = heard = time.monotonic()
        while waiting := [child for child in waiting if not self.judge(child)]:
            if self.follower.poll():
                heard = time.monotonic()
            if time.monotonic() - heard > HEARTBEAT_S:
                heard = time.monotonic()
                names = ", ".join(child.name for child in waiting)
                say(f"  … waiting for {names}, {heard - began:.0f} s")
            time.sleep(TICK_S)

    def wait_finished(self, child: Child) -> None:
        """Wait for a command that ends by itself, with signs of life; its failure is ours."""
        heard = time.monotonic()
        while not child.has_ended:
            if self.follower.poll():
                heard = time.monotonic()
            if time.monotonic() - heard > HEARTBEAT_S:
                heard = time.monotonic()
                say(f"  … {child.name} is still working, {heard - child.began:.0f} s")
            time.sleep(TICK_S)
        self.follower.poll()
        code = child.process.returncode if child.process else 0
        if code:
            raise Failed(
                f"{child.name} ended with code {code}",
                remedy="read the lines above, put right what they name and start again",
                log=self.log_of(child),
            )

    def judge(self, child: Child) -> bool:
        if child.has_ended:
            code = child.process.returncode if child.process else 0
            raise Failed(
                f"{child.name} ended with code {code} while starting",
                remedy="read the lines above, put right what they name and start again",
                log=self.log_of(child),
            )
        if child.is_ready(child.pid):
            return True
        if time.monotonic() - child.began > child.ready_within_s:
            raise Failed(
                f"{child.name} was not ready within {child.ready_within_s:.0f} s",
                remedy="the machine may be busy: start again; if it stays, read the log above",
                log=self.log_of(child),
            )
        return False

    def watch(self) -> None:
        """Keep everything running until told to stop."""
        next_trim = 0.0
        while True:
            for child in self.children:
                self.look_after(child)
            self.follower.poll()
            if time.monotonic() > next_trim:
                next_trim = time.monotonic() + 60
                for child in self.children:
                    keep_small(self.log_of(child))
            time.sleep(TICK_S)

    def look_after(self, child: Child) -> None:
        """Plan the restart of a child that ended, and carry it out when its time has come."""
        if child.start_at is not None:
            if time.monotonic() >= child.start_at:
                self.start(child)
            return
        if not child.has_ended:
            return
        steady = time.monotonic() - child.began > STEADY_AFTER_S
        child.failures = 1 if steady else child.failures + 1
        code = child.process.returncode if child.process else 0
        if child.failures > MOST_FAILURES:
            raise Failed(
                f"{child.name} ended {child.failures} times in a row, last with code {code}",
                remedy="read the lines above, put right what they name and start again",
                log=self.log_of(child),
            )
        end_group(child.pid, child.folder)
        child.start_at = time.monotonic() + child.delay_s()
        say(f"  {child.name} ended with code {code}; starting it again in {child.delay_s():.0f} s")

    def stop(self) -> None:
        """Stop all, last started first."""
        for child in reversed(self.children):
            if child.known and stop(child.known):
                say(f"  {child.name} stopped") if not self.quiet else None
            if child.process:
                child.process.poll()
                end_group(child.pid, child.folder)
        self.children.clear()
        self.record.unlink(missing_ok=True)
