"""Reads about sources: which there are, how they fare, what they could not give."""

from datetime import timedelta

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Now

from accounts.records import Viewer
from connectors.models import Drift, ParkedRow, Run, Source
from stores.models import ROLE_PERMISSIONS, Membership, Permission

LATE_AFTER = 3
"""Intervals without a good pull after which a source is late."""

ACTIVE = (Run.Status.WAITING, Run.Status.RUNNING)


def sources_for(viewer: Viewer) -> QuerySet[Source]:
    """The sources that the viewer may see, by store; `rows_today` landed in 24 hours."""
    found = Source.objects.select_related("store", "origin").order_by("store__name", "label", "pk")
    if not viewer.system:
        found = found.filter(store_id__in=viewer.stores_with(Permission.SEE_CONNECTORS))
    lately = Q(runs__created_at__gte=Now() - timedelta(hours=24))
    return found.annotate(rows_today=Coalesce(Sum("runs__rows_landed", filter=lately), 0))


def overdue() -> Q:
    """Sources that the clock should have pulled by now, whether or not anybody has noticed yet."""
    limit = ExpressionWrapper(
        F("every_s") * LATE_AFTER * Value(timedelta(seconds=1)), output_field=DurationField()
    )
    return Q(every_s__gt=0, last_good_at__lt=Now() - limit)


def runs_for(viewer: Viewer) -> QuerySet[Run]:
    """The runs that the viewer may see, newest first."""
    found = Run.objects.select_related("source", "user").order_by("-created_at", "-pk")
    if viewer.system:
        return found
    return found.filter(store_id__in=viewer.stores_with(Permission.SEE_CONNECTORS))


def runs_of(source: Source) -> QuerySet[Run]:
    """A source's runs, newest first."""
    return Run.objects.filter(source=source).select_related("user").order_by("-created_at", "-pk")


def active_run(source: Source) -> Run | None:
    """The run that is waiting or under way."""
    return Run.objects.filter(source=source, status__in=ACTIVE).order_by("pk").first()


def parked_of(source: Source) -> QuerySet[ParkedRow]:
    """The rows that wait for a person or for another row, newest first."""
    open_ones = (ParkedRow.Status.PARKED, ParkedRow.Status.WAITING)
    return ParkedRow.objects.filter(source=source, status__in=open_ones).order_by("-pk")


def parked_counts(source_ids: list[int]) -> dict[int, int]:
    """How many rows each source has parked."""
    found = ParkedRow.objects.filter(source_id__in=source_ids, status=ParkedRow.Status.PARKED)
    return dict(found.values_list("source_id").annotate(n=Count("pk")))


def drifts_of(source: Source) -> QuerySet[Drift]:
    """Changes of the source's shape that nobody has acknowledged, newest first."""
    return Drift.objects.filter(source=source, acknowledged_at=None).order_by("-seen_at", "-pk")


def people_to_tell(source: Source) -> list[int]:
    """The people who can put the source right."""
    roles = [
        role for role, held in ROLE_PERMISSIONS.items() if Permission.MANAGE_CONNECTORS in held
    ]
    found = Membership.objects.filter(store_id=source.store_id, role__in=roles)
    return list(found.order_by("user_id").values_list("user_id", flat=True))
