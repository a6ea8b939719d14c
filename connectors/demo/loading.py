"""Loads the demo: two years through the ordinary pull, then its rollups, then it lives on."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from django.db import connection
from django.db.models.functions import Now

from accounts.records import SYSTEM
from connectors.demo.opening import DemoPlan, open_demo
from connectors.models import Run, Source
from connectors.services import start_run
from connectors.sync import ACTIVE, perform
from core.errors import Refused
from metrics.declare import facts
from metrics.derived import derived
from metrics.rebuild import rebuild, tidy

EVERY_S = 60
PROGRESS_S = 2.0
Say = Callable[[str], None]


def load_demo(plan: DemoPlan, say: Say) -> list[Source]:
    """Open the demo's stores and bring their history in; begun before, it goes on where it was.

    Its progress is told to `say`. A demo that is loaded only catches up. Raises Refused when a
    pull fails.
    """
    sources = open_demo(plan)
    history = [source for source in sources if source.every_s is None]
    if history:
        say(f"Stores: {', '.join(source.store.name for source in sources)}.")
    pull(sources, say)
    if history:
        say("Adding up.")
        add_up([source.store_id for source in history])
        live(history)
    return sources


def pull(sources: Iterable[Source], say: Say) -> None:
    """Pull all sources side by side until each is up to date, telling how many rows landed."""
    runs = [start_run(viewer=SYSTEM, source=source) for source in sources]
    with side_by_side() as begin:
        waiting = [begin(_work_off, run.pk) for run in runs]
        told = -1
        while not all(each.done() for each in waiting):
            time.sleep(PROGRESS_S if told >= 0 else 0.2)
            told = _tell(runs, told, say)
        for each in waiting:
            each.result()
    _tell(runs, told, say)


def _tell(runs: Iterable[Run], told: int, say: Say) -> int:
    landed = sum(
        Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("rows_landed", flat=True)
    )
    if landed != told and landed:
        say(f"{landed:,} rows landed.")
    return landed


def _work_off(run_pk: int) -> None:
    """Go on with the run until it is over, whoever else works on it too."""
    while True:
        perform(run_pk)
        run = Run.objects.get(pk=run_pk)
        if run.status not in ACTIVE:
            break
        time.sleep(0.5)
    if run.status == Run.Status.FAILED:
        raise Refused(f"{run.source} could not be read: {run.error}")


def add_up(stores: list[int]) -> None:
    """Build the stores' rollups from all their facts, two at a time; the longest one begins."""
    names = sorted({*facts, *derived}, key=lambda name: name not in derived)
    with side_by_side() as begin:
        waiting = [begin(rebuild, name, store) for name in names for store in stores]
        for each in waiting:
            each.result()
        for name in names:
            begin(tidy, name)


def live(sources: Iterable[Source]) -> None:
    """From now on a pull is due every minute."""
    for source in sources:
        Source.objects.filter(pk=source.pk).update(every_s=EVERY_S, next_pull_at=Now())


@contextmanager
def side_by_side() -> Iterator[Callable[..., Future[None]]]:
    """Two threads, each with a database connection of its own; waits for them at the end."""
    with ThreadPoolExecutor(2, thread_name_prefix="demo") as threads:
        yield lambda task, *args: threads.submit(partial(_apart, task, *args))


def _apart(task: Callable[..., None], *args: object) -> None:
    try:
        task(*args)
    finally:
        connection.close()
