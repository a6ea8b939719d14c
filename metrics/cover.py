"""Which years, months and days of rollups add up to a range with the fewest rows.

What is missing of a month or year may be fewer rows than what is there: then the whole is added
and the rest taken away. That is exact, as rollups hold sums of whole numbers and decimals.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from metrics.needs import next_month

ONE_DAY = timedelta(1)
# How many days' rows a month's rows weigh, and months' rows a year's: over a dimension of many
# values a month has several times the rows of a day. Where values are few either way is quick.
MONTH_WEIGHT, YEAR_WEIGHT = 4, 1


@dataclass(frozen=True)
class Stretch:
    """The rows of one grain whose day lies between two days; taken away when not `is_added`."""

    grain: str
    start: date
    end: date
    is_added: bool = True


@lru_cache(maxsize=1024)
def cover(start: date, end: date, *, has_years: bool) -> tuple[Stretch, ...]:
    """Stretches that add up to the range, largest grain first; a page's questions share them."""
    months: list[Stretch] = []
    days: list[Stretch] = []
    first = start.replace(day=1)
    while first <= end:
        last = next_month(first) - ONE_DAY
        inside = (max(start, first), min(end, last))
        missing = outside(first, last, *inside)
        if MONTH_WEIGHT + length(missing) < length([inside]):
            months.append(Stretch("month", first, first))
            days += [Stretch("day", a, b, is_added=False) for a, b in missing]
        else:
            days.append(Stretch("day", *inside))
        first = last + ONE_DAY
    found = in_years(months) if has_years else months
    return (*joined(found), *joined(days))


def in_years(months: list[Stretch]) -> list[Stretch]:
    """The months of a year by the year's row, less the months that are not among them."""
    years: list[Stretch] = []
    kept: list[Stretch] = []
    for year in dict.fromkeys(month.start.year for month in months):
        own = [month for month in months if month.start.year == year]
        missing = 12 - len(own)
        if YEAR_WEIGHT + missing >= len(own):
            kept += own
            continue
        january = date(year, 1, 1)
        years.append(Stretch("year", january, january))
        there = {month.start for month in own}
        firsts = (date(year, number, 1) for number in range(1, 13))
        kept += [Stretch("month", a, a, is_added=False) for a in firsts if a not in there]
    return [*years, *kept]


def outside(first: date, last: date, start: date, end: date) -> list[tuple[date, date]]:
    """The days of a month before and after a stretch of it."""
    rest = [(first, start - ONE_DAY), (end + ONE_DAY, last)]
    return [(a, b) for a, b in rest if a <= b]


def length(stretches: list[tuple[date, date]]) -> int:
    return sum((end - start).days + 1 for start, end in stretches)


def next_year(day: date) -> date:
    return day.replace(year=day.year + 1)


def next_day(day: date) -> date:
    return day + ONE_DAY


AFTER: dict[str, Callable[[date], date]] = {
    "day": next_day,
    "month": next_month,
    "year": next_year,
}


def joined(stretches: list[Stretch]) -> Iterator[Stretch]:
    """Stretches of one grain and sign that follow each other as one."""
    pending: Stretch | None = None
    for one in stretches:
        if pending and follows(pending, one):
            pending = Stretch(one.grain, pending.start, one.end, one.is_added)
            continue
        if pending:
            yield pending
        pending = one
    if pending:
        yield pending


def follows(one: Stretch, other: Stretch) -> bool:
    same = one.grain == other.grain and one.is_added == other.is_added
    return same and AFTER[one.grain](one.end) == other.start
