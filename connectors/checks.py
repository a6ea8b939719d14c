"""What every row must be before any table takes it: complete, of sane size, free of NUL."""

import pyarrow as pa
import pyarrow.compute as pc

from core.columns import schema_of
from core.landing import BadRow, bad_rows

LARGEST_AMOUNT = 10**12
LARGEST_NUMBER = 2**31 - 1
ID_LENGTHS = {"visitor": 128, "sku": 120}
ID_LENGTH, SPEND_ID_LENGTH = 120, 300
NUL = "\x00"


def cleaned(table: pa.Table) -> pa.Table:
    """The table without NUL characters, which Postgres keeps in no text."""
    for i, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(i)
            if pc.any(pc.match_substring(column, NUL)).as_py():
                table = table.set_column(i, field.name, pc.replace_substring(column, NUL, ""))
    return table


def rows_checked(stream: str, record_class: type, table: pa.Table) -> list[BadRow]:
    """The rows that no table could hold, with what to do about each."""
    found: list[BadRow] = []
    for field in schema_of(record_class):
        column = table[field.name]
        if not field.nullable and column.null_count:
            found += bad_rows(table, field.name, pc.is_null(column), "The value is missing.",
                              "Fill it in, or map another column to it.")  # fmt: skip
        if pa.types.is_decimal(field.type):
            found += _too_large(table, field.name, LARGEST_AMOUNT)
        elif pa.types.is_integer(field.type):
            found += _too_large(table, field.name, LARGEST_NUMBER)
        elif field.name.endswith("_id") or field.name in ID_LENGTHS:
            found += _too_long(table, field.name, stream)
    return found


def _too_large(table: pa.Table, name: str, most: int) -> list[BadRow]:
    column = table[name]
    bounds = pc.min_max(column).as_py()
    if all(value is None or abs(value) <= most for value in bounds.values()):
        return []
    odd = pc.fill_null(pc.greater(pc.abs(column), pa.scalar(most, pa.int64())), fill_value=False)
    return bad_rows(table, name, odd, "The number is too large.", "Check the decimal separator.")


def _too_long(table: pa.Table, name: str, stream: str) -> list[BadRow]:
    most = ID_LENGTHS.get(name, SPEND_ID_LENGTH if stream == "ad_spend" else ID_LENGTH)
    lengths = pc.utf8_length(table[name])
    if (pc.max(lengths).as_py() or 0) <= most:
        return []
    odd = pc.fill_null(pc.greater(lengths, most), fill_value=False)
    return bad_rows(table, name, odd, f"The id is longer than {most} characters.",
                    "Map the column that holds the short id.")  # fmt: skip
