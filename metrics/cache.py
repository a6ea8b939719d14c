"""Results kept under keys that change with every rebuild of the days read; losing them is fine."""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from metrics.bookkeeping import fact_signature
from metrics.declare import Measure
from metrics.needs import Need
from metrics.statements import Select

Rows = list[tuple[Any, ...]]
Column = tuple[str, Any]
log = logging.getLogger(__name__)

KEPT_SECONDS = 2 * 24 * 3600
MOST_ROWS = 20_000


def key_of(need: Need, measures: Sequence[Measure], select: Select, version: int) -> str:
    """A key that two readings share only if the database would answer both alike.

    It holds the statement with its values, what the fact declares, and how often the days read
    were rebuilt: the sum of their counters, as the newest one alone may stand still when commits
    overtake each other.
    """
    names = [measure.name for measure in measures]
    asked = (names, need.way, need.grain, need.buckets, str(need.limit))
    text = repr((select.sql, select.params, asked, fact_signature(need.fact), version))
    return f"sums:{database()}:{hashlib.sha256(text.encode()).hexdigest()}"


def database() -> str:
    """Which database the figures are of: several may share one cache server."""
    told = connection.settings_dict
    return named(str(told["HOST"]), str(told["PORT"]), str(told["NAME"]))


@lru_cache
def named(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def joint_key(key: str, others: Iterable[str]) -> str:
    """The key of a result that also depends on what the others read."""
    text = "".join((key, *sorted(others)))
    return f"sums:{database()}:{hashlib.sha256(text.encode()).hexdigest()}"


def packed(rows: Rows) -> list[Column]:
    """Rows by columns, decimals and days as plain text and numbers: a tenth of the work to store
    and to read back, and exact."""
    return [packed_column(values) for values in zip(*rows, strict=True)]


def packed_column(values: tuple[Any, ...]) -> Column:
    kinds = set(map(type, values))
    if kinds == {Decimal}:
        return "decimals", " ".join(map(str, values))
    if kinds == {date}:
        return "days", [day.toordinal() for day in values]
    return "as they are", values


def unpacked(columns: Iterable[Column]) -> Rows:
    return list(zip(*(unpacked_column(*column) for column in columns), strict=True))


def unpacked_column(kind: str, values: Any) -> Iterable[Any]:
    if kind == "decimals":
        return map(Decimal, values.split(" "))
    return map(date.fromordinal, values) if kind == "days" else values


def kept(keys: Iterable[str]) -> Mapping[str, Rows]:
    """What is there; nothing when the cache server is away."""
    try:
        found = cache.get_many(list(keys))
        return {key: unpacked(columns) for key, columns in found.items()}
    except (RedisError, OSError):
        log.warning("The cache does not answer; figures are computed anew.")
        return {}


def keep(results: Mapping[str, Rows]) -> None:
    """Store results of bearable size."""
    small = {key: packed(rows) for key, rows in results.items() if len(rows) <= MOST_ROWS}
    if not small:
        return
    try:
        cache.set_many(small, KEPT_SECONDS)
    except (RedisError, OSError):
        log.warning("The cache does not answer; figures are not kept.")
