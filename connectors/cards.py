"""What the connector pages show of each source: its state in words, its freshness, its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.records import Viewer
from connectors.models import ParkedRow, Run, Source
from connectors.queries import overdue, parked_counts
from connectors.registry import CONNECTORS
from stores.models import Permission

STATE_WORDS: dict[str, tuple[str, StrOrPromise]] = {
    Source.State.CONNECTED: ("ok", _("Connected")),
    Source.State.LATE: ("warn", _("Late")),
    Source.State.FAILING: ("bad", _("Failing")),
    Source.State.PAUSED: ("", _("Paused")),
    Source.State.SIGN_IN: ("bad", _("Needs sign-in")),
}
ORDER_OF_WORRY = [
    Source.State.FAILING,
    Source.State.SIGN_IN,
    Source.State.LATE,
    Source.State.PAUSED,
    Source.State.CONNECTED,
]
RUN_TONES = {
    Run.Status.DONE: "ok",
    Run.Status.PARTLY: "warn",
    Run.Status.FAILED: "bad",
    Run.Status.RUNNING: "acc",
}


@dataclass(frozen=True)
class SourceCard:
    """One source as its card shows it. `rows_24h` are rows that landed in the last 24 hours."""

    source: Source
    kind: str
    tone: str
    state: StrOrPromise
    rows_24h: int
    parked: int
    running: Run | None

    @property
    def is_due(self) -> bool:
        """Whether the next pull only waits for a worker."""
        return self.source.next_pull_at is not None and self.source.next_pull_at <= timezone.now()


def sources_seen(viewer: Viewer, store_ids: Sequence[int]) -> QuerySet[Source]:
    """The sources that the viewer may see, by store and label."""
    seen = set(store_ids) & set(viewer.stores_with(Permission.SEE_CONNECTORS))
    found = Source.objects.filter(store_id__in=seen).select_related("store", "origin")
    return found.order_by("store__name", "label", "pk")


def cards_of(sources: QuerySet[Source]) -> list[SourceCard]:
    """One card for each source, the most worrying first; three questions for all of them."""
    found = list(sources)
    ids = [source.pk for source in found]
    recent = Run.objects.filter(source__in=ids, finished_at__gte=Now() - timedelta(days=1))
    landed = dict(recent.values_list("source").annotate(n=Sum("rows_landed")))
    parked = parked_counts(ids)
    running = {
        run.source_id: run for run in Run.objects.filter(source__in=ids, status=Run.Status.RUNNING)
    }
    cards = [
        SourceCard(
            source=source,
            kind=CONNECTORS[source.connector].label
            if source.connector in CONNECTORS
            else source.connector,
            tone=STATE_WORDS[source.state][0],
            state=STATE_WORDS[source.state][1],
            rows_24h=landed.get(source.pk) or 0,
            parked=parked.get(source.pk, 0),
            running=running.get(source.pk),
        )
        for source in found
    ]
    return sorted(cards, key=lambda card: ORDER_OF_WORRY.index(Source.State(card.source.state)))


@dataclass(frozen=True)
class Freshness:
    """How fresh the data of some stores is: the oldest good sync, and how many sources worry."""

    as_of: datetime | None
    count: int
    late: int

    @property
    def tone(self) -> str:
        if self.as_of is None:
            return "off"
        return "warn" if self.late else "ok"


def freshness_of(sources: QuerySet[Source]) -> Freshness:
    """Freshness of the sources that are pulled by the clock; files are as fresh as their upload.

    Lateness is told from the clock here, so it shows even while no worker is there to notice.
    """
    worried = Q(state__in=[Source.State.LATE, Source.State.FAILING, Source.State.SIGN_IN])
    worried |= overdue() & Q(state=Source.State.CONNECTED)
    sums = sources.order_by().aggregate(
        clocked=Min("last_good_at", filter=Q(every_s__isnull=False)),
        newest=Max("last_good_at"),
        count=Count("pk"),
        late=Count("pk", filter=worried),
    )
    return Freshness(sums["clocked"] or sums["newest"], sums["count"], sums["late"])


@dataclass(frozen=True)
class Cause:
    """Parked rows of one source that share a reason, with what to do."""

    stream: str
    column: str
    reason: str
    remedy: str
    count: int
    example: str


def causes_of(source: Source, *, with_values: bool = True) -> list[Cause]:
    """Why rows are parked, most frequent first; an example only for who may see what rows hold."""
    rows = ParkedRow.objects.filter(source=source, status=ParkedRow.Status.PARKED)
    groups = rows.values("stream", "column", "reason", "remedy")
    counted = groups.annotate(n=Count("pk"), example=Min("value")).order_by("-n", "reason")[:20]
    return [
        Cause(
            g["stream"], g["column"], g["reason"], g["remedy"], g["n"], g["example"] * with_values
        )
        for g in counted
    ]
