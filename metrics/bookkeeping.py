"""What the engine knows about its own tables: built rollups, versions, freshness, waiting days."""

# The statements are put together from declarations and constants; values are parameters.
# ruff: noqa: S608

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db.backends.utils import CursorWrapper

from metrics.declare import Fact
from metrics.needs import Need
from metrics.sql import where_sql
from metrics.statements import Params, in_list
from metrics.tables import declared

Range = tuple[str, tuple[int, ...], date, date]


@dataclass(frozen=True)
class Freshness:
    """Up to which day a fact is rolled up, when that was last done, and how many days wait."""

    day: date | None = None
    at: datetime | None = None
    waiting_days: int = 0


@cache
def signatures() -> dict[str, str]:
    """What every rollup must have been built from; declarations do not change while we run."""
    return {table: signature for table, (_, signature) in declared().items()}


@cache
def fact_signature(fact: Fact) -> str:
    """A hash of everything that a fact declares."""
    parts = [f"{m.name}|{m.kind}|{m.sql}|{m.reporting_sql}|{m.days}" for m in fact.measures]
    return hashlib.sha256(
        "\n".join([fact.table, fact.day, where_sql(fact), *parts]).encode()
    ).hexdigest()


def built_tables(cursor: CursorWrapper) -> frozenset[str]:
    """The rollups that hold what is declared now, as the open snapshot sees them."""
    wanted = signatures()
    cursor.execute('SELECT "table", signature FROM metrics_rollupstate WHERE is_built')
    return frozenset(name for name, signature in cursor.fetchall() if wanted.get(name) == signature)


def range_of(need: Need) -> Range:
    """What a need's version is counted over."""
    return (need.fact.name, need.stores, need.read_from, need.end)


def versions(cursor: CursorWrapper, ranges: Iterable[Range]) -> dict[Range, int]:
    """How often the days of each range were rebuilt, in all: it moves with every commit."""
    wanted = list(ranges)
    texts: list[str] = []
    params: Params = []
    for name, stores, start, end in wanted:
        condition, ids = in_list("store_id", stores)
        texts.append(
            "(SELECT COALESCE(SUM(n), 0) FROM metrics_version "
            f"WHERE fact = %s AND {condition} AND day BETWEEN %s AND %s)"
        )
        params += [name, *ids, start, end]
    cursor.execute(f"SELECT {', '.join(texts)}", params)
    found: Sequence[int] = cursor.fetchone() or ()
    return {one: int(n) for one, n in zip(wanted, found, strict=True)}


def freshness(cursor: CursorWrapper, ranges: Iterable[Range]) -> dict[str, Freshness]:
    """How fresh each fact is, by the store that is furthest behind."""
    spans: dict[str, list[Range]] = {}
    for one in ranges:
        spans.setdefault(one[0], []).append(one)
    texts: list[str] = []
    params: Params = []
    for name, found in spans.items():
        for store in found[0][1]:
            texts.append(
                "(SELECT %s AS fact, day, refreshed_at, 0 AS waiting FROM metrics_version "
                "WHERE fact = %s AND store_id = %s ORDER BY day DESC LIMIT 1)"
            )
            params += [name, name, store]
        condition, ids = in_list("store_id", found[0][1])
        texts.append(
            "SELECT %s, NULL, NULL, COUNT(DISTINCT day) FROM metrics_mark "
            f"WHERE fact = %s AND {condition} AND day BETWEEN %s AND %s"
        )
        params += [name, name, *ids, min(r[2] for r in found), max(r[3] for r in found)]
    cursor.execute(" UNION ALL ".join(texts), params)
    return worst(spans, cursor.fetchall())


def worst(
    names: Iterable[str], rows: Sequence[tuple[str, date | None, datetime | None, int]]
) -> dict[str, Freshness]:
    fresh = {}
    for name in names:
        days = sorted(row[1] for row in rows if row[0] == name and row[1])
        moments = sorted(row[2] for row in rows if row[0] == name and row[2])
        waiting = sum(row[3] for row in rows if row[0] == name)
        fresh[name] = Freshness(days[0] if days else None, moments[0] if moments else None, waiting)
    return fresh
