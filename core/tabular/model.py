"""What a table file is to the rest: its headers, and chunks of columns with row numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from core.errors import Refused

MAX_COLUMNS = 200
MAX_CELL_BYTES = 32 * 1024
MAX_ROW_BYTES = 16 * 1024 * 1024
MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_RATIO = 100
CHUNK_ROWS = 100_000
FIRST_ROW = 2  # the header is row 1, as a spreadsheet shows it
ROW = "#row"  # the column that carries row numbers through reshaping
TEXT_KINDS = ("csv", "jsonl")


class NeedsChoice(Refused):
    """The file can be read in more than one way; a person must say which.

    `choices` maps each way to the first rows as they would be read.
    """

    def __init__(self, message: str, asks: str, choices: Mapping[str, list[list[str]]]) -> None:
        super().__init__(message)
        self.asks = asks
        self.choices = dict(choices)


@dataclass(frozen=True)
class Format:
    """How a file's bytes become cells. Empty text means "find out"."""

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken: where, which value, why, and what to do about it."""

    row: int | None
    column: str
    value: str
    reason: str
    remedy: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file as columns; `rows` are their numbers (the first data row is 2)."""

    table: pa.Table
    rows: pa.Array
    bad: Sequence[BadRow] = ()


class TableFile(Protocol):
    """An opened table file."""

    headers: list[str]
    notes: list[str]

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """The rows in order, in chunks; only the named columns, or all."""
        ...


def chunk_of(table: pa.Table, first: int) -> Chunk:
    """A chunk whose rows are numbered on from `first` without a hole."""
    return Chunk(table, pa.array(range(first, first + table.num_rows), pa.int64()))


def shown(value: object, limit: int = 200) -> str:
    """A value fit for a message: its text, cut, control characters made visible."""
    text = "" if value is None else str(value)
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"
