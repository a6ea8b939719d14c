"""Which processes are ours: a process is known by its id and its start time, never by its name."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from launcher.places import write_private


@dataclass(frozen=True)
class Known:
    """A process that the launcher started and how it wants to be stopped."""

    name: str
    pid: int
    started: str
    stop_signal: int = signal.SIGTERM
    grace_s: float = 10.0

    @property
    def is_alive(self) -> bool:
        return start_time(self.pid) == self.started


def start_time(pid: int) -> str:
    """When the process began, as the system tells it; empty when it is gone or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return start_time_by_ps(pid) if not Path("/proc/self").exists() else ""
    if fields[0] in "ZX":
        return ""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{boot.read_text().strip() if boot.exists() else ''}/{fields[19]}"


def myself() -> Known:
    """The launcher itself, the first in every record; it needs time to stop all others."""
    return Known("launcher", os.getpid(), start_time(os.getpid()), grace_s=90)


def start_time_by_ps(pid: int) -> str:
    """The same where there is no /proc, as on macOS."""
    told = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return "" if not told or told.startswith("Z") else told.partition(" ")[2].strip()


def remember(path: Path, known: list[Known]) -> None:
    """Write down what runs, for `make down` and for the start after a crash."""
    write_private(path, json.dumps([asdict(one) for one in known], indent=1))


def recall(path: Path) -> list[Known]:
    """What was written down; an unreadable file means nothing is known."""
    try:
        return [Known(**row) for row in json.loads(path.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Poll a condition; returns whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def stop(known: Known) -> bool:
    """Ask a process to stop, then end its whole group. Returns whether it had been running."""
    if not known.is_alive:
        return False
    send(known.pid, known.stop_signal)
    if not wait_until(lambda: not known.is_alive, known.grace_s):
        send_to_group(known.pid, signal.SIGKILL)
        wait_until(lambda: not known.is_alive, 5)
    return True


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def send_to_group(pid: int, number: int) -> None:
    """Every child leads its own group, so its pool processes go with it."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        send(pid, number)


def exists(pid: int) -> bool:
    """Whether the id is in use, be it by a zombie that nobody has collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def working_in(folder: Path) -> list[int]:
    """Live processes whose working folder this is; empty where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def end_group(leader: int, folder: Path) -> None:
    """End what a dead process left behind: members of its group that work in our folder."""
    for pid in working_in(folder):
        try:
            if os.getpgid(pid) == leader:
                send(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def memory_mb(pid: int) -> float | None:
    """Proportional set size of a process and everything below it, in MB; None where unknown."""
    total = 0
    for one in family(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")
        )
    return total / 1024 if total else None


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found
