"""Writes about sources: connecting, starting, pausing, and what becomes of parked rows."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.records import SYSTEM, Viewer
from accounts.services import record
from connectors.landing import Tally, apply_parked, land_batches
from connectors.models import OPEN, Cursor, Drift, ParkedRow, Run, Source
from connectors.parking import is_record
from connectors.queries import active_run, overdue
from connectors.registry import CONNECTORS
from connectors.replaying import runs_with_payloads
from connectors.sync import TASK, queue
from core.errors import Refused
from core.models import Outbox
from sales.services.customers import settle_customers
from stores.models import Store
from stores.services import origin_of


@dataclass(frozen=True)
class SourceSettings:
    """What a source is connected with; sources of one `origin` tell of the same outside account."""

    connector: str
    label: str
    origin: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    every_s: int | None = None


@transaction.atomic
def connect_source(*, viewer: Viewer, store: Store, settings: SourceSettings) -> Source:
    """Connect an outside account or folder to the store.

    Raises Refused for an unknown kind, or when one of that name is connected already.
    """
    if settings.connector not in CONNECTORS:
        raise Refused(f"There is no connector “{settings.connector}”.")
    origin = origin_of(store, settings.origin or settings.connector, settings.label)
    named = Source.objects.filter(origin=origin, connector=settings.connector)
    if named.filter(label=settings.label).exists():
        raise Refused(f"“{settings.label}” is connected already.")
    source = Source.objects.create(
        store=store, origin=origin, connector=settings.connector, label=settings.label,
        config=settings.config, every_s=settings.every_s,
    )  # fmt: skip
    if settings.every_s:
        Source.objects.filter(pk=source.pk).update(next_pull_at=Now())
    record(viewer, "connected source", source)
    return source


@transaction.atomic
def start_run(
    *, viewer: Viewer, source: Source, kind: Run.Kind = Run.Kind.PULL,
    params: dict[str, Any] | None = None,
) -> Run:  # fmt: skip
    """Queue a pull of the source; the run that is under way already is returned instead.

    Raises Refused while the source is paused.
    """
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.state == Source.State.PAUSED:
        raise Refused(f"{source} is paused; resume it first.")
    under_way = active_run(source)
    if under_way and under_way.kind == kind and not params:
        return under_way
    run = Run.objects.create(
        source=source, store_id=source.store_id, user_id=viewer.user_id, kind=kind,
        params=dict(params or {}),
    )  # fmt: skip
    queue(run)
    if not viewer.system:
        record(viewer, "started run", run)
    return run


@transaction.atomic
def backfill(*, viewer: Viewer, source: Source, start: date, end: date, expected: int = 0) -> Run:
    """Read the days from start to end again, month by month, newest first.

    `expected` is about how many rows that will be, if anybody knows.

    Raises Refused for a period that ends before it starts, or while another backfill runs.
    """
    if end < start:
        raise Refused("The period ends before it starts.")
    others = Run.objects.filter(source=source, kind=Run.Kind.BACKFILL)
    if others.filter(status__in=OPEN).exists():
        raise Refused(f"{source} is being read again already.")
    days = {"start": start.isoformat(), "end": end.isoformat()}
    run = start_run(viewer=viewer, source=source, kind=Run.Kind.BACKFILL, params=days)
    Run.objects.filter(pk=run.pk).update(rows_total=expected or None)
    return run


@transaction.atomic
def pause_run(*, viewer: Viewer, run: Run) -> Run:
    """Let a run stand still between two pages until it is resumed; what has landed stays.

    Raises Refused when it is over or stands still already.
    """
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status not in {Run.Status.WAITING, Run.Status.RUNNING}:
        raise Refused(f"This run cannot be paused: {run.get_status_display().lower()}.")
    Run.objects.filter(pk=run.pk).update(status=Run.Status.PAUSED)
    record(viewer, "paused run", run)
    run.refresh_from_db()
    return run


@transaction.atomic
def resume_run(*, viewer: Viewer, run: Run) -> Run:
    """Go on with a paused run from the page after its last. Raises Refused when it is not paused.

    A source that is paused itself has to be resumed first.
    """
    run = Run.objects.select_for_update().select_related("source").get(pk=run.pk)
    if run.status != Run.Status.PAUSED:
        raise Refused(f"This run is not paused: {run.get_status_display().lower()}.")
    if run.source.state == Source.State.PAUSED:
        raise Refused(f"{run.source} is paused; resume it first.")
    run.status = Run.Status.WAITING
    run.save(update_fields=["status"])
    queue(run)
    record(viewer, "resumed run", run)
    return run


@transaction.atomic
def stop_run(*, viewer: Viewer, run: Run) -> Run:
    """Stop a run between two pages; what has landed stays. Raises Refused when it is over."""
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.is_over:
        raise Refused(f"This run is over: {run.get_status_display().lower()}.")
    _stop(run)
    record(viewer, "stopped run", run)
    run.refresh_from_db()
    return run


@transaction.atomic
def pause(*, viewer: Viewer, source: Source) -> Source:
    """Ask the source for nothing until it is resumed; a run under way stops after its page."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.state == Source.State.PAUSED:
        raise Refused(f"{source} is paused already.")
    source.state, source.state_reason = Source.State.PAUSED, ""
    source.version += 1
    source.save(update_fields=["state", "state_reason", "version"])
    for run in Run.objects.filter(
        source=source, status__in=[Run.Status.WAITING, Run.Status.RUNNING]
    ):
        _stop(run)
    record(viewer, "paused source", source)
    return source


