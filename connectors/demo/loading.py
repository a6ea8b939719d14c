"""Loads the demo: two years through the ordinary pull, then its rollups, then it lives on."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import connection
from django.db.models.functions import Now

from accounts.records import SYSTEM
from connectors.demo.connector import SALES, TRAFFIC, Demo, world_of
from connectors.demo.opening import DemoPlan, open_demo
from connectors.models import Run, Source
from connectors.services import start_run
from connectors.sync import ACTIVE, perform
from core.errors import Refused
from metrics.rebuild import everything, rebuild, tidy
from metrics.refresh import unrefreshed
from traffic.services.partitions import SESSIONS, make_partitions

EVERY_S = 60
PROGRESS_S = 2.0
# A core each: more would only keep the largest part of the largest store, the last to end, waiting.
THREADS = max(2, min(4, os.cpu_count() or 2))
PART_WORDS = {SALES: "sales", TRAFFIC: "visits"}
Say = Callable[[str], None]


def load_demo(plan: DemoPlan, say: Say) -> list[Source]:
    """Open the demo's stores and bring their history in; begun before, it goes on where it was.

    Its progress is told to `say`. A demo that is loaded only catches up. Raises Refused when a
    pull fails.
    """
    sources = open_demo(plan)
    history = [source for source in sources if source.every_s is None]
    if history:
        names = dict.fromkeys(source.store.name for source in sources)
        say(f"Stores: {', '.join(names)}.")
        make_months(history)
        pull(history, say, _bring_in)
    else:
        pull(sources, say)
    return sources


def make_months(sources: Iterable[Source]) -> None:
    """Make the tables of all months at once: one store's page would wait for the other's."""
    worlds = [world_of(source.config) for source in sources]
    make_partitions(world.start + timedelta(n) for world in worlds for n in range(world.days + 2))


def pull(
    sources: Iterable[Source], say: Say, work: Callable[[Run, Say], None] | None = None
) -> None:
    """Pull all sources side by side until each is up to date, telling how many rows landed."""
    runs = [start_run(viewer=SYSTEM, source=source) for source in sources]
    with side_by_side() as begin:
        waiting = [begin(work or _work_off, run, say) for run in runs]
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


def _bring_in(run: Run, say: Say) -> None:
    """Pull a source's whole history, then add it up once: not page by page while it comes."""
    part = run.source.config.get("part")
    if part == TRAFFIC:
        _await_goods(run)
    names = facts_of(part)
    with unrefreshed(run.store_id, names):
        _work_off(run, say)
    say(f"Adding up {PART_WORDS.get(part, 'all')} of {run.store.name}.")
    for name in names:
        rebuild(name, run.store_id)
    live(run.source)
    others = Source.objects.filter(config__part=part, connector=Demo.slug, every_s=None)
    if not others.exists():
        tidy(*names)


def _await_goods(run: Run) -> None:
    """Visits name goods and tags that the shop's first page brings: let it land before them."""
    sales = Run.objects.filter(source__config__part=SALES, store_id=run.store_id)
    while sales.filter(status__in=ACTIVE, rows_landed=0).exists():
        time.sleep(0.2)


def facts_of(part: str | None) -> list[str]:
    """What is added up from the rows of that part of a shop."""
    names = everything()
    if part is None:
        return names
    return [name for name in names if (name == SESSIONS) == (part == TRAFFIC)]


def _work_off(run: Run, say: Say) -> None:
    """Go on with the run until it is over, whoever else works on it too."""
    while True:
        perform(run.pk)
        run.refresh_from_db()
        if run.status not in ACTIVE:
            break
        time.sleep(0.5)
    if run.status == Run.Status.FAILED:
        raise Refused(f"{run.source} could not be read: {run.error}")


def live(source: Source) -> None:
    """From now on a pull is due every minute."""
    Source.objects.filter(pk=source.pk).update(every_s=EVERY_S, next_pull_at=Now())


@contextmanager
def side_by_side() -> Iterator[Callable[..., Future[None]]]:
    """Threads, each with a database connection of its own; waits for them at the end."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="demo") as threads:
        yield lambda task, *args: threads.submit(partial(_apart, task, *args))


def _apart(task: Callable[..., None], *args: object) -> None:
    try:
        task(*args)
    finally:
        connection.close()
