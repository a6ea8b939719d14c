"""Rows whose moment was put right and lies on another day now: the old day's row goes."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.backends.utils import CursorWrapper

from core.staging import rows

# So many are looked up on every day there is; more are only looked for near the days they name,
# as the whole of the past would have to be read for each page.
FEW_ROWS = 500
NEAR_DAYS = 7
BY_INDEX = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")
DROP_MOVED = """
WITH told AS MATERIALIZED (
    SELECT {key} AS key, array_agg({day}) AS days FROM {staged} s GROUP BY 1
)
DELETE FROM {table} t USING told
WHERE t.store_id = %(store)s AND t.key = told.key AND t.day <> ALL (told.days){narrowed}
RETURNING t.day
"""
NEAR = f"""
 AND t.day BETWEEN (SELECT min({{day}}) - {NEAR_DAYS} FROM {{staged}} s)
    AND (SELECT max({{day}}) + {NEAR_DAYS} FROM {{staged}} s)
"""


@dataclass(frozen=True)
class Staged:
    """A temporary table of told rows, with each row's key and day as SQL; and whose rows it tells.

    `table` is where they land.
    """

    name: str
    table: str
    key: str
    day: str


def drop_moved(cursor: CursorWrapper, params: dict[str, Any], told: Staged) -> set[date]:
    """Delete the stored rows whose key is told on other days only; returns the days they left.

    Of a page of more than 500 rows, those that moved by more than a week from the days that the
    page tells of stay where they are.
    """
    found = rows(cursor, f"SELECT count(*) FROM {told.name}")[0][0]
    is_few = found <= FEW_ROWS
    narrowed = "" if is_few else NEAR.format(day=told.day, staged=told.name)
    narrowed += " AND NOT t.is_derived" if told.table == "traffic_session" else ""
    sql = DROP_MOVED.format(
        key=told.key, day=told.day, staged=told.name, table=told.table, narrowed=narrowed
    )
    for setting in BY_INDEX if is_few else ():
        cursor.execute(f"SET LOCAL {setting} = off")
    gone = rows(cursor, sql, params)
    for setting in BY_INDEX if is_few else ():
        cursor.execute(f"SET LOCAL {setting} = on")
    return {row[0] for row in gone}
