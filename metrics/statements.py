"""Needs as SQL: the narrowest built rollup, whole months from month tables, else the facts.

The text is a plain subset that other engines read too. Values are parameters, never text.
"""

# The statements are put together from declarations and constants; values are parameters.
# ruff: noqa: S608

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from metrics.declare import Fact, Kind, Measure
from metrics.needs import Column, Filter, Need, edges
from metrics.sql import escaped, rollup_table, where_sql

Params = list[int | str | date]
MONTH_OF = "CAST(DATE_TRUNC('month', {day}) AS DATE)"


@dataclass
class Select:
    """SQL with its parameters, the tables it reads, and whether facts themselves are read."""

    sql: str
    params: Params = field(default_factory=list)
    sources: tuple[str, ...] = ()
    is_raw: bool = False
    is_waiting: bool = False


@dataclass(frozen=True)
class Table:
    """Where a piece is read from: the name, its day column and how a column is written."""

    name: str
    day: str = "day"
    condition: str = "TRUE"
    fact: Fact | None = None

    def column(self, measure: Measure, *, reporting: bool) -> str:
        if self.fact is None:
            return column_name(measure, reporting=reporting)
        sql = measure.reporting_sql if reporting and is_money(measure) else measure.sql
        return f"{escaped(sql)} AS {column_name(measure, reporting=reporting)}"


def is_money(measure: Measure) -> bool:
    return measure.kind is Kind.MONEY


def column_name(measure: Measure, *, reporting: bool) -> str:
    """The rollup's column for the currency that is asked for."""
    return f"{measure.name}_reporting" if reporting and is_money(measure) else measure.name


def raw(fact: Fact) -> Table:
    """The fact's own table. Plain names need no quotes, and other engines read quotes otherwise."""
    return Table(fact.table, fact.day, where_sql(fact).replace('"', ""), fact)


def narrowest(need: Need, built: frozenset[str]) -> tuple[str, ...] | None:
    """The dimensions of the smallest rollup, built at both grains, that has what is needed."""
    for dims in sorted(need.fact.rollups, key=len):
        names = {rollup_table(need.fact, dims, grain) for grain in ("day", "month")}
        if need.dims <= set(dims) and names <= built:
            return dims
    return None


def has_rollup(need: Need) -> bool:
    """Whether a rollup with what is needed is declared, built or not."""
    return any(need.dims <= set(dims) for dims in need.fact.rollups)


def sum_select(need: Need, measures: Sequence[Measure], built: frozenset[str]) -> Select:
    """The rows to be added up for one need: columns day, dimensions, measures."""
    dims = narrowest(need, built)
    if dims is None:
        pieces = [piece(need, measures, raw(need.fact), need.start, need.end)]
        return union(pieces, is_raw=True, is_waiting=has_rollup(need))
    by_day = Table(rollup_table(need.fact, dims, "day"))
    by_month = Table(rollup_table(need.fact, dims, "month"))
    months, days = edges(need.start, need.end)
    if need.grain == "day":
        months, days = [], [(need.start, need.end)]
    pieces = [piece(need, measures, by_month, a, b) for a, b in months]
    pieces += [piece(need, measures, by_day, a, b) for a, b in days]
    return union(pieces)


def piece(need: Need, measures: Sequence[Measure], table: Table, start: date, end: date) -> Select:
    """One table over one range, not yet added up."""
    day = MONTH_OF.format(day=table.day) if need.grain == "month" else table.day
    columns = [f"{day} AS day"] if need.grain else []
    columns += [column.name for column in need.columns]
    columns += [table.column(measure, reporting=need.is_reporting) for measure in measures]
    where, params = conditions(need, table, start, end)
    return Select(f"SELECT {', '.join(columns)} FROM {table.name} WHERE {where}", params,
                  (table.name,))  # fmt: skip


def conditions(need: Need, table: Table, start: date, end: date) -> tuple[str, Params]:
    """The WHERE of a piece: stores, days, filters and the fact's own condition."""
    stores, params = in_list("store_id", need.stores)
    days = [start, end] if start != end else [start]
    texts = [stores, f"{table.day} BETWEEN %s AND %s" if len(days) == 2 else f"{table.day} = %s"]
    params += days
    for one in need.filters:
        text, ids = filter_sql(one)
        texts.append(text)
        params += ids
    texts += [table.condition] if table.condition != "TRUE" else []
    return " AND ".join(texts), params


