"""Orders of a source become rows; what hangs on a changed order follows it."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.landing import (
    BadRow,
    WaitingRow,
    accepted,
    known_currencies_checked,
    moments_checked,
    words_checked,
)
from core.money_sql import converted_sql, rounded_sql
from core.staging import analyze, one_row_per_key, rows, stage, with_column
from metrics.marks import mark
from sales.models import CustomerType, Order
from sales.services.adding_up import totals_checked
from sales.services.landed import LandedSales
from sales.services.money_sql import rate_sql
from sales.services.settle import settle_staged
from stores.models import Origin, Store
from stores.queries import workspace
from traffic.services.dimensions import with_dimensions

MAKE_CUSTOMERS = """
INSERT INTO sales_customer (store_id, origin_id, external_id, email, name, phone, country, city,
    content_hash, version, order_count, net_spent)
SELECT DISTINCT %(store)s, %(origin)s, customer_id, '', '', '', 0, '', '', 1, 0, 0
FROM landing_order_best s
WHERE customer_id <> '' AND NOT EXISTS (SELECT FROM sales_customer c WHERE c.store_id = %(store)s
    AND c.origin_id = %(origin)s AND c.external_id = s.customer_id)
ORDER BY customer_id
ON CONFLICT DO NOTHING
"""
HASH = """
md5(ROW(updated_at, placed_at, number, status, source_status, customer_id, channel, country, device,
    tag, currency, trim_scale(shipping), trim_scale(shipping_tax), trim_scale(discount),
    trim_scale(tax), trim_scale(total))::text)
"""
BEST = """
SELECT DISTINCT ON (external_id) * FROM dated ORDER BY external_id, updated_at DESC NULLS LAST,
    CASE WHEN updated_at IS NOT NULL THEN hash END DESC, pos DESC
"""
# When a telling is newer than what is stored, or other than it where nobody says when it was told.
SUPERSEDES = """
({old}.source_updated_at IS NULL OR {told_at} > {old}.source_updated_at
    OR ({told_at} = {old}.source_updated_at AND {hash} > {old}.content_hash))
AND {hash} <> {old}.content_hash
"""
# What is stored just so, or newer, is dropped before anything else is done.
DIFFERENT = f"""
CREATE TEMP TABLE landing_order_best ON COMMIT DROP AS
WITH dated AS (
    SELECT *, (placed_at AT TIME ZONE %(zone)s)::date AS day, {HASH} AS hash FROM landing_order_raw
), best AS ({{best}})
SELECT b.* FROM best b WHERE NOT EXISTS (
    SELECT FROM sales_order t WHERE t.store_id = %(store)s AND t.origin_id = %(origin)s
        AND t.external_id = b.external_id
        AND ({SUPERSEDES.format(old="t", told_at="b.updated_at", hash="b.hash")}) IS NOT TRUE)
"""
# A new order is guessed to be its customer's first by what is known now; `settle_customers` puts
# right what a late order upsets, and rarely finds anything.
PREPARE = f"""
CREATE TEMP TABLE landing_order ON COMMIT DROP AS
WITH rates AS MATERIALIZED (
    SELECT currency, day, {rate_sql("d.currency", "%(currency)s", "d.day")} AS currency_rate,
        {rate_sql("%(currency)s", "%(reporting)s", "d.day")} AS reporting_rate
    FROM (SELECT DISTINCT currency, day FROM landing_order_best) d
), valued AS (
    SELECT b.*, r.currency_rate, r.reporting_rate, c.id AS customer_pk,
        status NOT IN %(not_sales)s AS is_sale, c.first_order_at
    FROM landing_order_best b JOIN rates r ON r.currency = b.currency AND r.day = b.day
    LEFT JOIN sales_customer c ON c.store_id = %(store)s AND c.origin_id = %(origin)s
        AND c.external_id = b.customer_id
)
SELECT *, CASE WHEN customer_pk IS NOT NULL THEN
    least(first_order_at, min(placed_at) FILTER (WHERE is_sale) OVER (PARTITION BY customer_pk))
    END AS first_at
