"""Turn chunks of a file into pages of our streams, column by column, and set bad rows aside."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, field, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch, Rejected
from connectors.files.cells import Columns, field_values
from connectors.files.mapping import FieldFrom, Part, StreamFrom, kind_of
from connectors.streams import STREAMS
from core.columns import conformed, required_of
from core.tabular.convert import trouble
from core.tabular.model import ROW, BadRow, Chunk, shown
from core.tabular.rules import Rules, plain

GROUP_START = "#group"
LINE = "#line"
MOST_EXPLAINED = 5_000
IN_CURRENCY = {"orders", "ad_spend"}
AnyTables = dict[str, pa.Table]


@dataclass
class Shaped:
    """What a chunk became: batches, rows set aside, and things to mention."""

    batches: list[Batch] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Stream:
    """One stream's converted rows before the bad ones are taken out."""

    source: StreamFrom
    rows: pa.Array
    columns: dict[str, pa.Array]


class Shaper:
    """Reads one part of a mapping; `currency` is that of amounts which do not say theirs."""

    def __init__(self, part: Part, rules: Rules, currency: str = "") -> None:
        self.part = part
        self.rules = rules
        self.currency = currency

    def shaped(self, tables: AnyTables, rows: pa.Array, bad: Sequence[BadRow]) -> Shaped:
        """The chunk's tables as batches. A row with any bad cell is set aside for every stream."""
        found = Shaped()
        first = self.part.streams[0].stream
        refused: set[int] = {row.row for row in bad if row.row is not None}
        found.rejected += [rejected(first, row) for row in bad]
        streams = [self._read(stream, tables, found, refused) for stream in self.part.streams]
        refused |= self._with_their_group(tables.get("", pa.table({})), rows, refused, found)
        for stream in streams:
            batch = _batch(stream, refused)
            if batch.table.num_rows:
                found.batches.append(batch)
        return found

    def _read(
        self, stream: StreamFrom, tables: AnyTables, found: Shaped, refused: set[int]
    ) -> _Stream:
        table = _kept(tables[stream.table], stream)
        rows = plain(table[ROW])
        cells = Columns(table)
        columns: dict[str, pa.Array] = {}
        required = required_of(STREAMS[stream.stream])
        for target in stream.fields:
            kind = kind_of(stream.stream, target)
            values = field_values(cells, target, kind, self.rules)
            columns[target.to] = values.array
            found.notes += values.notes
            if values.bad is not None:
                self._set_aside(stream, target, (cells, rows, values.bad), found, refused)
            if target.to in required and values.array.null_count:
                missing = pc.and_(pc.is_null(values.array), pc.invert(_or_false(values.bad, rows)))
                _set_empty_aside(stream, target, rows, missing, (found, refused))
        if self.currency and stream.stream in IN_CURRENCY and "currency" not in columns:
            columns["currency"] = pa.repeat(self.currency, len(rows))
        return _Stream(stream, rows, columns)

    def _set_aside(
        self,
        stream: StreamFrom,
        target: FieldFrom,
        where: tuple[Columns, pa.Array, pa.Array],
        found: Shaped,
        refused: set[int],
    ) -> None:
        cells, rows, bad = where
        kind = kind_of(stream.stream, target)
        at = pc.indices_nonzero(bad)
        refused.update(rows.take(at).to_pylist())
        for position in at.to_pylist()[: max(0, MOST_EXPLAINED - len(found.rejected))]:
            value = cells.text(target.column, position)
            if target.choices and target.otherwise is None:
                known = ", ".join(sorted(target.choices)[:12])
                reason, remedy = "This word is not known here.", f"Use one of: {known}."
            else:
                reason, remedy = trouble(kind, value, self.rules)
            found.rejected.append(
                Rejected(
                    stream.stream, rows[position].as_py(), target.column, shown(value),
                    reason, remedy, cells.raw(position),
                )
            )  # fmt: skip

    def _with_their_group(
        self, table: pa.Table, rows: pa.Array, refused: set[int], found: Shaped
    ) -> set[int]:
        """Rows of the same order as a bad one: an order is taken whole or not at all."""
        if not self.part.group_by or not refused or GROUP_START not in table.column_names:
            return set()
        starts = plain(table[GROUP_START])
        bad = pc.is_in(rows, value_set=pa.array(sorted(refused), pa.int64()))
        hit = pc.is_in(starts, value_set=pc.unique(starts.filter(bad)))
        extra = pc.and_(hit, pc.invert(bad))
        others = rows.filter(extra).to_pylist()
        keys = plain(table[self.part.group_by]).filter(extra).to_pylist()
        for number, key in zip(others[:MOST_EXPLAINED], keys, strict=False):
            found.rejected.append(
                Rejected(
                    self.part.streams[0].stream, number, self.part.group_by, shown(key),
                    "Another row that belongs with this one cannot be read.",
                    "Correct that row; this one comes with it.",
                )
            )  # fmt: skip
        return set(others)


