"""One step of a pull: a stretch of time, seen at a moment, and the columns of its days."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from connectors.demo.arrivals import WAYS, WEEKLY, newsletter_of
from connectors.demo.columns import words
from connectors.demo.world import Ints, World

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Period:
    """From `begin` up to `end`, told as it stands at `now`; all in seconds of the epoch."""

    world: World
    begin: int
    end: int
    now: int

    @cached_property
    def first_day(self) -> date:
        return self.world.local_day(self.begin)

    @cached_property
    def last_day(self) -> date:
        return self.world.local_day(self.end - 1)

    @property
    def is_first(self) -> bool:
        return self.begin <= self.world.midnight(self.world.start)

    def days(self, before: int = 0) -> Iterator[date]:
        """The local days it touches, and some days before, but none before the shop opened."""
        day = max(self.first_day - timedelta(days=before), self.world.start)
        while day <= self.last_day:
            yield day
            day += timedelta(days=1)

    def holds(self, moments: Ints) -> np.ndarray:
        return np.asarray((moments >= self.begin) & (moments < self.end))

    def gather(
        self, rows_of: Callable[[date], Mapping[str, np.ndarray]], before: int = 0
    ) -> Columns:
        """The days' columns one after another, with the day's number in `number`."""
        parts = []
        for day in self.days(before):
            part = dict(rows_of(day))
            size = len(next(iter(part.values())))
            part["number"] = np.full(size, self.world.number(day), dtype=np.int64)
            parts.append(part)
        if not parts:
            return {}
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def tag_columns(world: World, way: Ints, number: Ints) -> dict[str, pa.Array]:
    """Source, medium and campaign of each row; the weekly newsletter's name goes with its day."""
    days = np.unique(number)
    weekly = [newsletter_of(world.start + timedelta(days=int(n))) for n in days]
    campaigns = [way.campaign or None for way in WAYS] + weekly
    place = np.where(way == WEEKLY, len(WAYS) + np.searchsorted(days, number), way)
    return {
        "source": words([way.source for way in WAYS], way),
        "medium": words([way.medium for way in WAYS], way),
        "campaign": words(campaigns, place),
    }
