"""Order lines of a source become rows that carry their order's dimensions and shares."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from catalog.services.matching import NO_MATCH, matches_of
from core.landing import WaitingRow, accepted, negative_checked, positive_checked
from core.money_sql import converted_sql
from core.staging import analyze, one_row_per_key, recoded, rows, stage
from metrics.marks import mark
from sales.models import OrderLine
from sales.services.landed import LandedSales
from sales.services.money_sql import WEIGHTS, WEIGHTS_WINDOW, share_sql
from sales.services.settle import DIMENSIONS, count_lines, settle_staged
from stores.models import Origin, Store

SEPARATOR = "\x1f"
UNKNOWN_ORDERS = """
SELECT s.place, s.order_id, s.external_id FROM landing_line_raw s
WHERE NOT EXISTS (SELECT FROM sales_order o WHERE o.store_id = %(store)s
    AND o.origin_id = %(origin)s AND o.external_id = s.order_id)
ORDER BY s.place
"""
# What the source said of the line itself, in the store's currency.
OWN = f"""
SELECT o.id AS order_id, s.external_id, s.variant, s.product, s.category, s.quantity, s.pos,
    coalesce(left(s.sku, 120), '') AS sku, coalesce(left(s.title, 300), '') AS title, s.updated_at,
    {converted_sql("s.unit_price", "o.currency_rate")} AS unit_price,
    {converted_sql("(s.quantity * s.unit_price)", "o.currency_rate")} AS gross,
    coalesce({converted_sql("s.discount", "o.currency_rate")}, 0) AS own_discount,
    {converted_sql("s.tax", "o.currency_rate")} AS own_tax,
    {converted_sql("s.shipping", "o.currency_rate")} AS own_shipping,
    coalesce({converted_sql("s.cost", "o.currency_rate")}, s.unit_cost * s.quantity) AS cost
FROM landing_line_raw s JOIN sales_order o ON o.store_id = %(store)s AND o.origin_id = %(origin)s
    AND o.external_id = s.order_id
"""
CONTENT = ("quantity", "unit_price", "own_discount", "coalesce({0}own_tax, -1)",
           "coalesce({0}own_shipping, -1)", "sku", "title", "coalesce({0}variant{1}, 0)", "product",
           "category")  # fmt: skip


def content(table: str, variant: str = "") -> str:
    """What two tellings of a line are compared by, as one SQL row."""
    parts = (
        part.format(f"{table}.", variant) if "{" in part else f"{table}.{part}" for part in CONTENT
    )
    return f"({', '.join(parts)})"


BEST = f"""
SELECT DISTINCT ON (order_id, external_id) * FROM ({OWN}) s
ORDER BY order_id, external_id, updated_at DESC NULLS LAST,
    CASE WHEN updated_at IS NOT NULL THEN {content("s")} END DESC, pos DESC
"""
SUPERSEDES = """
(({old}.source_updated_at IS NULL AND {was} IS DISTINCT FROM {told})
    OR ({old}.source_updated_at IS NULL AND {told_at} IS NOT NULL)
    OR {told_at} > {old}.source_updated_at
    OR ({told_at} = {old}.source_updated_at AND {told} > {was}))
"""
# What is stored just so, or newer, is dropped before anything else is done.
DIFFERENT = """
CREATE TEMP TABLE landing_line ON COMMIT DROP AS
SELECT b.* FROM ({{best}}) b WHERE NOT EXISTS (
    SELECT FROM sales_orderline t
    WHERE t.order_id = b.order_id AND t.external_id = b.external_id AND {known} IS NOT TRUE)
