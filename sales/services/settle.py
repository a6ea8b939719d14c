"""What hangs on an order follows it: dimensions, rates and its share of discount and tax.

Everything here is a function of the order's row and of what each line, refund and payment said
itself; rows that already agree are not written. Orders to settle stand in the temporary table
`settle_order (id)`.
"""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from collections.abc import Iterable
from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.money_sql import converted_sql, rounded_sql
from core.staging import analyze, rows
from metrics.marks import mark, mark_column
from sales.models import Order, OrderLine, Payment, Refund, RefundLine
from sales.services.money_sql import WEIGHTS, WEIGHTS_WINDOW, share_sql

DIMENSIONS = ("day", "channel", "country", "device", "tag", "customer_type", "is_sale")


def followed(names: Iterable[str], target: str, source: str) -> tuple[str, str]:
    """SQL that sets the columns from `source`, and that asks whether any of them differs."""
    names = list(names)
    assigned = ", ".join(f"{name} = {source}.{name}" for name in names)
    mine = ", ".join(f"{target}.{name}" for name in names)
    theirs = ", ".join(f"{source}.{name}" for name in names)
    return assigned, f"({mine}) IS DISTINCT FROM ({theirs})"


COUNT_LINES = """
WITH counted AS (
    SELECT o.id, count(l.id) AS line_count,
        coalesce(o.order_shipping, sum(l.own_shipping), 0) AS shipping
    FROM {orders} JOIN sales_order o USING (id) LEFT JOIN sales_orderline l ON l.order_id = o.id
    GROUP BY o.id, o.order_shipping
)
UPDATE sales_order o SET line_count = c.line_count, shipping = c.shipping,
    shipping_reporting = {{converted}}
FROM counted c
WHERE o.id = c.id AND (o.line_count, o.shipping, o.shipping_reporting)
    IS DISTINCT FROM (c.line_count, c.shipping, {{converted}})
RETURNING o.day
""".replace("{{converted}}", converted_sql("c.shipping", "o.reporting_rate"))

LINE_MONEY = ("gross_reporting", "discount", "discount_reporting", "tax", "tax_reporting",
              "cost_reporting")  # fmt: skip
assigned, differs = followed((*DIMENSIONS, *LINE_MONEY), "l", "f")
SETTLE_LINES = f"""
WITH valued AS (
    SELECT l.id, l.order_id, l.external_id, l.gross, l.own_discount, l.own_tax, l.cost,
        l.gross - l.own_discount AS worth,
        sum(l.gross - l.own_discount) OVER whole AS paid_for, count(*) OVER whole AS pieces,
        bool_and(l.own_tax IS NULL) OVER whole AS is_untaxed
    FROM sales_orderline l JOIN settle_order s ON s.id = l.order_id
    WINDOW whole AS (PARTITION BY l.order_id)
), weighed AS (
    SELECT *, {WEIGHTS} FROM valued {WEIGHTS_WINDOW}
), shared AS (
    SELECT w.*, o.reporting_rate AS rate, {", ".join(f"o.{name}" for name in DIMENSIONS)},
        own_discount + {share_sql("o.order_discount")} AS discount,
        CASE WHEN is_untaxed AND o.order_tax IS NOT NULL THEN {share_sql("o.order_tax")}
            ELSE coalesce(own_tax, 0) END AS tax
    FROM weighed w JOIN sales_order o ON o.id = w.order_id
), f AS (
    SELECT *, {converted_sql("gross", "rate")} AS gross_reporting,
        {converted_sql("discount", "rate")} AS discount_reporting,
        {converted_sql("tax", "rate")} AS tax_reporting,
        {converted_sql("cost", "rate")} AS cost_reporting
    FROM shared
)
UPDATE sales_orderline l SET {assigned} FROM f WHERE l.id = f.id AND {differs}
RETURNING old.day, new.day
"""