FROM valued
"""
COLUMNS = (
    "day", "channel", "country", "device", "tag", "is_sale", "number", "status",
    "source_status", "customer_id", "placed_at", "currency", "currency_rate", "reporting_rate",
    "shipping", "shipping_reporting", "shipping_tax", "shipping_tax_reporting", "order_discount",
    "order_tax", "order_shipping", "total", "source_updated_at", "content_hash",
)  # fmt: skip
LAND_ORDERS = """
WITH priced AS (
    SELECT s.*, {own} AS own, coalesce({sent}, 0) AS sent, coalesce({sent_tax}, 0) AS sent_tax,
        coalesce(k.n, 0) AS line_count
    FROM landing_order s LEFT JOIN landing_count k ON k.order_id = s.external_id
), put AS (
    INSERT INTO sales_order AS t (store_id, origin_id, external_id, version, customer_type,
        first_day, line_count, {columns})
    SELECT %(store)s, %(origin)s, external_id, 1,
        CASE WHEN customer_pk IS NULL THEN {unknown} WHEN placed_at > first_at THEN {returning}
            ELSE {new} END,
        (first_at AT TIME ZONE %(zone)s)::date, line_count,
        day, channel, country, device, tag, is_sale, left(coalesce(nullif(number, ''),
        external_id), 60), status, coalesce(left(source_status, 60), ''), customer_pk, placed_at,
        currency, currency_rate, reporting_rate, sent, {sent_reporting}, sent_tax,
        {sent_tax_reporting}, coalesce({discount}, 0), {tax}, own, coalesce({total}, 0),
        updated_at, hash
    FROM priced ORDER BY placed_at, external_id
    ON CONFLICT (store_id, origin_id, external_id) DO UPDATE SET {assigned}, version = t.version + 1
    WHERE {supersedes}
    RETURNING new.id, old.id IS NULL AS is_new, new.day, old.day AS old_day,
        new.customer_id AS customer, old.customer_id AS old_customer
)
INSERT INTO touched_order SELECT * FROM put
""".format(
    columns=", ".join(COLUMNS),
    own=converted_sql("s.shipping", "currency_rate"),
    sent=converted_sql("coalesce(s.shipping, k.shipping)", "currency_rate"),
    sent_tax=converted_sql("shipping_tax", "currency_rate"),
    sent_reporting=converted_sql("sent", "reporting_rate"),
    sent_tax_reporting=converted_sql("sent_tax", "reporting_rate"),
    discount=converted_sql("discount", "currency_rate"),
    tax=converted_sql("tax", "currency_rate"),
    total=rounded_sql("total"),
    assigned=", ".join(f"{name} = excluded.{name}" for name in COLUMNS),
    supersedes=SUPERSEDES.format(
        old="t", told_at="excluded.source_updated_at", hash="excluded.content_hash"
    ),
    unknown=CustomerType.UNKNOWN.value,
    new=CustomerType.NEW.value,
    returning=CustomerType.RETURNING.value,
)
TOUCHED = """
CREATE TEMP TABLE touched_order (id bigint, is_new boolean, day date, old_day date,
    customer bigint, old_customer bigint) ON COMMIT DROP
"""
COUNT_TOUCHED = """
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
    array_agg(DISTINCT day), array_agg(DISTINCT old_day) FILTER (WHERE old_day IS NOT NULL)
