"""Rows as columns: the Arrow schema of a record class, and tables built from records.

Batches travel as Arrow tables, because a million rows must never become a million objects.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

import pyarrow as pa

AMOUNT_PLACES = 10
AMOUNT = pa.decimal128(28, AMOUNT_PLACES)
MOMENT = pa.timestamp("us", tz="UTC")
TYPES: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    Decimal: AMOUNT,
    datetime: MOMENT,
    date: pa.date32(),
}


@cache
def schema_of(record_class: type) -> pa.Schema:
    """The columns of a record class; a field that must be given is not nullable.

    Text is string, whole numbers int64, amounts decimal128 with ten places, moments UTC
    microseconds, days date32.
    """
    hints = typing.get_type_hints(record_class)
    return pa.schema(
        [
            pa.field(
                field.name,
                TYPES[_plain(hints[field.name])],
                nullable=field.default is not dataclasses.MISSING,
            )
            for field in dataclasses.fields(record_class)
        ]
    )


def required_of(record_class: type) -> list[str]:
    """The fields without which a row means nothing."""
    return [field.name for field in schema_of(record_class) if not field.nullable]


def table_of(record_class: type, records: Iterable[Any]) -> pa.Table:
    """The records as one table with the class's columns, in order."""
    rows = list(records)
    schema = schema_of(record_class)
    columns = [
        pa.array([_fitting(getattr(row, field.name)) for row in rows], field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def conformed(record_class: type, table: pa.Table) -> pa.Table:
    """The table with exactly the class's columns: missing ones null, types cast, extra ones gone.

    Raises pyarrow.ArrowInvalid when a value does not fit its column.
    """
    schema = schema_of(record_class)
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _plain(hint: Any) -> type:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    return typing.cast("type", hint)


def _fitting(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-AMOUNT_PLACES), rounding=ROUND_HALF_EVEN)
    return value
