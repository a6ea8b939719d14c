"""Queue a task inside the transaction that wants it; run each row once, under a short lease."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from core.models import Outbox

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 8


def enqueue(task: str, *, unique_key: str = "", delay_s: float = 0, **kwargs: object) -> None:
    """Queue a task, named by dotted path, once the current transaction commits.

    The outbox row commits or rolls back with the caller's change; the broker only gets a hint.
    A `unique_key` that is already waiting queues nothing more. Arguments are keys and dates.
    """
    row = {"task": task, "kwargs": kwargs, "unique_key": unique_key}
    due = Now() + timedelta(seconds=delay_s)
    created = Outbox.objects.bulk_create(
        [Outbox(**row, due_at=due)], ignore_conflicts=bool(unique_key)
    )
    if not delay_s:
        # Where conflicts are ignored the database names no key, neither of a new nor a waiting row.
        pk = _waiting_row(unique_key) if unique_key else created[0].pk
        transaction.on_commit(lambda: nudge(pk))


def _waiting_row(unique_key: str) -> int | None:
    waiting = Outbox.objects.filter(unique_key=unique_key, done_at=None, parked=False)
    return waiting.values_list("pk", flat=True).first()


def nudge(pk: int | None) -> None:
    """Tell a worker that a row (None is any row) waits; a broker that is down is not an error."""
    run = import_string("core.tasks.run_outbox")
    try:
        run.delay(pk=pk)
    except Exception:
        if settings.CELERY_TASK_ALWAYS_EAGER:
            raise
        log.warning("The broker did not take a hint; the sweeper will send row %s.", pk)


def claim(pk: int | None = None) -> Outbox | None:
    """Take one waiting row under a lease, or None. Safe with many workers."""
    waiting = Q(done_at=None, parked=False, due_at__lte=Now())
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    with transaction.atomic():
        rows = Outbox.objects.select_for_update(skip_locked=True).filter(waiting & free)
        row = (rows.filter(pk=pk) if pk else rows.order_by("due_at")).first()
        if row is None:
            return None
        Outbox.objects.filter(pk=row.pk).update(
            leased_until=Now() + LEASE, attempts=F("attempts") + 1
        )
        row.attempts += 1
        return row


@contextmanager
def leased(pk: int) -> Iterator[None]:
    """Keep renewing the row's lease from a thread of its own while the body runs."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            Outbox.objects.filter(pk=pk, done_at=None).update(leased_until=Now() + LEASE)
        connection.close()

    if settings.CELERY_TASK_ALWAYS_EAGER:
        yield
        return
    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(row: Outbox) -> None:
    """Run one claimed row; on failure it waits longer each time and is parked in the end."""
    task = import_string(row.task)
    try:
        with leased(row.pk):
            getattr(task, "run", task)(**row.kwargs)
    except Exception as error:
        wait = timedelta(seconds=min(2**row.attempts, 300))
        Outbox.objects.filter(pk=row.pk).update(
            leased_until=None,
            due_at=Now() + wait,
            error=f"{type(error).__name__}: {error}"[:2000],
            parked=row.attempts >= MAX_ATTEMPTS,
        )
        log.exception("Outbox row %s (%s) failed, attempt %s.", row.pk, row.task, row.attempts)
        if settings.CELERY_TASK_ALWAYS_EAGER:
            raise
        return
    Outbox.objects.filter(pk=row.pk).update(done_at=Now(), leased_until=None, error="")
