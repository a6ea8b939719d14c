"""Working off a run: page after page until the source has no more, somebody stops it, or it fails.

A run may be begun by one worker and ended by another: all that counts stands in the database, and
whoever holds the source's lock goes on from its cursor.
"""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from accounts.models import Notification
from accounts.services import notify
from connectors.base import (
    Connector,
    Page,
    Position,
    Pulls,
    QuotaError,
    SettingsError,
    TemporaryError,
    Window,
)
from connectors.landing import SALES_TABLES, Place, Stopped, land_page
from connectors.models import Cursor, Payload, Run, Source
from connectors.payloads import keep_bytes
from connectors.queries import people_to_tell
from connectors.registry import connector_of
from connectors.replaying import replayed
from core.errors import Refused
from core.outbox import enqueue
from core.staging import keep_statistics

log = logging.getLogger(__name__)
TASK = "connectors.tasks.pull_source"
MAX_TRIES = 6
TURN_S = 240
BUSY_S = 5
SLICE_DAYS = 31
ACTIVE = (Run.Status.WAITING, Run.Status.RUNNING)


@dataclass(frozen=True)
class Leg:
    """One stretch of a run: a stream (None is all together), in a backfill also a window."""

    stream: str | None
    window: Window | None = None

    @property
    def name(self) -> str:
        start = f"@{self.window.start}" if self.window else ""
        return f"{self.stream or 'all'}{start}"

    @property
    def place(self) -> Place:
        return Place(self.stream or "all", self.name if self.window else "")


def queue(run: Run, *, delay_s: float = 0) -> None:
    """Have a worker go on with the run; asked twice for the same turn, it comes once."""
    turn = run.params["turn"] = run.params.get("turn", 0) + 1
    Run.objects.filter(pk=run.pk).update(params=run.params)
    enqueue(TASK, unique_key=f"run {run.pk} turn {turn}", delay_s=delay_s, run_pk=run.pk)


def perform(run_pk: int) -> None:
    """Go on with a run until it is over or its turn is; called twice at once, one goes away."""
    run = Run.objects.select_related("source__store", "source__origin").filter(pk=run_pk).first()
    if run is None or run.status not in ACTIVE:
        return
    with only_one(run.source_id) as is_free:
        if not is_free:
            queue(run, delay_s=BUSY_S)
            return
        run.refresh_from_db()
        if run.status in ACTIVE:
            _turn(run)


def _turn(run: Run) -> None:
    try:
        _begin(run)
        is_over = _work(run)
    except Stopped:
        _stand_still(run)
    except QuotaError as error:
        _wait_until_allowed(run, error)
    except (SettingsError, Refused) as error:
        _fail(run, str(error), needs_person=True, sign_in=getattr(error, "sign_in", False))
    except (OperationalError, InterfaceError):
        # The database went away: nothing can be written. The outbox row's lease runs out, and the
        # next worker goes on from the last cursor.
        raise
    except Exception as error:
        _try_again(run, error)
    else:
        _finish(run, None) if is_over else queue(run)


@contextmanager
def only_one(source_pk: int) -> Iterator[bool]:
    """Hold the source for this database connection; a killed worker's hold ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('connectors pull'), %s)", [source_pk])
        is_free = bool(cursor.fetchone()[0])
    try:
        yield is_free
    finally:
        if is_free and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(hashtext('connectors pull'), %s)", [source_pk]
                )


def legs_of(run: Run, connector: Connector) -> list[Leg]:
    """The stretches of a run in order; a backfill goes back slice by slice from its newest day."""
    streams: list[str | None] = [None]
    if connector.is_per_stream:
        streams = list(run.params.get("streams") or connector.streams)
    if run.kind != Run.Kind.BACKFILL:
        return [Leg(stream) for stream in streams]
    windows = slices(*(date.fromisoformat(run.params[name]) for name in ("start", "end")))
    return [Leg(stream, window) for window in windows for stream in streams]


def slices(start: date, end: date) -> list[Window]:
    """The days from start to end in slices of a month's length, newest first."""
    found = []
    while end >= start:
        first = max(start, end - timedelta(days=SLICE_DAYS - 1))
        found.append(Window(first, end))
        end = first - timedelta(days=1)
    return found


def _begin(run: Run) -> None:
    run.status = Run.Status.RUNNING
    run.started_at = run.started_at or timezone.now()
    run.save(update_fields=["status", "started_at"])


def _work(run: Run) -> bool:
    """Land pages until the source has no more (True) or the turn is over (False)."""
    if run.kind == Run.Kind.REPLAY:
        return replayed(run, turn_ends=time.monotonic() + TURN_S)
    connector = connector_of(run.source, run)
    if not isinstance(connector, Pulls):
        raise SettingsError(f"{connector.label} gives nothing to pull.")
    turn_ends = time.monotonic() + TURN_S
    for leg in legs_of(run, connector):
        if leg.name in run.params.get("done", []):
            continue
        pages = cast(Pulls, connector).pull(leg.stream, _position(run, leg), leg.window)
        for page in ahead(pages):
            _land(run, page, leg)
            if time.monotonic() > turn_ends:
                return False
        _leg_done(run, leg)
    return True


def ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages, the next one being read while the one before is landed."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = reader.submit(next, pages, None)
            yield page


def _land(run: Run, page: Page, leg: Leg) -> None:
    payload = None
    if page.raw is not None:
        name = f"{leg.name} {timezone.now():%Y-%m-%d %H:%M:%S}"
        payload = keep_bytes(run, leg.stream or "", name, page.raw)
    land_unless_locked(run, page, leg.place, payload)
    keep_statistics(*SALES_TABLES)
    # A page that landed is progress: what failed before it does not count any more.
    if run.params.pop("tries", None):
        run.refresh_from_db(fields=["params"])
        run.params.pop("tries", None)
        Run.objects.filter(pk=run.pk).update(params=run.params)


def land_unless_locked(run: Run, page: Page, place: Place, payload: Payload | None) -> None:
    """Land the page; when two sources' pages wait for each other, one of them tries again."""
    for tries_left in reversed(range(MAX_TRIES)):
        try:
            land_page(source=run.source, run=run, page=page, place=place, payload=payload)
        except OperationalError as error:
            if not tries_left or not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return


def _position(run: Run, leg: Leg) -> Position | None:
    if leg.window:
        found: Position | None = run.params.get("positions", {}).get(leg.name)
        return found
    cursor = Cursor.objects.filter(source_id=run.source_id, stream=leg.place.stream).first()
    return cursor.position if cursor else None


def _leg_done(run: Run, leg: Leg) -> None:
    run.refresh_from_db(fields=["params"])
    run.params.setdefault("done", []).append(leg.name)
    Run.objects.filter(pk=run.pk).update(params=run.params)


def _finish(run: Run, status: Run.Status | None) -> None:
    """Close the run; without a status it went well, and how well its counts say."""
    run.refresh_from_db()
    if status is None:
        status = Run.Status.DONE
        if run.rows_parked:
            status = Run.Status.PARTLY
        elif not run.rows_landed:
            status = Run.Status.UNCHANGED
        Source.objects.filter(pk=run.source_id).update(last_good_at=Now(), paused_until=None)
        Source.objects.filter(pk=run.source_id).exclude(state=Source.State.PAUSED).update(
            state=Source.State.CONNECTED, state_reason=""
        )
    Run.objects.filter(pk=run.pk).update(status=status, finished_at=Now(), error="")


def _stand_still(run: Run) -> None:
    """A person stopped the run, or only paused it: then it goes on from here later."""
    run.refresh_from_db(fields=["status"])
    if run.status != Run.Status.PAUSED:
        _finish(run, Run.Status.STOPPED)


def _wait_until_allowed(run: Run, error: QuotaError) -> None:
    Source.objects.filter(pk=run.source_id).update(
        paused_until=error.until, state_reason=str(error)[:400]
    )
    Run.objects.filter(pk=run.pk).update(status=Run.Status.WAITING)
    run.refresh_from_db()
    queue(run, delay_s=max(1, (error.until - timezone.now()).total_seconds()))


def _try_again(run: Run, error: Exception) -> None:
    """Ask again, later each time; after the last try the run has failed."""
    log.warning("Run %s failed: %s", run.pk, error, exc_info=not isinstance(error, TemporaryError))
    run.refresh_from_db()
    tries = run.params["tries"] = run.params.get("tries", 0) + 1
    message = str(error) or type(error).__name__
    if tries >= MAX_TRIES:
        _fail(run, message, needs_person=False)
        return
    run.status, run.error = Run.Status.WAITING, message[:2000]
    run.save(update_fields=["status", "error", "params"])
    queue(run, delay_s=min(2**tries, 300))


@transaction.atomic
def _fail(run: Run, message: str, *, needs_person: bool, sign_in: bool = False) -> None:
    """Close the run as failed; a source that needs a person is not asked again on its own."""
    source = Source.objects.select_for_update().get(pk=run.source_id)
    was_failing = source.state in {Source.State.FAILING, Source.State.SIGN_IN}
    if source.state != Source.State.PAUSED:
        source.state = Source.State.SIGN_IN if sign_in else Source.State.FAILING
    source.state_reason = message[:400]
    if needs_person:
        source.next_pull_at = None
    source.save(update_fields=["state", "state_reason", "next_pull_at"])
    Run.objects.filter(pk=run.pk).update(
        status=Run.Status.FAILED, finished_at=Now(), error=message[:2000]
    )
    if not was_failing:
        notify(
            people_to_tell(source),
            title=f"{source} could not be read",
            body=message,
            url=f"/connectors/{source.pk}/",
            group=Notification.Group.ACTION,
        )