def prepared(chunk: Chunk, part: Part) -> pa.Table:
    """The chunk with row numbers, and with its groups marked and filled where it has some."""
    table = chunk.table.append_column(ROW, chunk.rows)
    if not part.group_by or part.group_by not in table.column_names:
        return table
    keys = plain(table[part.group_by])
    starts = _group_starts(keys)
    table = table.append_column(GROUP_START, pa.array(starts))
    table = table.append_column(LINE, pa.array(np.arange(len(starts)) - starts + 1))
    for name in part.fill:
        if name in table.column_names:
            column = plain(table[name])
            empty = pc.equal(pc.fill_null(column, ""), "")
            filled = pc.if_else(empty, column.take(pa.array(starts)), column)
            table = table.set_column(table.column_names.index(name), name, filled)
    return table


def whole_groups(chunks: Iterator[Chunk], key: str) -> Iterator[Chunk]:
    """The same rows, cut so that no group of rows with one key lies in two chunks."""
    held: Chunk | None = None
    for chunk in chunks:
        joined = chunk if held is None else _joined(held, chunk)
        cut = _last_start(joined, key)
        held = Chunk(joined.table.slice(cut), joined.rows.slice(cut))
        if cut or joined.bad:
            yield Chunk(joined.table.slice(0, cut), joined.rows.slice(0, cut), joined.bad)
    if held is not None:
        yield held


def rejected(stream: str, row: BadRow) -> Rejected:
    return Rejected(stream, row.row, row.column, row.value, row.reason, row.remedy, row.raw)


def _joined(held: Chunk, chunk: Chunk) -> Chunk:
    return Chunk(
        pa.concat_tables([held.table, chunk.table]).combine_chunks(),
        pa.concat_arrays([held.rows, chunk.rows]),
        [*held.bad, *chunk.bad],
    )


def _last_start(chunk: Chunk, key: str) -> int:
    keys = plain(chunk.table[key])
    return int(_group_starts(keys)[-1]) if len(keys) else 0


def _group_starts(keys: pa.Array) -> np.ndarray:
    """For each row the position at which its run of equal keys starts."""
    count = len(keys)
    if not count:
        return np.zeros(0, np.int64)
    changed = pc.fill_null(pc.not_equal(keys.slice(1), keys.slice(0, count - 1)), True)
    firsts = np.concatenate(([True], changed.to_numpy(zero_copy_only=False)))
    return np.maximum.accumulate(np.where(firsts, np.arange(count), 0))


def _kept(table: pa.Table, stream: StreamFrom) -> pa.Table:
    keep: pa.Array | None = None
    if stream.when:
        words = pc.utf8_lower(pc.utf8_trim_whitespace(plain(table[stream.when]).cast(pa.string())))
        keep = pc.is_in(words, value_set=pa.array(stream.values, pa.string()))
    if stream.filled:
        cell = plain(table[stream.filled]).cast(pa.string())
        filled = pc.not_equal(pc.utf8_trim_whitespace(pc.fill_null(cell, "")), "")
        keep = filled if keep is None else pc.and_(keep, filled)
    return table if keep is None else table.filter(keep)


def _batch(stream: _Stream, refused: set[int]) -> Batch:
    rows = stream.rows
    table = pa.table(stream.columns | _defaults(stream))
    if refused:
        keep = pc.invert(pc.is_in(rows, value_set=pa.array(sorted(refused), pa.int64())))
        table, rows = table.filter(keep), rows.filter(keep)
    if stream.source.once_by and table.num_rows:
        first = _first_of_each(table, stream.source.once_by)
        if first is not None:
            table, rows = table.take(first), rows.take(first)
    record = STREAMS[stream.source.stream]
    return Batch(stream.source.stream, conformed(record, table), rows)


def _defaults(stream: _Stream) -> dict[str, pa.Array]:
    """What the record class says of fields that the file leaves empty or does not have."""
    found = {}
    for field_ in fields(STREAMS[stream.source.stream]):
        if field_.default is MISSING or field_.default is None:
            continue
        column = stream.columns.get(field_.name)
        found[field_.name] = (
            pa.repeat(field_.default, len(stream.rows))
            if column is None
            else pc.fill_null(column, field_.default)
        )
    return found


def _first_of_each(table: pa.Table, keys: Sequence[str]) -> pa.Array | None:
    """Positions of the first row of each key, in order; None when all differ."""
    named = table.select(list(keys)).append_column("#at", pa.array(np.arange(table.num_rows)))
    found = named.group_by(list(keys), use_threads=False).aggregate([("#at", "min")])
    if found.num_rows == table.num_rows:
        return None
    positions = plain(found["#at_min"])
    return positions.take(pc.array_sort_indices(positions))


def _or_false(mask: pa.Array | None, rows: pa.Array) -> pa.Array:
    return mask if mask is not None else pa.array(np.zeros(len(rows), bool))


def _set_empty_aside(
    stream: StreamFrom, target: FieldFrom, rows: pa.Array, missing: pa.Array,
    into: tuple[Shaped, set[int]],
) -> None:  # fmt: skip
    found, refused = into
    at = pc.indices_nonzero(missing)
    refused.update(rows.take(at).to_pylist())
    name = target.column or target.to
    for position in at.to_pylist()[: max(0, MOST_EXPLAINED - len(found.rejected))]:
        found.rejected.append(
            Rejected(
                stream.stream, rows[position].as_py(), name, "",
                f"“{name}” is empty, but a row of {stream.stream} needs it.",
                "Fill the cell, or map another column.",
            )
        )  # fmt: skip
