"""Periods of whole local days, and how one is compared with another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from core.errors import Refused


class Grain(StrEnum):
    """The width of one bucket on a time axis."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Compare(StrEnum):
    """What a period is held against."""

    NONE = "none"
    PREVIOUS = "prev"
    YEAR = "year"


@dataclass(frozen=True, order=True)
class Period:
    """The local days from `start` to `end`, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise Refused(f"The period ends ({self.end}) before it starts ({self.start}).")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def each_day(self) -> Iterator[date]:
        return (self.start + timedelta(n) for n in range(self.days))

    def shifted(self, days: int) -> "Period":
        return Period(self.start + timedelta(days), self.end + timedelta(days))

    def previous(self, *, match_weekdays: bool = False) -> "Period":
        """The equally long period just before, or with `match_weekdays` whole weeks before."""
        back = self.days if not match_weekdays else -(-self.days // 7) * 7
        return self.shifted(-back)

    def year_ago(self, *, match_weekdays: bool = False) -> "Period":
        """The same dates a year earlier, or the same weekdays 52 weeks earlier."""
        if match_weekdays:
            return self.shifted(-364)
        start = self.start - relativedelta(years=1)
        return Period(start, max(start, self.end - relativedelta(years=1)))

    def compared(self, compare: Compare, *, match_weekdays: bool = False) -> "Period | None":
        if compare is Compare.PREVIOUS:
            return self.previous(match_weekdays=match_weekdays)
        if compare is Compare.YEAR:
            return self.year_ago(match_weekdays=match_weekdays)
        return None


def local_day(moment: datetime, zone: str) -> date:
    """The day on which `moment` (aware) falls in an IANA zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def bucket_start(day: date, grain: Grain, week_start: int = 0) -> date:
    """First day of the bucket that holds `day`; `week_start` 0 is Monday, 6 is Sunday."""
    if grain is Grain.MONTH:
        return day.replace(day=1)
    if grain is Grain.WEEK:
        return day - timedelta((day.weekday() - week_start) % 7)
    return day


def last_days(count: int, *, before: date) -> Period:
    """The `count` whole days that end the day before `before`."""
    return Period(before - timedelta(count), before - timedelta(1))


def preset(name: str, today: date, week_start: int = 0) -> Period:
    """A named period as seen from `today`; multi-day presets leave today out.

    Raises Refused for an unknown name. A period to date that has no whole day yet is today alone.
    """
    yesterday = today - timedelta(1)
    starts = {
        "month": today.replace(day=1),
        "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        "year": today.replace(month=1, day=1),
        "week": bucket_start(today, Grain.WEEK, week_start),
    }
    if name == "today":
        return Period(today, today)
    if name == "yesterday":
        return Period(yesterday, yesterday)
    if name.startswith("last") and name[4:].isdecimal() and 0 < int(name[4:]) <= 1100:
        return last_days(int(name[4:]), before=today)
    if name in starts:
        return Period(starts[name], yesterday) if starts[name] < today else Period(today, today)
    raise Refused(f"“{name}” is not a known period.")
