"""What waits, what was refreshed when, and what is not built yet."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from metrics.declare import facts
from metrics.derived import derived
from metrics.models import Mark, Version
from metrics.tables import built_tables, declared


@dataclass(frozen=True)
class FactStatus:
    """One fact over all stores: marks and days that wait, the oldest of them, last refresh."""

    name: str
    marks: int
    days: int
    oldest_mark: datetime | None
    refreshed_at: datetime | None


def fact_statuses() -> list[FactStatus]:
    """A line for each fact and derived table."""
    waiting = {
        row["fact"]: row
        for row in Mark.objects.values("fact").annotate(
            marks=Count("pk"), days=Count("day", distinct=True), oldest=Min("marked_at")
        )
    }
    refreshed = dict(Version.objects.values_list("fact").annotate(at=Max("refreshed_at")))
    nothing = {"marks": 0, "days": 0, "oldest": None}
    return [
        FactStatus(name, row["marks"], row["days"], row["oldest"], refreshed.get(name))
        for name in {**facts, **derived}
        for row in [waiting.get(name, nothing)]
    ]


def unbuilt_tables() -> list[str]:
    """Declared tables that do not hold what is declared now; questions read facts instead."""
    return sorted(declared().keys() - built_tables())
