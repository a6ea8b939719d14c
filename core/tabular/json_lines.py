"""JSON lines: one object a line; nested fields get dotted names, or a given Arrow schema."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import Refused
from core.tabular.headers import checked_headers
from core.tabular.model import BadRow, Chunk, Format, shown
from core.tabular.survey import encoding_of

BATCH = 20_000
MAX_LINE = 1024 * 1024
MAX_DEPTH = 4
PEEKED_LINES = 200


class JsonLinesFile:
    """An opened file of JSON objects. Numbers stay as they were written."""

    def __init__(self, path: Path, form: Format, schema: pa.Schema | None = None) -> None:
        self.path = path
        self.encoding = encoding_of(path, form.encoding)
        self.schema = schema
        self.notes: list[str] = []
        self.headers = self._peeked()
        self.estimated_rows = 0

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """The objects in order; a line that is no object is a bad row. Lines count from 1."""
        held: list[tuple[int, dict[str, Any]]] = []
        bad: list[BadRow] = []
        for number, line in self._lines():
            found = _parsed(line, number)
            if isinstance(found, BadRow):
                bad.append(found)
            elif found is not None:
                held.append((number, found))
            if len(held) + len(bad) >= BATCH:
                yield self._chunk(held, bad)
                held, bad = [], []
        if held or bad:
            yield self._chunk(held, bad)

    def _chunk(self, held: list[tuple[int, dict[str, Any]]], bad: list[BadRow]) -> Chunk:
        rows = pa.array([number for number, _ in held], pa.int64())
        if self.schema is not None:
            return Chunk(_by_schema([value for _, value in held], self.schema), rows, bad)
        flat = [_flat(value) for _, value in held]
        arrays = [
            pa.array([row.get(name, "") for row in flat], pa.string()) for name in self.headers
        ]
        return Chunk(pa.table(arrays, names=self.headers), rows, bad)

    def _lines(self) -> Iterator[tuple[int, str]]:
        with self.path.open(encoding=self.encoding) as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                while len(line) > MAX_LINE and not line.endswith("\n"):
                    rest = file.readline(MAX_LINE)
                    if not rest or rest.endswith("\n"):
                        break
                yield number, line

    def _peeked(self) -> list[str]:
        names: dict[str, None] = {}
        for number, line in self._lines():
            found = _parsed(line, number)
            if isinstance(found, dict):
                names |= dict.fromkeys(found if self.schema is not None else _flat(found))
            if number >= PEEKED_LINES:
                break
        if not names:
            raise Refused("The file has no rows that are JSON objects, one a line.")
        return checked_headers(list(names))


def _parsed(line: str, number: int) -> dict[str, Any] | BadRow | None:
    text = line.strip().removeprefix("\ufeff")
    if not text:
        return None
    if len(line) > MAX_LINE:
        return BadRow(number, "", shown(text), "The line is longer than 1 MB.", "Split it.")
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
        text_is_whole = "\\ud" not in text.lower() or json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        return BadRow(
            number, "", shown(text), f"The line is not valid JSON: {shown(error)}.",
            "Each line must hold one whole object.", {"text": shown(text, 2000)},
        )  # fmt: skip
    if not isinstance(found, dict) or not text_is_whole:
        return BadRow(number, "", shown(text), "The line is not a JSON object.", "Use {…}.")
    return found


def _flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and depth < MAX_DEPTH:
            flat |= _flat(inner, name + ".", depth + 1)
        elif isinstance(inner, bool):
            flat[name] = "true" if inner else "false"
        elif isinstance(inner, list | dict):
            flat[name] = json.dumps(inner, ensure_ascii=False)
        else:
            flat[name] = "" if inner is None else str(inner)
    return flat


def _by_schema(values: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    rows = [{f.name: _as_type(value.get(f.name), f.type) for f in schema} for value in values]
    return pa.Table.from_pylist(rows, schema=schema)


def _as_type(value: Any, kind: pa.DataType) -> Any:
    if value is None or value == "":
        return None
    if pa.types.is_struct(kind):
        return {f.name: _as_type(value.get(f.name), f.type) for f in kind}
    if pa.types.is_list(kind):
        return [_as_type(item, kind.value_type) for item in value]
    if pa.types.is_integer(kind):
        return int(value)
    return float(value) if pa.types.is_floating(kind) else str(value)
