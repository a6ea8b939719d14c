"""What came of a batch of outside rows, and the checks that every batch passes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.money import MONEY_PLACES, is_currency


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken: its position in the batch, and what to tell a person."""

    position: int
    column: str
    value: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class WaitingRow:
    """A row that is right but refers to another that is not known yet.

    `waits_for` names that other row: `order:1001`, `line:1001/2`.
    """

    position: int
    key: str
    waits_for: str


@dataclass(frozen=True)
class Landed:
    """Counts of one batch of rows, and those that did not land."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[BadRow] = field(default_factory=list)
    waiting: list[WaitingRow] = field(default_factory=list)

    @property
    def landed(self) -> int:
        return self.new + self.changed

    def counts(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "landed": self.landed,
            "unchanged": self.unchanged,
            "parked": len(self.rejected) + len(self.waiting),
        }


STORED = pa.decimal128(28, MONEY_PLACES)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
FUTURE = timedelta(days=2)


def moments_checked(table: pa.Table, column: str) -> list[BadRow]:
    """The rows whose moment lies before 1990 or days ahead: a misread date, not a fact."""
    values = table[column]
    latest = pa.scalar(datetime.now(UTC) + FUTURE, values.type)
    early = pc.less(values, pa.scalar(EARLIEST, values.type))
    odd = pc.fill_null(pc.or_(early, pc.greater(values, latest)), fill_value=False)
    return bad_rows(
        table, column, odd, "The date lies before 1990 or in the future.",
        "Check the date format and the zone of this source.",
    )  # fmt: skip


def words_checked(table: pa.Table, column: str, known: Collection[str]) -> list[BadRow]:
    """The rows whose word is none of those that the column may hold."""
    values = table[column]
    odd = pc.invert(pc.is_in(values, value_set=pa.array(sorted(known), pa.string())))
    return bad_rows(
        table, column, odd, f"“{column}” does not know this word.",
        "Use one of: " + ", ".join(sorted(known)) + ".",
    )  # fmt: skip


def known_currencies_checked(table: pa.Table, column: str) -> list[BadRow]:
    """The rows whose currency is no ISO 4217 code; an empty one is right."""
    words = [word for word in pc.unique(table[column]).to_pylist() if word is not None]
    wrong = [word for word in words if not is_currency(word.strip().upper())]
    odd = pc.is_in(table[column], value_set=pa.array(wrong, pa.string()))
    return bad_rows(
        table, column, odd, "This is not a currency.", "Use a code such as EUR, USD or BRL."
    )


def positive_checked(table: pa.Table, column: str) -> list[BadRow]:
    """The rows whose number is zero or less."""
    odd = pc.fill_null(pc.less_equal(table[column], 0), fill_value=False)
    return bad_rows(table, column, odd, f"“{column}” must be above zero.", "Correct the number.")


def negative_checked(table: pa.Table, column: str) -> list[BadRow]:
    """The rows whose number is below zero."""
    odd = pc.fill_null(pc.less(table[column], 0), fill_value=False)
    return bad_rows(table, column, odd, f"“{column}” is below zero.", "Correct the number.")


def stored_amounts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The amounts as they are kept: four decimals, half to even."""
    return pc.round(column, MONEY_PLACES, round_mode="half_to_even").cast(STORED)


def accepted(table: pa.Table, bad: list[BadRow]) -> tuple[int, pa.Table]:
    """How many rows are left without the bad ones, and they, each with its first `place`."""
    table = table.append_column("place", pa.arange(0, table.num_rows))
    if bad:
        odd = pa.array(sorted({row.position for row in bad}), pa.int64())
        table = table.filter(pc.invert(pc.is_in(table["place"], value_set=odd)))
    return table.num_rows, table


def bad_rows(
    table: pa.Table, column: str, odd: pa.ChunkedArray, reason: str, remedy: str
) -> list[BadRow]:
    """One BadRow for each row where `odd` is true."""
    if not pc.any(odd).as_py():
        return []
    positions = pc.indices_nonzero(odd).to_pylist()
    values = table[column].take(pa.array(positions)).to_pylist()
    return [
        BadRow(position, column, "" if value is None else str(value), reason, remedy)
        for position, value in zip(positions, values, strict=True)
    ]
