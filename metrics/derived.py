"""Tables that are worked out from other rows: sessions from events, cohorts from orders.

Apps register theirs when they start. One that bears a fact's name is rebuilt before the fact's
rollups; any other waits for marks of its own name.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model

Days = Sequence[date] | None
Params = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """Two SELECTs that must give the same rows; `table` names what is checked."""

    table: str
    expected: str
    actual: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class Derived:
    """One such table. `days` of None means all days of the store.

    `refresh(store_id, days)` makes the rows right inside the caller's transaction and returns
    further days whose rows it had to change. `checks(store_id, days)` are what an audit compares.
    `rows` is a table with whose rows a store has something to work out. Marking days of the table
    `source` marks it too. `left_out()` are the months that can no longer be worked out, because
    what they came from was dropped.
    """

    name: str
    refresh: Callable[[int, Days], Collection[date]]
    checks: Callable[[int, Days], list[Check]]
    source: type[Model] | None = None
    rows: type[Model] | None = None
    left_out: Callable[[], Sequence[date]] = tuple

    def __post_init__(self) -> None:
        derived[self.name] = self


derived: dict[str, Derived] = {}
