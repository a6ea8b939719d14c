"""Does what is here agree with its source? The source is read again and compared row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Notification
from accounts.records import Viewer
from accounts.services import notify, record
from connectors.base import Page, Pulls, QuotaError, SettingsError, TemporaryError, Window
from connectors.models import ParkedRow, Run, Source
from connectors.ours import COMPARED, Told, ours, told_by
from connectors.registry import connector_of
from core.errors import Refused
from core.models import Job
from core.outbox import enqueue
from core.periods import local_day

KIND = "compare_source"
TASK = "connectors.tasks.compare_source"
MOST_DAYS = 92
EXAMPLES = 3
CENT = Decimal("0.01")


@dataclass
class Agreement:
    """One stream compared: rows and amounts of the source, what of them is here, and why not."""

    stream: str
    theirs: int = 0
    here: int = 0
    repeated: int = 0
    unreadable: int = 0
    amount_theirs: Decimal = Decimal(0)
    amount_here: Decimal = Decimal(0)
    converted: int = 0
    differing: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, told: Told, found: dict[str, tuple[Decimal, bool]], seen: set[int]) -> None:
        """Compare some rows of the source with ours by their keys."""
        for key, amount in zip(told.keys, told.amounts, strict=True):
            if hash(key) in seen:
                self.repeated += 1
                continue
            seen.add(hash(key))
            self.theirs += 1
            self.amount_theirs += amount or 0
            if key not in found:
                self._example(key)
                continue
            self.here += 1
            self._compare(key, amount, found[key])

    def _compare(self, key: str, amount: Decimal | None, mine: tuple[Decimal, bool]) -> None:
        if amount is None:
            return
        value, is_converted = mine
        self.amount_here += value
        if is_converted:
            self.converted += 1
        elif abs(value - amount) >= CENT:
            self.differing += 1
            self._example(key)

    def _example(self, key: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append(key)


def can_compare(source: Source) -> bool:
    """Whether the source can be asked again: it is pulled, or its last file is known."""
    return bool(source.every_s) or last_file(source) is not None


def last_file(source: Source) -> Run | None:
    """The newest run that took in a file."""
    runs = Run.objects.filter(source=source, kind=Run.Kind.FILE, rows_read__gt=0)
    return runs.order_by("-pk").first()


def default_window(source: Source) -> tuple[date, date]:
    """The last 30 whole days of the store."""
    today = local_day(timezone.now(), source.store.zone)
    return today - timedelta(days=30), today - timedelta(days=1)


def latest_comparison(source: Source) -> Job | None:
    """The newest comparison of the source, under way or over."""
    found = Job.objects.filter(kind=KIND, store_id=source.store_id, params__source=source.pk)
    return found.order_by("-pk").first()


@transaction.atomic
def start_comparison(*, viewer: Viewer, source: Source, start: date, end: date) -> Job:
    """Have a worker compare the source with what is here; raises Refused for odd days."""
    if end < start:
        raise Refused(_("The period ends before it starts."))
    if (end - start).days >= MOST_DAYS:
        raise Refused(_("Compare at most %(n)s days at once.") % {"n": MOST_DAYS})
    if not can_compare(source):
        raise Refused(_("This source has nothing to compare with yet."))
    last = latest_comparison(source)
    if last is not None and not last.is_over:
        return last
    job = Job.objects.create(
        store_id=source.store_id, user_id=viewer.user_id, kind=KIND,
        title=_("Comparing %(source)s with its source") % {"source": source.label},
        params={"source": source.pk, "start": start.isoformat(), "end": end.isoformat()},
    )  # fmt: skip
    record(viewer, "compared source", source)
    enqueue(TASK, unique_key=f"compare {job.pk}", job_pk=job.pk)
    return job


def run_comparison(job_pk: int) -> None:
    """Compare, and note the outcome; done twice it does no harm."""
    job = Job.objects.get(pk=job_pk)
    if job.is_over:
        return
    Job.objects.filter(pk=job_pk).update(status=Job.Status.RUNNING, started_at=Now())
    source = Source.objects.select_related("store", "origin").get(pk=job.params["source"])
    try:
        job.result = compared(job, source)
        job.status = Job.Status.DONE
    except (Refused, SettingsError, TemporaryError, QuotaError, OSError) as error:
        job.status, job.message = Job.Status.FAILED, str(error)
    job.finished_at = timezone.now()
    job.save(update_fields=["result", "status", "message", "finished_at"])
    notify(
        [job.user_id] if job.user_id else [], title=_("The comparison is done"),
        body=source.label, url=f"/connectors/{source.pk}/#agreement",
        group=Notification.Group.DONE,
    )  # fmt: skip


def compared(job: Job, source: Source) -> dict[str, Any]:
    """Reads the source again and compares each row; nothing is written."""
    found: dict[str, Agreement] = {}
    seen: dict[str, set[int]] = {}
    done = 0
    run = None if source.every_s else last_file(source)
    for page in pages_again(source, run, job):
        for row in page.parked:
            stream = found.setdefault(row.stream, Agreement(row.stream))
            stream.theirs += 1
            stream.unreadable += 1
        for batch in (each for each in page.batches if each.stream in COMPARED):
            told = told_by(batch)
            here = ours(source, batch.stream, told.keys)
            stream = found.setdefault(batch.stream, Agreement(batch.stream))
            stream.add(told, here, seen.setdefault(batch.stream, set()))
            done += len(told.keys)
        Job.objects.filter(pk=job.pk).update(rows_done=done)
    rows = ParkedRow.objects.filter(source=source, **({"run": run} if run else {}))
    parked = rows.values_list("stream", "status")
    return {
        "streams": [plain(found[name]) for name in COMPARED if name in found],
        "parked": [[*row] for row in parked.annotate(n=Count("pk")).order_by("stream", "status")],
    }


def pages_again(source: Source, run: Run | None, job: Job) -> Iterator[Page]:
    """The pages of the compared days, or of the last file."""
    connector = connector_of(source, run)
    if not isinstance(connector, Pulls):
        raise Refused(_("This source cannot be asked again."))
    days = (date.fromisoformat(job.params[name]) for name in ("start", "end"))
    window = None if run else Window(*days)
    streams: Sequence[str | None] = connector.streams if connector.is_per_stream else [None]
    for stream in streams:
        yield from cast(Pulls, connector).pull(stream, None, window)


def plain(agreement: Agreement) -> dict[str, Any]:
    """The agreement as JSON-able data; amounts as text."""
    return {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(agreement).items()}
