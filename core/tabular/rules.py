"""How one file writes its values: chosen once for the file, never guessed from cell to cell."""

from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

ISO = "iso"
EXCEL = "excel"
EXCEL_1904 = "excel1904"
MINUS = "−"  # U+2212, as typesetters write it


@dataclass(frozen=True)
class Rules:
    """The file's decimal mark, its ways to write dates (strptime, "iso", "excel"), its zone.

    `nulls` are words that mean "nothing".
    """

    decimal: str = "."
    dates: tuple[str, ...] = (ISO,)
    zone: str = "UTC"
    nulls: tuple[str, ...] = ()

    @property
    def grouping(self) -> str:
        return "," if self.decimal == "." else "."


class Values(NamedTuple):
    """Converted values, the rows that could not be (None: all could), and what to mention."""

    array: pa.Array
    bad: pa.Array | None = None
    notes: tuple[str, ...] = ()


class Trouble(NamedTuple):
    """Why a value was not taken, and what to do."""

    reason: str
    remedy: str


def plain(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One contiguous array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def is_text(array: pa.Array) -> bool:
    return bool(pa.types.is_string(array.type) or pa.types.is_large_string(array.type))


def trimmed(array: pa.Array, rules: Rules) -> pa.Array:
    """Text without white space around it; empty cells and the file's null words become null."""
    text = pc.utf8_trim_whitespace(array.cast(pa.string()))
    empty = pc.equal(text, "")
    if rules.nulls:
        empty = pc.or_(empty, pc.is_in(text, value_set=pa.array(rules.nulls, pa.string())))
    if pc.any(empty).as_py():
        return pc.if_else(empty, pa.scalar(None, pa.string()), text)
    return text


def any_of(*masks: pa.Array | None) -> pa.Array | None:
    """The rows that any mask names, or None when there are none."""
    found: pa.Array | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else pc.or_kleene(found, mask)
    if found is None or not pc.any(found).as_py():
        return None
    return pc.fill_null(found, False)


def without(array: pa.Array, bad: pa.Array | None) -> pa.Array:
    """The array with the bad values blanked, so that the rest converts in one go."""
    return array if bad is None else pc.if_else(bad, pa.scalar(None, array.type), array)
