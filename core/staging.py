"""The fast way in: an Arrow table copied into a temporary table of the running transaction."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from django.db import connection
from django.db.backends.utils import CursorWrapper

CHUNK_ROWS = 65_536
# The planner guesses badly about a temporary table; a small sample is enough to put it right.
ANALYZE_FROM = 500


def sql_type(column: pa.DataType) -> str:
    """The Postgres type that holds an Arrow column."""
    if pa.types.is_decimal(column):
        return "numeric"
    if pa.types.is_timestamp(column):
        return "timestamptz"
    if pa.types.is_integer(column):
        return "bigint" if column.bit_width > 32 else "integer"
    if pa.types.is_boolean(column):
        return "boolean"
    if pa.types.is_date(column):
        return "date"
    return "text"


def stage(cursor: CursorWrapper, name: str, table: pa.Table) -> None:
    """Copy the table into the temporary table `name`, gone with the transaction.

    Rows get their position in `pos`, counted from 0.
    """
    table = table.append_column("pos", pa.arange(0, table.num_rows).cast(pa.int32()))
    columns = ", ".join(f'"{f.name}" {sql_type(f.type)}' for f in table.schema)
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
    copy_in(cursor, name, table)
    if table.num_rows >= ANALYZE_FROM:
        analyze(cursor, name)


def analyze(cursor: CursorWrapper, *names: str) -> None:
    """Let the planner know the temporary tables, from a small sample."""
    for name in names:
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute(f"ANALYZE {name}")
        cursor.execute("RESET default_statistics_target")


MANY_ROWS = 2_000
# Looking a row up in an index costs about as much as hashing this many.
LOOKUP_COSTS_ROWS = 5
GROWN = 3
OUTGROWN = """
SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[])
    AND pg_relation_size(oid) > %s * 8192 * greatest(relpages, 4)
"""


@contextmanager
def joined_in_bulk(page_rows: int, table_name: str, store_id: int) -> Iterator[None]:
    """Have the planner join a large page by hashing within the block.

    For a store whose first rows are being imported its statistics say "one row", and it would
    compare every row with every other. Where it knows of far more rows than the page has, they are
    looked up by index.
    """
    if page_rows < MANY_ROWS:
        yield
        return
    with connection.cursor() as cursor:
        ask = f"EXPLAIN (FORMAT JSON) SELECT FROM {table_name} WHERE store_id = %s"
        believed = rows(cursor, ask, [store_id])[0][0][0]["Plan"]["Plan Rows"]
        is_large = believed > LOOKUP_COSTS_ROWS * page_rows
        # What was just written is in memory.
        setting, off, on = (
            ("random_page_cost", "1.1", "DEFAULT") if is_large else ("enable_nestloop", "off", "on")
        )
        cursor.execute(f"SET LOCAL {setting} = {off}")
        yield
        cursor.execute(f"SET LOCAL {setting} = {on}")


def keep_statistics(*table_names: str) -> None:
    """Tell the planner of tables that have grown several times as large since it last looked.

    Called between transactions: the lock that this takes keeps nobody waiting then.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        for (name,) in rows(cursor, OUTGROWN, [list(table_names), GROWN]):
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {name}")


def copy_in(cursor: CursorWrapper, name: str, table: pa.Table) -> None:
    """COPY the table's columns into those of the same name."""
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    command = f"COPY {name} ({columns}) FROM STDIN (FORMAT csv)"
    options = pa_csv.WriteOptions(include_header=False, batch_size=CHUNK_ROWS)
    for start in range(0, table.num_rows, CHUNK_ROWS):
        buffer = io.BytesIO()
        pa_csv.write_csv(table.slice(start, CHUNK_ROWS), buffer, options)
        buffer.seek(0)
        cursor.copy_expert(command, buffer, 1 << 20)


def one_row_per_key(table: pa.Table, keys: Sequence[str]) -> bool:
    """Whether no two rows share the same key, so that no winner has to be chosen."""
    if table.num_rows < 2:
        return True
    if len(keys) == 1:
        return bool(pc.count_distinct(table[keys[0]]).as_py() == table.num_rows)
    groups = table.select(list(keys)).group_by(list(keys), use_threads=False).aggregate([])
    return bool(groups.num_rows == table.num_rows)


def recoded(column: pa.ChunkedArray, codes: dict[Any, int], default: int = 0) -> pa.ChunkedArray:
    """The column's values replaced by their codes; null and what has none become `default`."""
    whole = column.combine_chunks().dictionary_encode()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.combine_chunks()
    values = [codes.get(value, default) for value in whole.dictionary.to_pylist()]
    if not values:
        return pa.chunked_array([pa.array([default] * len(column), pa.int64())])
    numbers = pa.array(values, pa.int64()).take(whole.indices)
    return pa.chunked_array([pc.fill_null(numbers, default)])


def distinct(column: pa.ChunkedArray) -> list[Any]:
    """The different values of a column, null left out."""
    return [value for value in pc.unique(column).to_pylist() if value is not None]


def with_column(table: pa.Table, name: str, column: Any) -> pa.Table:
    """The table with that column put in the place of the one of its name, or added."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def rows(cursor: CursorWrapper, sql: str, params: Any = ()) -> list[Any]:
    """What the statement returns."""
    cursor.execute(sql, params)
    found: list[Any] = cursor.fetchall()
    return found


def ids_of(
    table_name: str, key: str, store_id: int, values: list[str], *, make: bool = True
) -> dict[str, int]:
    """The ids of a store's names, each made when it is new.

    Names are made in their order, so that two transactions never wait for each other in a ring.
    """
    if not values:
        return {}
    # Table and column are the caller's constants.
    find = f"SELECT {key}, id FROM {table_name} WHERE store_id = %s AND {key} = ANY(%s)"  # noqa: S608
    add = (
        f"INSERT INTO {table_name} (store_id, {key}) SELECT %s, v FROM unnest(%s::text[]) v "  # noqa: S608
        f"ORDER BY v ON CONFLICT DO NOTHING RETURNING {key}, id"
    )
    with connection.cursor() as cursor:
        found = dict(rows(cursor, find, [store_id, values]))
        lacking = [value for value in values if value not in found]
        if lacking and make:
            found |= dict(rows(cursor, add, [store_id, lacking]))
            if len(found) < len(values):
                found |= dict(rows(cursor, find, [store_id, values]))
    return found