def filter_sql(one: Filter) -> tuple[str, Params]:
    if one.is_kept:
        return in_list(one.column, one.ids)
    if not one.ids:
        return "1 = 1", []
    return f"{one.column} NOT IN ({placeholders(one.ids)})", list(one.ids)


def in_list(column: str, ids: Sequence[int]) -> tuple[str, Params]:
    if not ids:
        return "1 = 0", []
    if len(ids) == 1:
        return f"{column} = %s", list(ids)
    return f"{column} IN ({placeholders(ids)})", list(ids)


def placeholders(values: Iterable[object]) -> str:
    return ", ".join("%s" for _ in values)


def union(pieces: Sequence[Select], *, is_raw: bool = False, is_waiting: bool = False) -> Select:
    """All rows of all pieces."""
    return Select(
        " UNION ALL ".join(one.sql for one in pieces),
        [value for one in pieces for value in one.params],
        tuple(dict.fromkeys(name for one in pieces for name in one.sources)),
        is_raw,
        is_waiting,
    )


def added_up(parts: Sequence[Select], need: Need, measures: Sequence[Measure]) -> Select:
    """One statement for needs of one shape: need number, day, dimensions, sums."""
    keys = ["need", *(["day"] if need.grain else []), *(column.name for column in need.columns)]
    names = [column_name(measure, reporting=need.is_reporting) for measure in measures]
    sums = [f"COALESCE(SUM({name}), 0) AS {name}_sum" for name in names]
    inner = " UNION ALL ".join(
        f"SELECT {number} AS need, p{number}.* FROM ({part.sql}) AS p{number}"
        for number, part in enumerate(parts)
    )
    groups = ", ".join(str(place + 1) for place in range(len(keys)))
    sql = f"SELECT {', '.join(keys + sums)} FROM ({inner}) AS u GROUP BY {groups}"
    return Select(sql, [value for part in parts for value in part.params])


def largest(
    parts: Sequence[Select], needs: Sequence[Need], measures: Sequence[Sequence[Measure]]
) -> Select:
    """One statement over all facts of limited needs: the dimension, then every need's sums.

    Facts are added up on their own, then put below each other with zeros for what the others
    measure, never joined.
    """
    limit, column = needs[0].limit, needs[0].columns[0].name
    if limit is None:
        raise TypeError("Only limited needs have a largest group.")
    names = [
        [column_name(one, reporting=need.is_reporting) for one in found]
        for need, found in zip(needs, measures, strict=True)
    ]
    pieces = []
    for number, part in enumerate(parts):
        columns = [
            f"{f'SUM({name})' if other == number else 0} AS n{other}_{name}"
            for other, found in enumerate(names)
            for name in found
        ]
        pieces.append(
            f"SELECT {column}, {', '.join(columns)} FROM ({part.sql}) AS p{number} "
            f"GROUP BY {column}"
        )
    sums = [f"SUM(n{n}_{name})" for n, found in enumerate(names) for name in found]
    facts = [need.fact for need in needs]
    size = "".join(
        f" {sign} SUM(n{facts.index(one.fact)}_{column_name(one, reporting=needs[0].is_reporting)})"
        for sign, one in limit.terms
    )
    sql = (
        f"SELECT {column}, {', '.join(sums)} FROM ({' UNION ALL '.join(pieces)}) AS u "
        f"GROUP BY {column} ORDER BY 0{size} DESC, {column} LIMIT %s"
    )
    return Select(sql, [*(value for part in parts for value in part.params), limit.count])


def grouped(column: Column) -> tuple[str, Params]:
    """A column as it is grouped by: itself, or folded (ids that fold to one id are one group)."""
    if column.fold is None:
        return column.name, []
    targets: dict[int, list[int]] = {}
    for stored, target in column.fold:
        targets.setdefault(target, []).append(stored)
    if not targets:
        return "0", []
    whens = " ".join(
        f"WHEN {column.name} IN ({placeholders(ids)}) THEN %s" for ids in targets.values()
    )
    params: Params = [value for target, ids in targets.items() for value in (*ids, target)]
    return f"CASE {whens} ELSE 0 END", params