# A refund keeps its own day; everything else is its order's.
REFUND_DIMENSIONS = (*DIMENSIONS[1:], "order_day")
assigned, differs = followed((*REFUND_DIMENSIONS, "shipping", "shipping_reporting"), "r", "f")
SETTLE_REFUNDS = f"""
WITH f AS (
    SELECT r.id, o.day AS order_day, {", ".join(f"o.{name}" for name in DIMENSIONS[1:])},
        coalesce(b.shipping, 0) AS shipping,
        {converted_sql("coalesce(b.shipping, 0)", "o.reporting_rate")} AS shipping_reporting
    FROM settle_order s JOIN sales_order o USING (id) JOIN sales_refund r ON r.order_id = o.id
    LEFT JOIN LATERAL (SELECT sum(own_shipping) AS shipping FROM sales_refundline
        WHERE refund_id = r.id) b ON true
)
UPDATE sales_refund r SET {assigned} FROM f WHERE r.id = f.id AND {differs}
RETURNING r.day
"""
assigned, differs = followed(
    (*REFUND_DIMENSIONS, "product", "category", "amount_reporting", "tax_reporting", "cost",
     "cost_reporting"), "b", "f",
)  # fmt: skip
SETTLE_REFUND_LINES = f"""
WITH valued AS (
    SELECT b.id, o.day AS order_day, {", ".join(f"o.{name}" for name in DIMENSIONS[1:])},
        coalesce(l.product, b.product) AS product, coalesce(l.category, b.category) AS category,
        {converted_sql("b.amount", "o.reporting_rate")} AS amount_reporting,
        {converted_sql("b.tax", "o.reporting_rate")} AS tax_reporting, o.reporting_rate,
        CASE WHEN b.is_restocked THEN {rounded_sql("l.cost * b.quantity / l.quantity")}
            WHEN l.cost IS NOT NULL THEN 0 END AS cost
    FROM settle_order s JOIN sales_order o USING (id) JOIN sales_refund r ON r.order_id = o.id
    JOIN sales_refundline b ON b.refund_id = r.id LEFT JOIN sales_orderline l ON l.id = b.line_id
), f AS (
    SELECT *, {converted_sql("cost", "reporting_rate")} AS cost_reporting FROM valued
)
UPDATE sales_refundline b SET {assigned} FROM f WHERE b.id = f.id AND {differs}
RETURNING b.day, old.order_day, new.order_day
"""
assigned, differs = followed((*DIMENSIONS, "amount_reporting"), "p", "f")
SETTLE_PAYMENTS = f"""
WITH f AS (
    SELECT p.id, {converted_sql("p.amount", "o.reporting_rate")} AS amount_reporting,
        coalesce((p.paid_at AT TIME ZONE %(zone)s)::date, o.day) AS day,
        {", ".join(f"o.{name}" for name in DIMENSIONS[1:])}
    FROM settle_order s JOIN sales_order o USING (id) JOIN sales_payment p ON p.order_id = o.id
)
UPDATE sales_payment p SET {assigned} FROM f WHERE p.id = f.id AND {differs}
RETURNING old.day, new.day
"""


@transaction.atomic
def settle_orders(*, store_id: int, zone: str, order_ids: list[int]) -> int:
    """Bring everything that hangs on these orders in line with them; returns rows rewritten."""
    if not order_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS settle_order")
        cursor.execute(
            "CREATE TEMP TABLE settle_order ON COMMIT DROP AS "
            "SELECT DISTINCT unnest(%s::bigint[]) AS id",
            [order_ids],
        )
        analyze(cursor, "settle_order")
        return settle_staged(cursor, store_id, zone)


def settle_staged(cursor: CursorWrapper, store_id: int, zone: str) -> int:
    """The same for the orders in the temporary table `settle_order`."""
    if not rows(cursor, "SELECT EXISTS (SELECT FROM settle_order)")[0][0]:
        return 0
    counted = count_lines(cursor, store_id, "settle_order")
    lines = rows(cursor, SETTLE_LINES)
    mark(OrderLine, store_id, _days(lines))
    refunds = rows(cursor, SETTLE_REFUNDS)
    mark(Refund, store_id, _days(refunds))
    refund_lines = rows(cursor, SETTLE_REFUND_LINES)
    mark(RefundLine, store_id, {row[0] for row in refund_lines})
    mark_column(RefundLine, "order_day", store_id, {day for row in refund_lines for day in row[1:]})
    payments = rows(cursor, SETTLE_PAYMENTS, {"zone": zone})
    mark(Payment, store_id, _days(payments))
    return counted + sum(map(len, (lines, refunds, refund_lines, payments)))


def count_lines(cursor: CursorWrapper, store_id: int, orders: str) -> int:
    """Count the lines of the orders in that temporary table, and add up shipping given by line."""
    days = rows(cursor, COUNT_LINES.format(orders=orders))
    mark(Order, store_id, _days(days))
    return len(days)


def _days(found: list[tuple[date, ...]]) -> set[date]:
    return {day for row in found for day in row}
