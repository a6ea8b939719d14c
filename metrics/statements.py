"""Needs as SQL: the narrowest built rollup by years, months and days, else the facts.

The text is a plain subset that other engines read too. Values are parameters, never text.
"""

# The statements are put together from declarations and constants; values are parameters.
# ruff: noqa: S608

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from metrics.cover import Stretch, cover
from metrics.declare import Fact, Kind, Measure
from metrics.needs import Column, Filter, Limit, Need, edges
from metrics.sql import escaped, rollup_table, where_sql

Params = list[int | str | date]
MONTH_OF = "CAST(DATE_TRUNC('month', {day}) AS DATE)"
ROW_COUNT = "row_count"


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

    def column(self, measure: Measure, *, reporting: bool, is_added: bool = True) -> str:
        name = column_name(measure, reporting=reporting)
        if self.fact is None:
            return name if is_added else f"-{name} AS {name}"
        sql = measure.reporting_sql if reporting and is_money(measure) else measure.sql
        return f"{escaped(sql)} AS {name}"

    def count(self, counter: Measure | None, *, is_added: bool = True) -> str:
        """How many rows of the fact stand behind a row."""
        if counter is None or self.fact is not None:
            return f"1 AS {ROW_COUNT}"
        return f"{'' if is_added else '-'}{counter.name} AS {ROW_COUNT}"


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
    """The rows to be added up for one need: columns day, dimensions, measures, row count."""
    dims = narrowest(need, built)
    if dims is None:
        pieces = [piece(need, measures, raw(need.fact), Stretch("day", need.start, need.end))]
        return union(pieces, is_raw=True, is_waiting=has_rollup(need))
    return union(
        [
            piece(need, measures, Table(rollup_table(need.fact, dims, stretch.grain)), stretch)
            for stretch in stretches(need, has_years=has_years(need.fact, dims, built))
        ]
    )


def has_years(fact: Fact, dims: tuple[str, ...], built: frozenset[str]) -> bool:
    return dims in fact.yearly and rollup_table(fact, dims, "year") in built


def stretches(need: Need, *, has_years: bool) -> Sequence[Stretch]:
    """The range in whole periods. Rows may only be taken away where no group can be left of them
    with nothing in it."""
    if need.grain == "day":
        return [Stretch("day", need.start, need.end)]
    if not need.grain and (need.fact.counter or not need.columns):
        return cover(need.start, need.end, has_years=has_years)
    months, days = edges(need.start, need.end)
    return [Stretch("month", *one) for one in months] + [Stretch("day", *one) for one in days]


def counts_rows(need: Need) -> bool:
    """Whether rows are counted along, so that groups without any can be left out."""
    return bool(need.columns) and not need.grain


def piece(need: Need, measures: Sequence[Measure], table: Table, stretch: Stretch) -> Select:
    """One table over one stretch, not yet added up."""
    day = MONTH_OF.format(day=table.day) if need.grain == "month" else table.day
    columns = [f"{day} AS day"] if need.grain else []
    columns += [column.name for column in need.columns]
    columns += [
        table.column(measure, reporting=need.is_reporting, is_added=stretch.is_added)
        for measure in measures
    ]
    if counts_rows(need):
        columns.append(table.count(need.fact.counter, is_added=stretch.is_added))
    where, params = conditions(need, table, stretch.start, stretch.end)
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
    sql = f"SELECT {', '.join(keys + sums)} FROM ({inner}) AS u GROUP BY {groups}{there(need)}"
    return Select(sql, [value for part in parts for value in part.params])


def there(need: Need) -> str:
    """Leaves out groups whose rows were all taken away again."""
    return f" HAVING SUM({ROW_COUNT}) <> 0" if counts_rows(need) else ""


def ranking(parts: Sequence[Select], needs: Sequence[Need]) -> Select:
    """The ids of the largest groups over all facts of limited needs.

    Facts are put below each other, never joined, and only the one sum that ranks is made: sums of
    decimals are what takes time where groups are many.
    """
    limit, column = needs[0].limit, needs[0].columns[0].name
    if limit is None:
        raise TypeError("Only limited needs have a largest group.")
    pieces = [
        f"SELECT {column}, {size_sql(need, limit)} AS size, {ROW_COUNT} "
        f"FROM ({part.sql}) AS p{place}"
        for place, (part, need) in enumerate(zip(parts, needs, strict=True))
    ]
    sql = (
        f"SELECT {column} FROM ({' UNION ALL '.join(pieces)}) AS u GROUP BY {column}"
        f"{there(needs[0])} ORDER BY SUM(size) DESC, {column} LIMIT %s"
    )
    return Select(sql, [*(value for part in parts for value in part.params), limit.count])


def size_sql(need: Need, limit: Limit) -> str:
    """What a row of this fact adds to the size of its group."""
    terms = [
        f"{sign} {column_name(measure, reporting=need.is_reporting)}"
        for sign, measure in limit.terms
        if measure.fact is need.fact
    ]
    return " ".join(terms).removeprefix("+ ") or "0"


def among(part: Select, column: str, ids: Sequence[int]) -> Select:
    """The rows of some groups only."""
    text, values = in_list(column, ids)
    return Select(f"SELECT * FROM ({part.sql}) AS kept WHERE {text}", [*part.params, *values])


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
