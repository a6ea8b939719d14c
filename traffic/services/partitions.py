"""Month partitions of events and sessions, made before rows need them."""

from collections.abc import Iterable
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction

TABLES = ("traffic_event", "traffic_session")
MONTHS_AHEAD = 3


def make_partitions(days: Iterable[date]) -> list[str]:
    """Make the month partitions that hold these days; returns the names of new ones.

    A partition is made aside and then attached, which lets readers of other months go on.
    """
    months = sorted({day.replace(day=1) for day in days})
    wanted = {f"{table}_{month:%Y_%m}": (table, month) for table in TABLES for month in months}
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        missing = _missing(list(wanted))
        if not missing:
            return []
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('traffic partitions'))")
        for name in _missing(missing):
            table, month = wanted[name]
            end = month + relativedelta(months=1)
            cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)")
            cursor.execute(
                f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)",
                [month, end],
            )
            made.append(name)
    return made


def make_partitions_ahead(today: date) -> list[str]:
    """Make the partitions of this month, the one before and the next three."""
    first = today.replace(day=1) - timedelta(1)
    return make_partitions(first + relativedelta(months=n) for n in range(MONTHS_AHEAD + 2))


def _missing(names: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [names])
        found = {row[0] for row in cursor.fetchall()}
    return sorted(name for name in names if name not in found)
