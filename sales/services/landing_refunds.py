"""Refunds of a source become rows, dated by the day they were given, at their order's rate."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.landing import WaitingRow, accepted, moments_checked
from core.money_sql import converted_sql, rounded_sql
from core.staging import rows, stage
from metrics.marks import mark, mark_column
from sales.models import Refund, RefundLine
from sales.services.landed import LandedSales
from sales.services.settle import DIMENSIONS, settle_staged
from stores.models import Origin, Store

MATCH = f"""
CREATE TEMP TABLE landing_refund ON COMMIT DROP AS
SELECT DISTINCT ON (s.order_id, s.refund_id, s.external_id) s.place, o.id AS order_id,
    s.order_id AS order_key, s.refund_id, s.external_id, l.id AS line_id, s.refunded_at,
    coalesce(s.line_id, '') AS line_key, (s.refunded_at AT TIME ZONE %(zone)s)::date AS day,
    o.day AS order_day, {", ".join(f"o.{name}" for name in DIMENSIONS[1:])},
    coalesce(s.quantity, 0) AS quantity, coalesce(s.is_restocked, false) AS is_restocked,
    coalesce(left(s.reason, 200), '') AS reason, coalesce(l.product, 0) AS product,
    coalesce(l.category, 0) AS category,
    coalesce({converted_sql("s.amount", "o.currency_rate")},
        {rounded_sql("(l.gross - l.discount) * s.quantity / l.quantity")}, 0) AS amount,
    coalesce({converted_sql("s.tax", "o.currency_rate")}, CASE WHEN s.amount IS NULL
        THEN {rounded_sql("l.tax * s.quantity / l.quantity")} END, 0) AS tax,
    coalesce({converted_sql("s.shipping", "o.currency_rate")}, 0) AS shipping
FROM landing_refund_raw s
LEFT JOIN sales_order o ON o.store_id = %(store)s AND o.origin_id = %(origin)s
    AND o.external_id = s.order_id
LEFT JOIN sales_orderline l ON l.order_id = o.id AND l.external_id = s.line_id
ORDER BY s.order_id, s.refund_id, s.external_id, s.pos DESC
"""
UNKNOWN = """
DELETE FROM landing_refund WHERE order_id IS NULL OR (line_id IS NULL AND line_key <> '')
RETURNING place, order_key, external_id, line_key, order_id IS NULL
"""
NAMES = ", ".join((*DIMENSIONS[1:], "order_day"))
LAND_REFUNDS = f"""
WITH put AS (
    INSERT INTO sales_refund AS t (store_id, order_id, external_id, refunded_at, day, reason,
        shipping, content_hash, {NAMES})
    SELECT DISTINCT ON (order_id, refund_id) %(store)s, order_id, refund_id, refunded_at, day,
        reason, 0, '', {NAMES}
    FROM landing_refund ORDER BY order_id, refund_id, refunded_at DESC, reason DESC
    ON CONFLICT (order_id, external_id) DO UPDATE SET refunded_at = excluded.refunded_at,
        day = excluded.day, reason = excluded.reason
    WHERE (t.refunded_at, t.reason) IS DISTINCT FROM (excluded.refunded_at, excluded.reason)
    RETURNING old.day AS old_day, new.day
)
SELECT DISTINCT old_day, day FROM put
"""
VALUES = ("line_id", "quantity", "is_restocked", "amount", "tax", "own_shipping")
LAND_REFUND_LINES = """
WITH put AS (
    INSERT INTO sales_refundline AS t (store_id, refund_id, external_id, product, category, day,
        {values}, {names})
    SELECT %(store)s, r.id, s.external_id, s.product, s.category, s.day, s.line_id, s.quantity,
        s.is_restocked, s.amount, s.tax, s.shipping, {dimensions}
    FROM landing_refund s JOIN sales_refund r ON r.order_id = s.order_id
        AND r.external_id = s.refund_id
    ON CONFLICT (refund_id, external_id) DO UPDATE SET day = excluded.day,
        product = excluded.product, category = excluded.category, {assigned}
    WHERE ({old}, t.day) IS DISTINCT FROM ({new}, excluded.day)
    RETURNING old.id IS NULL AS is_new, old.day AS old_day, new.day, new.order_day
)
SELECT is_new, old_day, day, order_day, count(*) FROM put GROUP BY 1, 2, 3, 4
""".format(
    values=", ".join(VALUES),
    names=NAMES,
    dimensions=", ".join(f"s.{name}" for name in (*DIMENSIONS[1:], "order_day")),
    assigned=", ".join(f"{name} = excluded.{name}" for name in VALUES),
    old=", ".join(f"t.{name}" for name in VALUES),
    new=", ".join(f"excluded.{name}" for name in VALUES),
)
# A refund whose other lines keep an older day follows its newest telling.
SAME_DAY = """
UPDATE sales_refundline b SET day = r.day
FROM sales_refund r JOIN (SELECT DISTINCT order_id, refund_id FROM landing_refund) s
    ON s.order_id = r.order_id AND s.refund_id = r.external_id
WHERE b.refund_id = r.id AND b.day <> r.day
RETURNING old.day, new.day
"""
TO_SETTLE = """
CREATE TEMP TABLE settle_order ON COMMIT DROP AS SELECT DISTINCT order_id AS id FROM landing_refund
"""
CUSTOMERS = """
SELECT DISTINCT customer_id FROM sales_order JOIN settle_order USING (id)
WHERE customer_id IS NOT NULL
"""


@transaction.atomic
def land_refunds(*, store: Store, origin: Origin, table: pa.Table) -> LandedSales:
    """Take a batch of refund lines (columns of RefundRecord).

    A refund waits for its order, and for the line it names. Without an amount it gives back the
    line's net price for its pieces.
    """
    bad = moments_checked(table, "refunded_at")
    good, table = accepted(table, bad)
    if not good:
        return LandedSales(read=len(bad), rejected=bad)
    params: dict[str, Any] = {"store": store.pk, "origin": origin.pk, "zone": store.zone}
    with connection.cursor() as cursor:
        stage(cursor, "landing_refund_raw", table)
        cursor.execute("DROP TABLE IF EXISTS landing_refund, settle_order")
        cursor.execute(MATCH, params)
        waiting = _waiting(cursor)
        new, changed = _land(cursor, store, params)
        cursor.execute(TO_SETTLE)
        settle_staged(cursor, store.pk, store.zone)
        customers = [row[0] for row in rows(cursor, CUSTOMERS)]
    unchanged = good - new - changed - len(waiting)
    return LandedSales(good + len(bad), new, changed, unchanged, bad, waiting, customers=customers)


def _waiting(cursor: CursorWrapper) -> list[WaitingRow]:
    return [
        WaitingRow(
            place,
            f"{order}/{key}",
            f"order:{order}" if is_orderless else f"line:{order}/{line}",
        )
        for place, order, key, line, is_orderless in rows(cursor, UNKNOWN)
    ]


def _land(cursor: CursorWrapper, store: Store, params: dict[str, Any]) -> tuple[int, int]:
    refunds = rows(cursor, LAND_REFUNDS, params)
    mark(Refund, store.pk, {day for row in refunds for day in row if day})
    found = rows(cursor, LAND_REFUND_LINES, params)
    moved = rows(cursor, SAME_DAY)
    days = {day for row in found for day in row[1:3] if day} | {day for row in moved for day in row}
    mark(RefundLine, store.pk, days)
    mark_column(RefundLine, "order_day", store.pk, {row[3] for row in found})
    new = sum(row[4] for row in found if row[0])
    return new, sum(row[4] for row in found if not row[0])
