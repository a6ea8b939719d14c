"""What must be read to answer: one need is one fact over one range, grouped and filtered.

Needs are plain values: questions that need the same share it, and the cache knows it by its SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from metrics.declare import Fact, Kind, Measure, Part

Bucket = tuple[date, date]
Leaf = Measure | Part


class Way(StrEnum):
    """How a measure is read: added up, counted once each, or looked back upon from a day."""

    SUM = "sum"
    UNIQUE = "unique"
    ROLLING = "rolling"


@dataclass(frozen=True)
class Filter:
    """Keep (or leave out) rows whose column holds one of these stored ids."""

    column: str
    ids: tuple[int, ...]
    is_kept: bool = True


@dataclass(frozen=True)
class Column:
    """A column to group by; with `fold` its ids are first replaced, all others by 0."""

    name: str
    fold: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class Limit:
    """Keep only the `count` largest groups by a sum of measures, each added or taken away."""

    terms: tuple[tuple[str, Measure], ...]
    count: int

    def __str__(self) -> str:
        sums = (f"{sign}{measure.fact.name}.{measure}" for sign, measure in self.terms)
        return f"{self.count} largest by {' '.join(sums)}"


@dataclass(frozen=True)
class Need:
    """One thing to read. Rows of the result are (day or None, ids of the columns, values).

    `grain` says which days come back: none, every day, the first of each month, or (for what does
    not add up) the start of each of `buckets`. `measure` is set for what does not add up.
    """

    fact: Fact
    way: Way
    start: date
    end: date
    stores: tuple[int, ...]
    is_reporting: bool
    grain: str = ""
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    measure: Measure | None = None
    days: int = 0
    limit: Limit | None = None

    @property
    def dims(self) -> frozenset[str]:
        """The fact's columns that the need looks at."""
        return frozenset((*(c.name for c in self.columns), *(f.column for f in self.filters)))

    @property
    def read_from(self) -> date:
        """The first day that is looked at."""
        return self.start - timedelta(max(self.days - 1, 0))

    @property
    def shape(self) -> tuple[object, ...]:
        """Needs of one shape are read by one statement.

        Limited ones are ranked over all their facts at once.
        """
        if self.limit:
            return (self.limit, self.stores, self.start, self.end, self.columns, self.filters)
        return (
            self.fact, self.way, self.stores, self.is_reporting, bool(self.grain), self.columns,
            self.filters, self.measure, self.days,
        )  # fmt: skip


def way_of(leaf: Leaf) -> Way:
    """How the leaf of a formula is read."""
    measure = measure_of(leaf)
    if measure.kind in (Kind.SUM, Kind.MONEY):
        return Way.SUM
    return Way.ROLLING if days_of(leaf) else Way.UNIQUE


def measure_of(leaf: Leaf) -> Measure:
    return leaf.measure if isinstance(leaf, Part) else leaf


def days_of(leaf: Leaf) -> int:
    """How many days that end with the range the leaf looks at; 0 for the range itself."""
    return leaf.days or measure_of(leaf).days


def whole_months(start: date, end: date) -> tuple[date, date] | None:
    """First day of the first and of the month after the last whole month in the range."""
    first = start if start.day == 1 else next_month(start)
    after = (end + timedelta(1)).replace(day=1)
    return (first, after) if first < after else None


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1)


def edges(start: date, end: date) -> tuple[list[Bucket], list[Bucket]]:
    """The range as whole months and as days left over at both ends."""
    found = whole_months(start, end)
    if found is None:
        return [], [(start, end)]
    first, after = found
    rest: Sequence[Bucket] = [(start, first - timedelta(1)), (after, end)]
    return [(first, after - timedelta(1))], [(a, b) for a, b in rest if a <= b]
