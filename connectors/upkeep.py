"""What a source's page tells besides its runs: reading again, failures, what depends on it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from connectors.base import Pulls
from connectors.models import OPEN, Run, Source
from connectors.registry import CONNECTORS
from connectors.sync import slices

FAILED_FOR = timedelta(days=30)
MOST_SEEN = 50
USED_BY: dict[str, tuple[StrOrPromise, str]] = {
    "orders": (gettext_lazy("Orders, sales and customers"), "sales:order-list"),
    "products": (gettext_lazy("Products, prices and margins"), "listings:product-list"),
    "levels": (gettext_lazy("Stock and days of cover"), "listings:product-list"),
    "customers": (gettext_lazy("Customers"), "customers:customer-list"),
    "sessions": (gettext_lazy("Sessions and conversion"), "analytics:kpis"),
    "events": (gettext_lazy("Funnel and bounce rate"), "analytics:kpis"),
    "refunds": (gettext_lazy("Refunds and net sales"), "analytics:kpis"),
    "ad_spend": (gettext_lazy("Ad spend and its return"), "analytics:kpis"),
    "catalogue_requests": (gettext_lazy("Catalogue requests"), "analytics:kpis"),
}


@dataclass(frozen=True)
class Estimate:
    """What reading some days again will take: about how many rows, seconds and steps."""

    start: date
    end: date
    rows: int
    seconds: int
    steps: int

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Failure:
    """Runs that failed with the same words: how often, when last, and what to do."""

    error: str
    count: int
    last: datetime
    remedy: str


def can_backfill(source: Source) -> bool:
    """Whether days can be asked for: files are always read whole."""
    kind = CONNECTORS.get(source.connector)
    return bool(source.every_s) and kind is not None and issubclass(kind, Pulls)


def estimate(source: Source, start: date, end: date) -> Estimate:
    """Rows and time by what its runs of the past brought a day; nothing known is none."""
    runs = Run.objects.filter(source=source, finished_at__isnull=False, started_at__isnull=False)
    first = runs.exclude(kind=Run.Kind.BACKFILL).aggregate(
        rows=Sum("rows_read"), begun=Min("started_at")
    )
    covered = max(days_covered(source, first["begun"]), 1)
    rows = round((first["rows"] or 0) / covered * ((end - start).days + 1))
    large = runs.filter(rows_read__gte=1000).order_by("-rows_read").first()
    speed = large.rows_read / max(large.seconds or 1, 1) if large else 5000
    return Estimate(start, end, rows, round(rows / speed) + 1, len(slices(start, end)))


def days_covered(source: Source, begun: datetime | None) -> int:
    """How many days the source has told of: its history's length, or since its first run."""
    history = int(source.config.get("days", 0))
    since = (timezone.now() - begun).days if begun else 0
    return history + since


def open_runs(source: Source) -> list[Run]:
    """The runs that wait, are under way or paused, the oldest first."""
    return list(Run.objects.filter(source=source, status__in=OPEN).order_by("pk"))


def failures_of(source: Source) -> list[Failure]:
    """Why runs failed in the last 30 days, the newest first."""
    runs = Run.objects.filter(
        source=source, status=Run.Status.FAILED, finished_at__gte=Now() - FAILED_FOR
    )
    groups = runs.values("error").annotate(n=Count("pk"), last=Max("finished_at"))
    return [
        Failure(group["error"] or _("Unknown"), group["n"], group["last"], remedy_for(source))
        for group in groups.order_by("-last")[:10]
    ]


def remedy_for(source: Source) -> str:
    if source.state == Source.State.SIGN_IN:
        return _("Sign in at the source again, then pull.")
    if source.state == Source.State.FAILING:
        return _("Put right what the message names, then pull again. What landed before stays.")
    return _("It has been read since; nothing to do.")


def depends_on(source: Source) -> list[tuple[StrOrPromise, str]]:
    """Which pages would lack figures without the source, by what it brought lately."""
    brought: dict[str, int] = {}
    recent = Run.objects.filter(Q(source=source) & ~Q(counts={})).order_by("-rows_read")
    for counts in recent.values_list("counts", flat=True)[:MOST_SEEN]:
        for stream, mine in counts.items():
            brought[stream] = brought.get(stream, 0) + mine.get("read", 0)
    return [USED_BY[stream] for stream in USED_BY if brought.get(stream)]


def time_left(run: Run) -> str:
    """How long the rest will take at the speed so far, in words; empty when nobody can tell."""
    if not (run.started_at and run.rows_total and run.rows_read):
        return ""
    passed = timezone.now() - run.started_at
    rest = passed * max(run.rows_total - run.rows_read, 0) / run.rows_read
    minutes = max(round(rest / timedelta(minutes=1)), 0)
    if not minutes:
        return _("less than a minute left")
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}


def share_done(run: Run) -> float:
    """How much of the run is done, 0–1; by its steps when rows are only estimated."""
    if run.kind == Run.Kind.BACKFILL and run.params.get("start"):
        steps = len(slices(*(date.fromisoformat(run.params[k]) for k in ("start", "end"))))
        whole = len(run.params.get("done", [])) / max(steps, 1)
        rows = run.rows_read / run.rows_total if run.rows_total else 0
        return min(max(whole, rows), 1)
    return min(run.rows_read / run.rows_total, 1) if run.rows_total else 0