@transaction.atomic
def resume(*, viewer: Viewer, source: Source) -> Source:
    """Ask the source again, at once and then by its schedule."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    Source.objects.filter(pk=source.pk).update(
        state=Source.State.CONNECTED, state_reason="", paused_until=None, version=F("version") + 1,
        next_pull_at=Now() if source.every_s else None,
    )  # fmt: skip
    source.refresh_from_db()
    record(viewer, "resumed source", source)
    start_run(viewer=viewer, source=source)
    return source


@transaction.atomic
def drop_parked(*, viewer: Viewer, row: ParkedRow) -> None:
    """Give a parked row up; the same row is not parked again."""
    row = ParkedRow.objects.select_for_update().get(pk=row.pk)
    if row.status in {ParkedRow.Status.APPLIED, ParkedRow.Status.DROPPED}:
        raise Refused(f"This row is {row.get_status_display().lower()} already.")
    row.status = ParkedRow.Status.DROPPED
    row.save(update_fields=["status"])
    record(viewer, "dropped parked row", row)


@transaction.atomic
def retry_parked(*, viewer: Viewer, row: ParkedRow) -> ParkedRow:
    """Try to take a parked row in again.

    Raises Refused when it could not even be read: then its source has to send it right.
    """
    row = ParkedRow.objects.select_for_update().get(pk=row.pk)
    if row.status in {ParkedRow.Status.APPLIED, ParkedRow.Status.DROPPED}:
        raise Refused(f"This row is {row.get_status_display().lower()} already.")
    if not is_record(row):
        raise Refused("This row could not be read. Correct it in its source and pull again.")
    tally = Tally()
    apply_parked(row.source, row.stream, [row], tally)
    ParkedRow.objects.filter(pk__in=tally.applied).update(status=ParkedRow.Status.APPLIED)
    if tally.customers:
        settle_customers(row.store_id, sorted(tally.customers))
    land_batches(row.source, [], tally)
    record(viewer, "tried parked row again", row)
    row.refresh_from_db()
    return row


@transaction.atomic
def acknowledge_drift(*, viewer: Viewer, drift: Drift) -> None:
    """Note that somebody has seen how the source's shape changed."""
    Drift.objects.filter(pk=drift.pk, acknowledged_at=None).update(acknowledged_at=Now())
    record(viewer, "acknowledged change of shape", drift, store_id=drift.source.store_id)


@transaction.atomic
def read_from_the_start(*, viewer: Viewer, source: Source) -> Run:
    """Forget how far the source was read and read all of it again; known rows change nothing."""
    Cursor.objects.filter(source=source).delete()
    record(viewer, "forgot cursors", source)
    return start_run(viewer=viewer, source=source)


def replay(*, viewer: Viewer, source: Source, run: Run | None = None) -> Run:
    """Read and land again what the source sent, oldest first; of one run only, when it is named.

    Rows that are right already do not change. Raises Refused when nothing is kept.
    """
    if not runs_with_payloads(source, run).exists():
        of = f"run {run.pk}" if run else str(source)
        raise Refused(f"Nothing that {of} sent is kept.")
    params = {"of": run.pk} if run else {}
    return start_run(viewer=viewer, source=source, kind=Run.Kind.REPLAY, params=params)


def pull_due() -> int:
    """Queue a run for every source whose time has come; returns how many were queued."""
    due = Q(next_pull_at__lte=Now()) & (Q(paused_until=None) | Q(paused_until__lte=Now()))
    queued = 0
    for pk in Source.objects.filter(due).values_list("pk", flat=True):
        with transaction.atomic():
            found = Source.objects.select_for_update(skip_locked=True).filter(due, pk=pk)
            source = found.exclude(state=Source.State.PAUSED).first()
            if source is None or not source.every_s:
                continue
            start_run(viewer=SYSTEM, source=source)
            Source.objects.filter(pk=pk).update(
                next_pull_at=Now() + timedelta(seconds=source.every_s)
            )
            queued += 1
    rescue_runs()
    mark_late()
    return queued


def rescue_runs() -> int:
    """Queue runs that nobody is going to go on with: their outbox row was lost or given up."""
    rescued = 0
    for run in Run.objects.filter(status__in=[Run.Status.WAITING, Run.Status.RUNNING]):
        promised = Outbox.objects.filter(
            task=TASK, done_at=None, parked=False, kwargs__run_pk=run.pk
        )
        if not promised.exists():
            with transaction.atomic():
                queue(run)
            rescued += 1
    return rescued


def mark_late() -> None:
    """Say of sources that should have been read by now that they are late."""
    Source.objects.filter(overdue(), state=Source.State.CONNECTED).update(
        state=Source.State.LATE, state_reason="No good pull for a while."
    )


def _stop(run: Run) -> None:
    # A worker sees this before its next page; one that is between pages takes nothing more.
    Run.objects.filter(pk=run.pk).update(status=Run.Status.STOPPED, finished_at=Now())