FROM touched_order
"""
CHANGED_ORDERS = """
CREATE TEMP TABLE settle_order ON COMMIT DROP AS SELECT id FROM touched_order WHERE NOT is_new
"""
CUSTOMERS = """
SELECT customer FROM touched_order WHERE customer IS NOT NULL
UNION SELECT old_customer FROM touched_order WHERE old_customer IS NOT NULL
"""


@transaction.atomic
def land_orders(
    *, store: Store, origin: Origin, table: pa.Table, lines: pa.Table | None = None
) -> LandedSales:
    """Take a batch of orders (columns of OrderRecord).

    `lines` are those of the same page, landed next: knowing how many there are saves a rewrite,
    and an order that would change to a total which its lines do not come to is refused. An order
    in a currency without a known rate waits for the rate.
    """
    bad = (
        moments_checked(table, "placed_at")
        + words_checked(table, "status", set(Order.Status.values))
        + known_currencies_checked(table, "currency")
    )
    good, table = accepted(table, bad)
    if not good:
        return LandedSales(read=len(bad), rejected=bad)
    odd = totals_checked(table, lines, store.currency) if lines is not None else []
    with connection.cursor() as cursor:
        different = _prepare(cursor, store, origin, table)
        odd = _refused(cursor, odd)
        bad, good = bad + odd, good - len(odd)
        if different == len(odd):
            return LandedSales(good + len(bad), unchanged=good, rejected=bad)
        waiting = _value(cursor, store, origin)
        _stage_counts(cursor, lines)
        params: dict[str, Any] = {"store": store.pk, "origin": origin.pk, "zone": store.zone}
        cursor.execute("DROP TABLE IF EXISTS touched_order, settle_order")
        cursor.execute(TOUCHED)
        cursor.execute(LAND_ORDERS, params)
        new, changed, days, old_days = rows(cursor, COUNT_TOUCHED)[0]
        mark(Order, store.pk, [*(days or ()), *(old_days or ())])
        if changed:
            cursor.execute(CHANGED_ORDERS)
            settle_staged(cursor, store.pk, store.zone)
        customers = [row[0] for row in rows(cursor, CUSTOMERS)]
    unchanged = good - new - changed - len(waiting)
    return LandedSales(good + len(bad), new, changed, unchanged, bad, waiting, customers=customers)


def _prepare(cursor: CursorWrapper, store: Store, origin: Origin, table: pa.Table) -> int:
    """Stage the orders that are not here just so already; returns how many."""
    is_single = one_row_per_key(table, ["external_id"])
    table = with_dimensions(store, origin, table)
    money = pc.utf8_upper(pc.utf8_trim_whitespace(table["currency"]))
    table = with_column(table, "currency", pc.fill_null(money, store.currency))
    params: dict[str, Any] = {"store": store.pk, "origin": origin.pk, "zone": store.zone}
    stage(cursor, "landing_order_raw", table)
    cursor.execute("DROP TABLE IF EXISTS landing_order_best, landing_order")
    cursor.execute(DIFFERENT.format(best="SELECT * FROM dated" if is_single else BEST), params)
    different: int = cursor.rowcount
    return different


def _refused(cursor: CursorWrapper, odd: list[BadRow]) -> list[BadRow]:
    """Those of the rows that would change something; what a person let in stays in."""
    if not odd:
        return []
    places = [row.position for row in odd]
    gone = "DELETE FROM landing_order_best WHERE place = ANY(%s) RETURNING place"
    found = {place for (place,) in rows(cursor, gone, [places])}
    return [row for row in odd if row.position in found]


def _value(cursor: CursorWrapper, store: Store, origin: Origin) -> list[WaitingRow]:
    """Give the staged orders their customer and rates; those without a rate are taken out."""
    params: dict[str, Any] = {
        "store": store.pk,
        "origin": origin.pk,
        "currency": store.currency,
        "reporting": workspace().reporting_currency,
        "not_sales": tuple(str(status) for status in Order.NOT_SALES),
    }
    analyze(cursor, "landing_order_best")
    cursor.execute(MAKE_CUSTOMERS, params)
    cursor.execute(PREPARE, params)
    without_rate = rows(
        cursor,
        "DELETE FROM landing_order WHERE currency_rate IS NULL "
        "RETURNING place, external_id, currency",
    )
    return [WaitingRow(place, key, f"rate:{money}") for place, key, money in without_rate]


def _stage_counts(cursor: CursorWrapper, lines: pa.Table | None) -> None:
    cursor.execute("DROP TABLE IF EXISTS landing_count")
    if lines is None or not lines.num_rows:
        cursor.execute(
            "CREATE TEMP TABLE landing_count (order_id text, n integer, shipping numeric) "
            "ON COMMIT DROP"
        )
        return
    counted = lines.select(["order_id", "shipping"]).group_by("order_id")
    counts = counted.aggregate([([], "count_all"), ("shipping", "sum")])
    stage(cursor, "landing_count", counts.rename_columns(["order_id", "n", "shipping"]))


def order_keys(table: pa.Table) -> list[str]:
    """The names by which other rows wait for these orders."""
    return [f"order:{key}" for key in table["external_id"].to_pylist()]