""".format(
    known=SUPERSEDES.format(
        old="t", told_at="b.updated_at", was=content("t", "_id"), told=content("b")
    )
)
# Shares are worked out here for orders that have no line yet; the others are settled afterwards.
SHARES = f"""
valued AS (
    SELECT s.*, s.gross - s.own_discount AS worth,
        sum(s.gross - s.own_discount) OVER whole AS paid_for, count(*) OVER whole AS pieces,
        bool_and(s.own_tax IS NULL) OVER whole AS is_untaxed
    FROM landing_line s JOIN sales_order o ON o.id = s.order_id
    WHERE o.order_discount <> 0 OR o.order_tax IS NOT NULL
    WINDOW whole AS (PARTITION BY s.order_id)
), weighed AS (
    SELECT *, {WEIGHTS} FROM valued {WEIGHTS_WINDOW}
), shares AS (
    SELECT w.pos, {share_sql("o.order_discount")} AS discount,
        CASE WHEN is_untaxed AND o.order_tax IS NOT NULL THEN {share_sql("o.order_tax")} END AS tax
    FROM weighed w JOIN sales_order o ON o.id = w.order_id
)
"""
COLUMNS = (
    *DIMENSIONS, "order_id", "external_id", "variant_id", "product", "category", "sku", "title",
    "quantity", "unit_price", "gross", "gross_reporting", "discount", "discount_reporting",
    "own_discount", "tax", "tax_reporting", "own_tax", "own_shipping", "cost", "cost_reporting",
    "source_updated_at",
)  # fmt: skip
TOLD = (
    "variant_id", "product", "category", "sku", "title", "quantity", "unit_price", "gross",
    "gross_reporting", "own_discount", "own_tax", "own_shipping", "source_updated_at",
)  # fmt: skip
LAND_LINES = """
WITH {shares}, final AS (
    SELECT s.*, o.reporting_rate AS rate, {dimensions},
        s.own_discount + coalesce(k.discount, 0) AS discount,
        coalesce(k.tax, s.own_tax, 0) AS tax
    FROM landing_line s JOIN sales_order o ON o.id = s.order_id {join_shares}
), put AS (
    INSERT INTO sales_orderline AS t (store_id, {columns})
    SELECT %(store)s, {from_order}, order_id, external_id, variant, product, category, sku, title,
        quantity, unit_price, gross, {gross}, discount, {discount}, own_discount, tax, {tax},
        own_tax, own_shipping, cost, {cost}, updated_at
    FROM final
    ON CONFLICT (order_id, external_id) DO UPDATE SET {assigned},
        cost = coalesce(excluded.cost, t.cost),
        cost_reporting = coalesce(excluded.cost_reporting, t.cost_reporting)
    WHERE {supersedes}
    RETURNING new.order_id, old.id IS NULL AS is_new, new.day, old.day AS old_day
)
INSERT INTO touched_line SELECT * FROM put
"""
FILLED = {
    **{name: converted_sql(name, "rate") for name in ("gross", "discount", "tax", "cost")},
    "columns": ", ".join(COLUMNS),
    "dimensions": ", ".join(f"o.{name}" for name in DIMENSIONS),
    "from_order": ", ".join(DIMENSIONS),
    "assigned": ", ".join(f"{name} = excluded.{name}" for name in TOLD),
    "supersedes": SUPERSEDES.format(
        old="t",
        told_at="excluded.source_updated_at",
        was=content("t", "_id"),
        told=content("excluded", "_id"),
    ),
}
LAND_SHARED = LAND_LINES.format(
    shares=SHARES, join_shares="LEFT JOIN shares k ON k.pos = s.pos", **FILLED
)
LAND_PLAIN = LAND_LINES.format(
    shares="shares AS (SELECT NULL::numeric AS discount, NULL::numeric AS tax)",
    join_shares="CROSS JOIN shares k",
    **FILLED,
)
HAS_SHARES = """
SELECT EXISTS (SELECT FROM landing_line s JOIN sales_order o ON o.id = s.order_id
    WHERE o.order_discount <> 0 OR o.order_tax IS NOT NULL)
"""
TOUCHED = """
CREATE TEMP TABLE touched_line (order_id bigint, is_new boolean, day date, old_day date)
ON COMMIT DROP
"""
COUNT_TOUCHED = """
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
    array_agg(DISTINCT day), array_agg(DISTINCT old_day) FILTER (WHERE old_day IS NOT NULL)
FROM touched_line
"""
# Orders new in the same page, all of whose lines are here, were right from the start; the others
# are counted again, and settled when a line changed or shares have to be given out anew.
NEW_ORDERS = """
CREATE TEMP TABLE IF NOT EXISTS touched_order (id bigint, is_new boolean, day date, old_day date,
    customer bigint, old_customer bigint) ON COMMIT DROP
"""
TO_COUNT = """
CREATE TEMP TABLE count_order ON COMMIT DROP AS
SELECT o.id, t.is_changed, o.order_discount <> 0 OR o.order_tax IS NOT NULL AS has_shares FROM (
    SELECT order_id, count(*) AS lines, bool_or(NOT is_new) AS is_changed
    FROM touched_line GROUP BY order_id
) t JOIN sales_order o ON o.id = t.order_id
WHERE is_changed OR o.line_count <> t.lines
    OR NOT EXISTS (SELECT FROM touched_order n WHERE n.id = o.id AND n.is_new)
