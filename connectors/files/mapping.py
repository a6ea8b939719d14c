"""How the columns of a file, or of the files of a folder, become the fields of our streams.

A mapping is plain data, kept as JSON, so that a person can change it and it can be remembered.
"""

import hashlib
import json
import types
import typing
from collections.abc import Mapping as AnyMapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.streams import STREAMS
from core.errors import Refused
from core.tabular.convert import KINDS
from core.tabular.model import Format
from core.tabular.rules import ISO, Rules

IDS = {"number", "sku", "barcode", "visitor", "handle", "external_id"}
SIGNED = {"on_hand", "committed", "incoming"}


@dataclass(frozen=True)
class FieldFrom:
    """One field of a stream: a source column, a pattern such as "{order}-{item}", or a constant.

    `choices` turns the source's words (in lower case) into ours; `otherwise` is for words that it
    does not hold: None makes them an error, "=" keeps them. `empty` stands for an empty cell.
    `read` is one of core.tabular.convert.KINDS; empty means by the field's own type.
    """

    to: str
    column: str = ""
    constant: str = ""
    read: str = ""
    choices: AnyMapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    empty: str = ""


@dataclass(frozen=True)
class StreamFrom:
    """One stream read from a file's rows.

    Only rows where `when` has one of `values` (in lower case), and where `filled` is not empty.
    Of rows with the same `once_by` fields only the first is taken. `table` names one of the
    tables that the part's reshaping gives.
    """

    stream: str
    fields: tuple[FieldFrom, ...]
    when: str = ""
    values: tuple[str, ...] = ()
    filled: str = ""
    once_by: tuple[str, ...] = ()
    table: str = ""


@dataclass(frozen=True)
class Lookup:
    """Columns of a smaller file, added to each row by a key; the first row of a key is taken.

    `columns` are (its column, the name it gets here).
    """

    file: str
    key: str
    on: str
    columns: tuple[tuple[str, str], ...] = ()
    optional: bool = True


@dataclass(frozen=True)
class Part:
    """One file: its name's pattern, and the streams in it.

    Rows with the same `group_by` stand together and are taken or refused together; `fill` are
    columns that only a group's first row holds. `shape` is a preset's own reshaping, by name.
    `needs` are the columns by which the file is recognised.
    """

    streams: tuple[StreamFrom, ...]
    file: str = ""
    needs: tuple[str, ...] = ()
    group_by: str = ""
    fill: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    shape: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Mapping:
    """How one kind of file or folder is read. `origin` is the outside account its rows are of."""

    slug: str
    label: str
    parts: tuple[Part, ...]
    origin: str = "files"
    currency: str = ""
    zone: str = ""
    decimal: str = "."
    dates: tuple[str, ...] = (ISO,)
    nulls: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()

    def rules(self, zone: str) -> Rules:
        """How values are written; times without an offset are local to `zone` unless it says."""
        return Rules(self.decimal, self.dates, self.zone or zone, self.nulls)

    @property
    def form(self) -> Format:
        return Format(encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet)

    @property
    def streams(self) -> tuple[str, ...]:
        found = dict.fromkeys(s.stream for part in self.parts for s in part.streams)
        return tuple(found)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides what a file's bytes become."""
        text = json.dumps(to_json(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def adjusted(self, choices: AnyMapping[str, Any]) -> "Mapping":
        """The mapping with what a person chose; empty choices leave it as it is."""
        return replace(self, **{name: value for name, value in choices.items() if value})


def kind_of(stream: str, target: FieldFrom) -> str:
    """How the field's cells are read."""
    if target.read:
        return target.read
    name = target.to
    if name == "country":
        return "country"
    plain = _type_of(STREAMS[stream], name)
    if plain is str:
        return "id" if name in IDS or name.endswith("_id") else "text"
    if plain is int:
        return "signed_count" if name in SIGNED else "count"
    return {Decimal: "amount", datetime: "moment", date: "day", bool: "flag"}[plain]


def to_json(mapping: Mapping) -> dict[str, Any]:
    """The mapping as JSON-able data."""
    return typing.cast("dict[str, Any]", json.loads(json.dumps(asdict(mapping))))


def from_json(data: AnyMapping[str, Any]) -> Mapping:
    """The mapping that `to_json` wrote. Raises Refused when it is not one."""
    try:
        mapping = typing.cast("Mapping", _built(Mapping, data))
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise Refused(f"The mapping is not understood: {error}") from error
    check(mapping)
    return mapping


def check(mapping: Mapping) -> None:
    """Raise Refused when the mapping names a stream, field or way of reading that is not known."""
    for part in mapping.parts:
        for stream in part.streams:
            if stream.stream not in STREAMS:
                raise Refused(f"“{stream.stream}” is not a stream.")
            known = {f.name for f in fields(STREAMS[stream.stream])}
            for target in stream.fields:
                if target.to not in known:
                    raise Refused(f"“{target.to}” is not a field of {stream.stream}.")
                if target.read and target.read not in KINDS:
                    raise Refused(f"“{target.read}” is not a way of reading a column.")


def _type_of(record: type, name: str) -> type:
    hint = typing.get_type_hints(record)[name]
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    return typing.cast("type", hint)


def _built(kind: Any, value: Any) -> Any:
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return typing.cast("Any", kind)(**{k: _built(hints[k], v) for k, v in value.items()})
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_built(inner[0], item) for item in value)
        return tuple(value)
    return value
