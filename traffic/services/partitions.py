"""Month tables of events and sessions: made ahead, counted, and dropped when events grow old."""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

from collections.abc import Iterable
from datetime import date

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from metrics.models import Mark
from traffic.models import DroppedMonth

PARENTS = ("traffic_event", "traffic_session")
MONTHS_AHEAD = 3
SESSIONS = "sessions"


@transaction.atomic
def make_partitions(months: Iterable[date]) -> list[str]:
    """Make the tables of the months in which these days lie; returns the new ones' names.

    Rows that had fallen into the default table move over. Cheap when nothing is missing. A month
    whose events were dropped keeps its sessions' table and gets no events' table again.
    """
    wanted = sorted({day.replace(day=1) for day in months})
    missing = missing_partitions(wanted)
    if not missing:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('traffic.partitions'))")
    made = missing_partitions(wanted)
    for parent, month in made:
        make_partition(parent, month)
    return [partition_name(parent, month) for parent, month in made]


def make_partitions_ahead() -> list[str]:
    """This month's and the coming months' tables, a day early for stores east of here."""
    today = timezone.now().date()
    return make_partitions(today + relativedelta(months=n) for n in range(-1, MONTHS_AHEAD + 1))


def partition_name(parent: str, month: date) -> str:
    return f"{parent}_{month:%Y_%m}"


def missing_partitions(months: Iterable[date]) -> list[tuple[str, date]]:
    dropped = set(DroppedMonth.objects.values_list("month", flat=True))
    there = set(partitions())
    return [
        (parent, month)
        for parent in PARENTS
        for month in months
        if partition_name(parent, month) not in there
        and not (parent == "traffic_event" and month in dropped)
    ]


def partitions() -> list[str]:
    """Names of all month tables that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = ANY(%s::regclass[]) AND inhrelid::regclass::text !~ '_default$'",
            [list(PARENTS)],
        )
        return [row[0] for row in cursor]


def make_partition(parent: str, month: date) -> None:
    """Attached, not created in place: readers and writers of the other months go on."""
    name = partition_name(parent, month)
    bounds = [month, month + relativedelta(months=1)]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {parent}_default WHERE day >= %s AND day < %s RETURNING *)"
            f" INSERT INTO {name} SELECT * FROM moved",
            bounds,
        )
        cursor.execute(
            f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", bounds
        )


def dropped_months() -> list[date]:
    """Months whose events are gone, so that their sessions can no longer be worked out."""
    return list(DroppedMonth.objects.order_by("month").values_list("month", flat=True))


def default_rows() -> dict[str, int]:
    """Rows that fell into a default table because their month had none: should be 0."""
    found = {}
    with connection.cursor() as cursor:
        for parent in PARENTS:
            cursor.execute(f"SELECT count(*) FROM {parent}_default")
            found[parent] = cursor.fetchone()[0]
    return found


@transaction.atomic
def drop_events_before(day: date) -> list[date]:
    """Drop the raw events of all months that end before `day`; sessions and rollups stay.

    From then on these months' sessions are final. Returns the dropped months.
    """
    prefix = "traffic_event_"
    names = sorted(name for name in partitions() if name.startswith(prefix))
    dropped = []
    with connection.cursor() as cursor:
        for name in names:
            year, month = name.removeprefix(prefix).split("_")
            first = date(int(year), int(month), 1)
            if first + relativedelta(months=1) > day or waits(first):
                continue
            cursor.execute(f"SELECT count(*) FROM {name}")
            rows = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE traffic_event DETACH PARTITION {name}")
            cursor.execute(f"DROP TABLE {name}")
            DroppedMonth.objects.get_or_create(month=first, defaults={"rows": rows})
            dropped.append(first)
    return dropped


def waits(month: date) -> bool:
    """Whether sessions of the month are still to be derived from its events."""
    days = (month, month + relativedelta(months=1, days=-1))
    return Mark.objects.filter(fact=SESSIONS, day__range=days).exists()


def drop_events_past_retention() -> list[date]:
    """Drop what is older than EVENT_RETENTION_MONTHS; 0 keeps everything."""
    kept: int = settings.EVENT_RETENTION_MONTHS
    if not kept:
        return []
    return drop_events_before(timezone.now().date() - relativedelta(months=kept))
