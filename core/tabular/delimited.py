"""CSV, TSV and their kin: columns of text, streamed by Arrow."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from core.errors import Refused
from core.tabular.headers import checked_headers
from core.tabular.model import (
    CHUNK_ROWS,
    FIRST_ROW,
    MAX_CELL_BYTES,
    MAX_ROW_BYTES,
    BadRow,
    Chunk,
    Format,
    shown,
)
from core.tabular.survey import first_rows, survey


class DelimitedFile:
    """An opened text table. Every cell is text; nothing is guessed."""

    def __init__(self, path: Path, form: Format) -> None:
        self.path = path
        self.writing = survey(path, form.encoding, form.delimiter)
        rows = first_rows(path, self.writing.encoding, self.writing.delimiter)
        self.headers = checked_headers(rows[0] if rows else [])
        self.notes: list[str] = []
        self.estimated_rows = max(self.writing.lines - 1, 0)
        self.bad: list[BadRow] = []
        self.skipped: list[int] = []

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """The rows in order; a row with another number of cells than the header is a bad row."""
        self.bad, self.skipped = [], []
        number = FIRST_ROW
        try:
            for batch in self._reader(columns):
                table = pa.Table.from_batches([batch])
                for start in range(0, table.num_rows, CHUNK_ROWS):
                    part = table.slice(start, CHUNK_ROWS)
                    rows, number = self._numbered(part.num_rows, number)
                    bad, self.bad = self.bad, []
                    yield without_blank_rows(Chunk(part, rows, bad))
        except pa.ArrowInvalid as error:
            raise Refused(_plainly(str(error))) from error
        if self.bad:
            empty = pa.table({name: pa.array([], pa.string()) for name in self.headers})
            yield Chunk(empty, pa.array([], pa.int64()), self.bad)

    def _reader(self, columns: Sequence[str] | None) -> arrow_csv.CSVStreamingReader:
        names = list(columns) if columns is not None else self.headers
        return arrow_csv.open_csv(
            self.path,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=MAX_ROW_BYTES,
                column_names=self.headers,
                skip_rows=1,
                encoding="utf8" if self.writing.encoding == "utf-8" else self.writing.encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.writing.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=self._note_invalid,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(self.headers, pa.string()),
                include_columns=names,
                strings_can_be_null=False,
            ),
        )

    def _note_invalid(self, row: arrow_csv.InvalidRow) -> str:
        number = row.number
        self.skipped.append(number)
        if row.text.strip():
            self.bad.append(
                BadRow(
                    number, "", shown(row.text),
                    f"The row has {row.actual_columns} cells, the header has "
                    f"{row.expected_columns}.",
                    "Look for a missing or extra delimiter, or an unquoted one inside a cell.",
                    {"text": shown(row.text, 2000)},
                )
            )  # fmt: skip
        return "skip"

    def _numbered(self, count: int, first: int) -> tuple[pa.Array, int]:
        """Numbers of the next `count` good rows from `first` on, and the number after them."""
        numbers: list[int] = []
        holes = set(self.skipped)
        self.skipped = [n for n in self.skipped if n >= first]
        if not any(n >= first for n in holes):
            return pa.array(range(first, first + count), pa.int64()), first + count
        while len(numbers) < count:
            if first not in holes:
                numbers.append(first)
            first += 1
        return pa.array(numbers, pa.int64()), first


def without_blank_rows(chunk: Chunk) -> Chunk:
    """The chunk without rows whose every cell is empty."""
    table = chunk.table
    if not table.num_columns or not table.num_rows:
        return chunk
    blank = pc.equal(table.column(0), "")
    for name in table.column_names[1:]:
        if not pc.any(blank).as_py():
            return chunk
        blank = pc.and_(blank, pc.equal(table[name], ""))
    keep = pc.invert(blank).combine_chunks()
    return Chunk(table.filter(keep), chunk.rows.filter(keep), chunk.bad)


def without_long_cells(chunk: Chunk) -> Chunk:
    """The chunk without rows that hold a cell over 32 kB; those become bad rows."""
    bad = list(chunk.bad)
    over: set[int] = set()
    for name in chunk.table.column_names:
        column = chunk.table[name]
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        sizes = pc.binary_length(column)
        if (pc.max(sizes).as_py() or 0) <= MAX_CELL_BYTES:
            continue
        for at in pc.indices_nonzero(pc.greater(sizes, MAX_CELL_BYTES)).to_pylist():
            over.add(at)
            bad.append(
                BadRow(
                    chunk.rows[at].as_py(), name, shown(column[at].as_py()),
                    f"The cell holds {sizes[at].as_py():,} bytes; at most "
                    f"{MAX_CELL_BYTES:,} can be read.",
                    "Shorten the text. A missing closing quote can also cause this.",
                )
            )  # fmt: skip
    if not over:
        return chunk
    keep = pa.array([at not in over for at in range(chunk.table.num_rows)])
    return Chunk(chunk.table.filter(keep), chunk.rows.filter(keep), bad)


def _plainly(message: str) -> str:
    if "straddling" in message or "block size" in message:
        return (
            f"A row is longer than {MAX_ROW_BYTES // 1024**2} MB. A quote is probably not closed."
        )
    return "The file cannot be read as a table: " + shown(message)
