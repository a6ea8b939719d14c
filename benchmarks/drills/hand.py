"""The drill's workers and beat: the product's own, with the drill's clocks.

This process loads the product once and forks a worker or beat for each line that it reads, so that
the one after a kill is there at once: `{"log": path, "words": [...]}` is answered with a process
id. With the end of its input all of them end. `unprotected` is the drill's control: the cursor is
committed before the rows that it covers, as naive importers do. It exists here alone.
"""

import gc
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

QUICK_LEASE = timedelta(seconds=3)
QUICK_TURN_S = 2.0
QUICK_BEAT_S = 1.0
OFTEN = {"core.tasks.sweep_outbox", "metrics.tasks.refresh_marked", "connectors.tasks.pull_due"}


def main() -> None:
    import django

    django.setup()
    from ecomgr.celery import app

    set_pages(int(os.environ["DRILL_PAGE_S"]))
    if "DRILL_QUICK" in os.environ:
        hurry(app)
    if "DRILL_UNPROTECTED" in os.environ:
        save_cursors_first()
    app.loader.import_default_modules()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    pids = []
    for line in sys.stdin:
        pids.append(fork(app, **json.loads(line)))
        sys.stdout.write(f"{pids[-1]}\n")
        sys.stdout.flush()
    for pid in pids:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def fork(app: Any, log: str, words: list[str]) -> int:
    """A worker or beat in a group of its own; it never comes back from here."""
    if pid := os.fork():
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
        return pid
    with suppress(PermissionError):
        os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Path(log).open("ab") as out, Path(os.devnull).open("rb") as nothing:
        for stream, file in ((0, nothing), (1, out), (2, out)):
            os.dup2(file.fileno(), stream)
    try:
        app.start(argv=words)
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(1)


def set_pages(seconds: int) -> None:
    """The demo's pages cover hours instead of a month, so that a pull has many of them."""
    from connectors.demo import connector

    connector.PAGE_S = seconds


def hurry(app: Any) -> None:
    """Leases, turns and beat's intervals a fraction of their length; nothing else changes."""
    from connectors import sync
    from core import outbox

    outbox.LEASE, sync.TURN_S, sync.BUSY_S = QUICK_LEASE, QUICK_TURN_S, 1
    for entry in app.conf.beat_schedule.values():
        if entry["task"] in OFTEN:
            entry["schedule"] = QUICK_BEAT_S


def save_cursors_first() -> None:
    """Commit each page's cursor before its rows land."""
    from connectors import sync
    from connectors.models import Cursor

    land = sync.land_page

    def land_after_cursor(*, source: Any, page: Any, place: Any, **rest: Any) -> Any:
        Cursor.objects.update_or_create(
            source=source, stream=place.stream, defaults={"position": page.next}
        )
        return land(source=source, page=page, place=place, **rest)

    sync.land_page = land_after_cursor


if __name__ == "__main__":
    main()
