"""Reading what does not add up: distinct values of a range, and customers of the last year.

Distinct values come from previous-day gaps (any range, one dimension value), from roaring sets
of whole months (several dimensions, in `metrics.cells_read`), else from the facts. All are exact.
"""

# The statements are put together from declarations and constants; values are parameters.
# ruff: noqa: S608

from datetime import date

from metrics.declare import Kind, Measure
from metrics.needs import Bucket, Need
from metrics.sql import escaped, gap_state
from metrics.statements import Params, Select, conditions, filter_sql, grouped, in_list, raw, union

NEVER = "CAST('9999-12-31' AS DATE)"


def counted(need: Need) -> Measure:
    """The measure of a need that does not add up."""
    if need.measure is None:
        raise TypeError("A need that does not add up is about one measure.")
    return need.measure


def gap_scope(need: Need) -> str | None:
    """The gap scope that answers the need: one dimension grouped by, or one value of it, or all."""
    dims = need.dims
    if not dims:
        return ""
    dim = min(dims)
    if len(dims) > 1 or dim not in need.fact.unique_scopes or any(c.fold for c in need.columns):
        return None
    is_one_value = all(one.is_kept and len(one.ids) == 1 for one in need.filters)
    return dim if need.columns or is_one_value else None


def unique_select(need: Need, built: frozenset[str]) -> Select:
    """Rows of bucket start, dimensions, number of distinct values."""
    scope = gap_scope(need)
    if scope is None:
        return raw_select(need)
    if gap_state(counted(need)) in built:
        return gap_select(need, scope)
    select = raw_select(need)
    select.is_waiting = True
    return select


def gap_select(need: Need, scope: str) -> Select:
    """From the gap table: seen in the range and not earlier in it."""
    stores, ids = in_list("store_id", need.stores)
    fixed: Params = [counted(need).name, scope]
    where = f"{stores} AND measure = %s AND scope = %s"
    for one in need.filters:
        text, values = filter_sql(one)
        where += f" AND {text.replace(one.column, 'val', 1)}"
        fixed += values
    where += "" if scope else " AND val = 0"
    by_value = bool(need.columns)
    if need.grain == "day":
        return gap_days(need, where, [*ids, *fixed])
    pieces = []
    for start, end in need.buckets:
        sql = (
            f"SELECT %s AS day{', val' * by_value}, COALESCE(SUM(n), 0) AS n FROM metrics_gap "
            f"WHERE {where} AND day BETWEEN %s AND %s AND prev < %s{' GROUP BY val' * by_value}"
        )
        pieces.append(Select(sql, [start, *ids, *fixed, start, end, start], ("metrics_gap",)))
    return union(pieces)


def gap_days(need: Need, where: str, params: Params) -> Select:
    """Every day on its own: whoever was seen that day, whenever before."""
    value = ", val" * bool(need.columns)
    sql = (
        f"SELECT day{value}, SUM(n) AS n FROM metrics_gap WHERE {where} "
        f"AND day BETWEEN %s AND %s GROUP BY day{value}"
    )
    return Select(sql, [*params, need.start, need.end], ("metrics_gap",))


def raw_select(need: Need) -> Select:
    """From the facts: count distinct values bucket by bucket."""
    if need.grain == "day":
        return raw_bucket(need, (need.start, need.end), by_day=True)
    return union([raw_bucket(need, bucket) for bucket in need.buckets], is_raw=True)


def raw_bucket(need: Need, bucket: Bucket, *, by_day: bool = False) -> Select:
    table = raw(need.fact)
    where, params = conditions(need, table, *bucket)
    columns, values = columns_sql(need)
    day: str = table.day if by_day else "%s"
    first: Params = [] if by_day else [bucket[0]]
    keys = [str(place + 2) for place in range(len(columns))] + ["1"] * by_day
    groups = f" GROUP BY {', '.join(keys)}" if keys else ""
    texts = [f"{day} AS day", *columns, f"COUNT(DISTINCT {escaped(counted(need).sql)}) AS n"]
    sql = f"SELECT {', '.join(texts)} FROM {table.name} WHERE {where}{groups}"
    return Select(sql, [*first, *values, *params], (table.name,), is_raw=True)


def columns_sql(need: Need) -> tuple[list[str], Params]:
    """The columns to group by, folded and named apart."""
    texts: list[str] = []
    params: Params = []
    for number, column in enumerate(need.columns):
        text, values = grouped(column)
        texts.append(f"{text} AS g{number}")
        params += values
    return texts, params


def rolling_select(need: Need) -> Select:
    """Rows of day, dimensions, change: the running total on a day is the number on that day.

    A customer counts from an order until the next one or until the order is `days` old; with
    REPEAT until the order before it is `days` old. So one pass answers for every day there is.
    """
    table, value = raw(need.fact), escaped(counted(need).sql)
    where, params = conditions(need, table, need.read_from, need.end)
    columns, values = columns_sql(need)
    named = "".join(f", g{number}" for number in range(len(columns)))
    since = "earlier" if counted(need).kind is Kind.REPEAT else "day"
    expiry = f"CAST({since} + INTERVAL '{need.days}' DAY AS DATE)"
    rows = ", ".join([f"{table.day} AS day", f"{value} AS who", *columns])
    window = f"OVER (PARTITION BY who{named} ORDER BY day)"
    sql = (
        f"WITH seen AS (SELECT {rows} FROM {table.name} WHERE {where} AND {value} IS NOT NULL), "
        f"linked AS (SELECT day{named}, LAG(day) {window} AS earlier, "
        f"LEAD(day) {window} AS later FROM seen), "
        f"spans AS (SELECT day{named}, CASE WHEN COALESCE(later, {NEVER}) < {expiry} "
        f"THEN later ELSE {expiry} END AS until FROM linked WHERE {since} IS NOT NULL) "
        f"SELECT day{named}, SUM(step) AS n FROM ("
        f"SELECT day{named}, 1 AS step FROM spans WHERE until > day UNION ALL "
        f"SELECT until AS day{named}, -1 AS step FROM spans WHERE until > day) AS steps "
        f"WHERE day <= %s GROUP BY day{named}"
    )
    return Select(sql, [*values, *params, need.end], (table.name,), is_raw=True)


def rolled_up(
    rows: list[tuple[object, ...]], buckets: tuple[Bucket, ...]
) -> list[tuple[object, ...]]:
    """Changes by day as the number at the end of each bucket."""
    steps: dict[tuple[object, ...], list[tuple[date, int]]] = {}
    for day, *key, step in rows:
        steps.setdefault(tuple(key), []).append((day, int(step)))  # type: ignore[arg-type, call-overload]
    found: list[tuple[object, ...]] = []
    for ids, changes in steps.items():
        changes.sort()
        total, place = 0, 0
        for start, end in sorted(buckets):
            while place < len(changes) and changes[place][0] <= end:
                total += changes[place][1]
                place += 1
            found.append((start, *ids, total))
    return found
