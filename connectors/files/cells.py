"""The cells of one table, and the values of one field made of them."""

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.mapping import FieldFrom
from core.tabular.convert import converted
from core.tabular.model import shown
from core.tabular.rules import Rules, Values, any_of, plain, trimmed

PATTERN = re.compile(r"\{([^{}]+)\}")


class Columns:
    """A table's columns by name; a pattern of several columns counts as one."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> pa.Array:
        """The column, or nulls where the file has none of that name."""
        if "{" in name:
            return self._woven(name)
        if name not in self.table.column_names:
            return pa.nulls(len(self), pa.string())
        return plain(self.table[name])

    def text(self, name: str, position: int) -> str:
        """One cell as text, for messages."""
        if not name:
            return ""
        value = self.column(name)[position].as_py()
        return "" if value is None else str(value)

    def raw(self, position: int) -> dict[str, Any]:
        """The whole row as it came."""
        row = self.table.slice(position, 1).to_pylist()[0]
        return {k: shown(v, 500) for k, v in row.items() if not k.startswith("#")}

    def _woven(self, pattern: str) -> pa.Array:
        """The pattern with each {column} filled in; null where any of them is empty."""
        pieces: list[Any] = []
        last = 0
        for found in PATTERN.finditer(pattern):
            pieces += [pattern[last : found.start()], self.column(found[1]).cast(pa.string())]
            last = found.end()
        pieces.append(pattern[last:])
        pieces = [piece for piece in pieces if not isinstance(piece, str) or piece]
        return pc.binary_join_element_wise(*pieces, "")


def field_values(cells: Columns, target: FieldFrom, kind: str, rules: Rules) -> Values:
    """The field's values for all rows."""
    if target.constant and not target.column:
        value = pa.array([target.constant])
        found = converted(kind, value, rules)
        return Values(pa.repeat(found.array[0], len(cells)))
    column = cells.column(target.column)
    if pa.types.is_null(column.type):
        column = pa.nulls(len(cells), pa.string())
    if target.choices:
        return _chosen(column, target, kind, rules)
    if target.empty or target.constant:
        column = pc.coalesce(
            trimmed(column.cast(pa.string()), rules), target.empty or target.constant
        )
    return converted(kind, column, rules)


def _chosen(column: pa.Array, target: FieldFrom, kind: str, rules: Rules) -> Values:
    """Words by the field's table of choices."""
    words = trimmed(column.cast(pa.string()), rules).dictionary_encode()
    ours = [_choice(word, target) for word in words.dictionary.to_pylist()]
    array = pc.take(pa.array(ours, pa.string()), words.indices)
    unknown = pc.take(pa.array([word is None for word in ours], pa.bool_()), words.indices)
    if target.empty:
        array = pc.if_else(pc.is_null(words.indices), target.empty, array)
    bad = any_of(pc.fill_null(unknown, False))
    values = converted(kind, array, rules)
    return Values(values.array, any_of(bad, values.bad), values.notes)


def _choice(word: str, target: FieldFrom) -> str | None:
    found = target.choices.get(word.casefold())
    if found is None and target.otherwise is not None:
        return word if target.otherwise == "=" else target.otherwise
    return found