"""
TO_SETTLE = """
CREATE TEMP TABLE settle_order ON COMMIT DROP AS
SELECT id FROM count_order WHERE is_changed OR has_shares
"""
CUSTOMERS = """
SELECT DISTINCT o.customer_id FROM (SELECT DISTINCT order_id FROM touched_line) t
JOIN sales_order o ON o.id = t.order_id WHERE o.customer_id IS NOT NULL
"""


@transaction.atomic
def land_lines(*, store: Store, origin: Origin, table: pa.Table) -> LandedSales:
    """Take a batch of order lines (columns of LineRecord); a line waits for its order."""
    bad = positive_checked(table, "quantity") + negative_checked(table, "unit_price")
    good, table = accepted(table, bad)
    if not good:
        return LandedSales(read=len(bad), rejected=bad)
    params = {"store": store.pk, "origin": origin.pk}
    with connection.cursor() as cursor:
        is_single = one_row_per_key(table, ["order_id", "external_id"])
        stage(cursor, "landing_line_raw", matched(store, origin, table))
        waiting = _waiting(cursor, params)
        cursor.execute("DROP TABLE IF EXISTS landing_line, touched_line")
        cursor.execute(DIFFERENT.format(best=OWN if is_single else BEST), params)
        if not cursor.rowcount:
            unchanged = good - len(waiting)
            return LandedSales(good + len(bad), 0, 0, unchanged, bad, waiting)
        analyze(cursor, "landing_line")
        cursor.execute(TOUCHED)
        has_shares = rows(cursor, HAS_SHARES)[0][0]
        cursor.execute(LAND_SHARED if has_shares else LAND_PLAIN, params)
        new, changed, days, old_days = rows(cursor, COUNT_TOUCHED)[0]
        mark(OrderLine, store.pk, [*(days or ()), *(old_days or ())])
        _settle(cursor, store)
        customers = [row[0] for row in rows(cursor, CUSTOMERS)]
    unchanged = good - new - changed - len(waiting)
    return LandedSales(good + len(bad), new, changed, unchanged, bad, waiting, customers=customers)


def _settle(cursor: CursorWrapper, store: Store) -> None:
    cursor.execute(NEW_ORDERS)
    analyze(cursor, "touched_order", "touched_line")
    cursor.execute("DROP TABLE IF EXISTS count_order, settle_order")
    cursor.execute(TO_COUNT)
    cursor.execute("DROP TABLE touched_order")
    analyze(cursor, "count_order")
    count_lines(cursor, store.pk, "count_order")
    cursor.execute(TO_SETTLE)
    settle_staged(cursor, store.pk, store.zone)


def matched(store: Store, origin: Origin, table: pa.Table) -> pa.Table:
    """The lines with our variant, product, category and the cost of one piece."""
    parts = [
        pc.fill_null(pc.replace_substring(table[name], SEPARATOR, ""), "")
        for name in ("product_id", "variant_id", "sku", "title")
    ]
    keys = pc.binary_join_element_wise(*parts, SEPARATOR)
    wanted = {key: tuple(key.split(SEPARATOR)) for key in pc.unique(keys).to_pylist()}
    found = matches_of(store, origin, list(wanted.values()))
    by_key = {key: found.get(parts, NO_MATCH) for key, parts in wanted.items()}
    order = {key: number for number, key in enumerate(by_key)}
    places = recoded(keys, order).combine_chunks()
    values = list(by_key.values())
    for name, kind in (
        ("variant", pa.int64()),
        ("product", pa.int64()),
        ("category", pa.int64()),
        ("cost", pa.decimal128(28, 4)),
    ):
        column = pa.array([getattr(match, name) for match in values], kind).take(places)
        table = table.append_column("unit_cost" if name == "cost" else name, column)
    return table


def _waiting(cursor: CursorWrapper, params: dict[str, int]) -> list[WaitingRow]:
    unknown = rows(cursor, UNKNOWN_ORDERS, params)
    return [
        WaitingRow(place, f"{order}/{line}", f"order:{order}") for place, order, line in unknown
    ]
