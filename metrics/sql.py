"""The SELECT texts that rollups are built from; table, refresh, audit and signature share them.

Every text takes the parameters `store` and `days` (a list, or None for all days).
"""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.db import connection

from metrics.declare import Fact, Kind, Measure, facts

GRAINS = ("day", "month", "year")
ADDITIVE = (Kind.SUM, Kind.MONEY)
PRESENCE_DIMS = ("channel", "country", "device", "customer_type")
CELL_DIMS = PRESENCE_DIMS[:3]
LONGEST_NAME = 63
# Raised when the engine itself builds rollups differently from the same declarations.
ENGINE_VERSION = "1"


def within(column: str) -> str:
    """The days asked for. PostgreSQL folds the test of the constant away before it plans."""
    return f"(%(days)s::date[] IS NULL OR {column} = ANY(%(days)s::date[]))"


@cache
def where_sql(fact: Fact) -> str:
    """The fact's filter as SQL over its own columns, with `%` doubled; TRUE when it has none."""
    if fact.where is None:
        return "TRUE"
    query = fact.model._default_manager.filter(fact.where).query
    if len(query.alias_map) > 1:
        raise ValueError(f"The filter of {fact.name} may only name its own columns.")
    sql, params = query.get_compiler(connection=connection).compile(query.where)
    with connection.cursor() as cursor:
        text: str = cursor.cursor.mogrify(sql, params).decode()
    return text.replace("%", "%%")


def escaped(sql: str) -> str:
    return sql.replace("%", "%%")


@dataclass(frozen=True)
class Rollup:
    """One generated table: a fact added up by some dimensions, per day, month or year."""

    fact: Fact
    dims: tuple[str, ...]
    grain: str

    @property
    def table(self) -> str:
        return rollup_table(self.fact, self.dims, self.grain)

    @property
    def keys(self) -> tuple[str, ...]:
        return ("store_id", "day", *self.dims)

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *measure_columns(self.fact))

    @property
    def parent(self) -> "Rollup | None":
        """The table that this one adds up: a year's own months, a month's own days, or a finer
        rollup's day."""
        if self.grain != "day":
            return Rollup(self.fact, self.dims, GRAINS[GRAINS.index(self.grain) - 1])
        finer = [dims for dims in self.fact.rollups if set(self.dims) < set(dims)]
        return Rollup(self.fact, min(finer, key=len), "day") if finer else None

    @property
    def build(self) -> str:
        """The rows of this rollup, worked out from the table it adds up."""
        return self.from_fact if self.parent is None else self.build_among("TRUE")

    def build_among(self, condition: str) -> str:
        """The same rows of those groups alone whose ids meet a condition."""
        if self.parent is None:
            raise TypeError(f"{self.table} is added up from no other rollup.")
        return self._select(
            self.parent.table,
            day="day",
            where=f"store_id = %(store)s AND {within('day')} AND {condition}",
            sums=[f"SUM({column})" for column in measure_columns(self.fact)],
        )

    @property
    def from_fact(self) -> str:
        """The same rows worked out from the fact table alone."""
        day = self.fact.day
        where = f"store_id = %(store)s AND {within(day)} AND {where_sql(self.fact)}"
        return self._select(self.fact.table, day=day, where=where, sums=measure_sums(self.fact))

    @property
    def signature(self) -> str:
        fields = {field.column: field for field in self.fact.model._meta.concrete_fields}
        types = [str(fields[dim].db_type(connection)) for dim in self.dims]
        return signature_of(self.from_fact, *types)

    def _select(self, source: str, *, day: str, where: str, sums: list[str]) -> str:
        bucket = day if self.grain == "day" else f"DATE_TRUNC('{self.grain}', {day})::date"
        keys = ["store_id", f"{bucket} AS day", *self.dims]
        named = [
            f"{total} AS {column}"
            for total, column in zip(sums, measure_columns(self.fact), strict=True)
        ]
        groups = ", ".join(str(n + 1) for n in range(len(keys)))
        return f"SELECT {', '.join(keys + named)} FROM {source} WHERE {where} GROUP BY {groups}"


def signature_of(*parts: str) -> str:
    return hashlib.sha256("\n".join((ENGINE_VERSION, *parts)).encode()).hexdigest()


def rollup_table(fact: Fact, dims: tuple[str, ...], grain: str) -> str:
    """The table's name, for example `rollup_sessions_month_channel_country`.

    What PostgreSQL would cut off is replaced by a digest of the whole name.
    """
    name = "_".join(("rollup", fact.name, grain, *dims))
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]}_{digest}"


def measure_columns(fact: Fact) -> list[str]:
    """The columns of the additive measures, money twice."""
    return [column for measure in additive(fact) for column in columns_of(measure)]


def columns_of(measure: Measure) -> list[str]:
    if measure.kind is Kind.MONEY:
        return [measure.name, f"{measure.name}_reporting"]
    return [measure.name]


def measure_sums(fact: Fact) -> list[str]:
    """How those columns are added up from the fact's rows; nothing adds up to 0."""
    texts: list[str] = []
    for measure in additive(fact):
        parts = (
            [measure.sql, measure.reporting_sql] if measure.kind is Kind.MONEY else [measure.sql]
        )
        texts += [f"COALESCE(SUM({escaped(part)}), 0)" for part in parts]
    return texts


def additive(fact: Fact) -> list[Measure]:
    return [measure for measure in fact.measures if measure.kind in ADDITIVE]


def unique_measures(fact: Fact) -> list[Measure]:
    return [measure for measure in fact.measures if measure.kind is Kind.UNIQUE]


def rollups_of(fact: Fact) -> list[Rollup]:
    """The fact's rollups in the order they must be built: days finest first, months, years."""
    if not additive(fact):
        return []
    widest_first = sorted(fact.rollups, key=len, reverse=True)
    return [
        Rollup(fact, tuple(dims), grain)
        for grain in GRAINS
        for dims in widest_first
        if grain != "year" or dims in fact.yearly
    ]


def all_rollups() -> Iterator[Rollup]:
    for fact in facts.values():
        yield from rollups_of(fact)


def presence_select(measure: Measure) -> str:
    """Who was there on which day, once each, with the dimensions asked for."""
    fact = measure.fact
    kept = {*fact.unique_scopes, *fact.unique_cells}
    if not kept <= set(PRESENCE_DIMS) or not set(fact.unique_cells) <= set(CELL_DIMS):
        raise ValueError(f"{fact.name} counts unique values by {kept - set(PRESENCE_DIMS)}.")
    dims = [f"{dim}::int AS {dim}" if dim in kept else f"0 AS {dim}" for dim in PRESENCE_DIMS]
    value = escaped(measure.sql)
    return (
        f"SELECT DISTINCT ({value})::bigint AS value, {fact.day} AS day, {', '.join(dims)} "
        f"FROM {fact.table} WHERE store_id = %(store)s AND {within(fact.day)} "
        f"AND ({value}) IS NOT NULL AND {where_sql(fact)}"
    )


def gap_state(measure: Measure) -> str:
    """The name under which RollupState keeps whether this measure's unique sets are built."""
    return f"metrics_gap_{measure.name}"


def gap_signature(measure: Measure) -> str:
    fact = measure.fact
    return signature_of(presence_select(measure), *fact.unique_scopes, "|", *fact.unique_cells)
