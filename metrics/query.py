"""The question and the answer: what every page, API call, report and export asks with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from core.periods import Compare, Grain, Period

Key = tuple[object, ...]


@dataclass(frozen=True)
class Scope:
    """Whose numbers: the stores with their zones, and the currency that money is told in.

    `reporting` asks for the reporting-currency columns ("all stores"); otherwise the stores share
    one currency, their own. `rights` are the viewer's permissions that guard single metrics.
    """

    store_ids: tuple[int, ...]
    zones: tuple[str, ...]
    currency: str
    reporting: bool = False
    week_start: int = 0
    rights: frozenset[str] = frozenset()
    today: date | None = None


@dataclass(frozen=True)
class Query:
    """One question. `by` holds dimension slugs and at most one grain ("day", "week", "month").

    `where` maps a dimension slug to the words to keep, `exclude` to the words to leave out.
    `top` keeps the n largest groups by the first metric.
    """

    metrics: Sequence[str]
    scope: Scope
    period: Period
    by: Sequence[str] = ()
    where: dict[str, Sequence[str]] = field(default_factory=dict)
    exclude: dict[str, Sequence[str]] = field(default_factory=dict)
    compare: Compare = Compare.NONE
    match_weekdays: bool = False
    top: int | None = None


class Cell(NamedTuple):
    """One figure: its value, the compared period's value, and the change between them.

    `change` is a share for amounts and counts, percentage points (as a share) for rates, a plain
    difference for ratios; None when too few events to compare.
    """

    value: Decimal | None
    before: Decimal | None = None
    change: Decimal | None = None
    is_new: bool = False


class Row(NamedTuple):
    """One group: its key (ids and bucket days), its words and labels, and a cell per metric.

    Keys, words and labels stand in the order of the question's `by`. A bucket that holds today,
    or days to come, is incomplete.
    """

    key: Key
    labels: tuple[str, ...]
    words: tuple[str, ...]
    cells: dict[str, Cell]
    is_incomplete: bool = False


@dataclass(frozen=True)
class Answer:
    """All groups with the proof: tables read, how fresh, which version, what was left out.

    `answer["net_sales", 3].value` is one cell; `answer["net_sales"]` the total's. `fresh_to` holds
    a `metrics.bookkeeping.Freshness` for each fact. Notes are fit to show.
    """

    query: Query
    rows: tuple[Row, ...]
    total: Row
    compared: Period | None
    sources: tuple[str, ...]
    fresh_to: dict[str, object]
    version: str
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str | tuple[object, ...]) -> Cell:
        slug, *key = (name,) if isinstance(name, str) else name
        if not key:
            return self.total.cells[str(slug)]
        for row in self.rows:
            if row.key == tuple(key) or row.words == tuple(str(part) for part in key):
                return row.cells[str(slug)]
        raise KeyError(name)


__all__ = ["Answer", "Cell", "Compare", "Grain", "Key", "Period", "Query", "Row", "Scope"]
