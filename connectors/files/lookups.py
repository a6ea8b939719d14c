"""Columns that are added from a smaller file beside the one that is read."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.client import named, open_part
from connectors.files.mapping import Lookup, Mapping, Part
from core.errors import Refused
from core.tabular.rules import is_text, plain

MAX_ROWS = 2_000_000


class LoadedLookup:
    """The small file's wanted columns, one row for each key."""

    def __init__(self, lookup: Lookup, table: pa.Table) -> None:
        self.lookup = lookup
        firsts = _firsts(plain(table[lookup.key]))
        self.keys = plain(table[lookup.key]).take(firsts)
        self.columns = {to: plain(table[name]).take(firsts) for name, to in lookup.columns}

    def added(self, table: pa.Table) -> pa.Table:
        """The table with the looked-up columns; null where the key is not known."""
        at = pc.index_in(plain(table[self.lookup.on]).cast(pa.string()), value_set=self.keys)
        for name, column in self.columns.items():
            table = table.append_column(name, column.take(at))
        return table


def loaded(mapping: Mapping, part: Part, path: Path) -> list[LoadedLookup]:
    """The part's lookups, read whole. Raises Refused when one that must be there is missing."""
    found = []
    for lookup in part.lookups:
        file = (
            path if not lookup.file else named(path.parent, lookup.file, optional=lookup.optional)
        )
        if file is not None:
            names = [lookup.key, *(name for name, _ in lookup.columns)]
            found.append(LoadedLookup(lookup, _whole(mapping, file, names)))
        else:
            found.append(LoadedLookup(lookup, _nothing(lookup)))
    return found


def _whole(mapping: Mapping, file: Path, names: Sequence[str]) -> pa.Table:
    tables, rows = [], 0
    with open_part(mapping, Part(streams=()), file) as table:
        missing = [name for name in names if name not in table.headers]
        if missing:
            raise Refused(f"“{file.name}” has no column “{missing[0]}”.")
        for chunk in table.chunks(list(dict.fromkeys(names))):
            rows += chunk.table.num_rows
            if rows > MAX_ROWS:
                raise Refused(f"“{file.name}” is too long to look things up in.")
            tables.append(chunk.table)
    whole = pa.concat_tables(tables)
    return pa.table({n: _as_text(plain(whole[n])) for n in whole.column_names})


def _as_text(column: pa.Array) -> pa.Array:
    return column if is_text(column) else column.cast(pa.string())


def _nothing(lookup: Lookup) -> pa.Table:
    names = [lookup.key, *(name for name, _ in lookup.columns)]
    return pa.table({name: pa.array([], pa.string()) for name in dict.fromkeys(names)})


def _firsts(keys: pa.Array) -> pa.Array:
    """Positions of each key's first row; empty keys have none."""
    table = pa.table({"key": keys, "at": pa.array(range(len(keys)), pa.int64())})
    found = table.group_by("key", use_threads=False).aggregate([("at", "min")])
    kept = pc.not_equal(pc.fill_null(plain(found["key"]), ""), "")
    return plain(found["at_min"]).filter(kept)
