"""Payments of a source become rows that carry their order's dimensions."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

import pyarrow as pa
from django.db import connection, transaction

from core.landing import Landed, WaitingRow, accepted
from core.money_sql import converted_sql
from core.staging import rows, stage
from metrics.marks import mark
from sales.models import Payment
from sales.services.settle import DIMENSIONS
from stores.models import Origin, Store

UNKNOWN_ORDERS = """
SELECT s.place, s.order_id, s.external_id FROM landing_payment s
WHERE NOT EXISTS (SELECT FROM sales_order o WHERE o.store_id = %(store)s
    AND o.origin_id = %(origin)s AND o.external_id = s.order_id)
ORDER BY s.place
"""
VALUES = ("method", "status", "paid_at", "amount")
LAND_PAYMENTS = """
WITH best AS (
    SELECT DISTINCT ON (o.id, s.external_id) o.id AS order_id, s.external_id,
        coalesce(left(s.method, 60), '') AS method,
        coalesce(left(nullif(s.status, ''), 30), 'captured') AS status, s.paid_at,
        {amount} AS amount, o.reporting_rate,
        coalesce((s.paid_at AT TIME ZONE %(zone)s)::date, o.day) AS day, {dimensions}
    FROM landing_payment s JOIN sales_order o ON o.store_id = %(store)s
        AND o.origin_id = %(origin)s AND o.external_id = s.order_id
    ORDER BY o.id, s.external_id, s.pos DESC
), put AS (
    INSERT INTO sales_payment AS t (store_id, order_id, external_id, amount_reporting, day,
        {values}, {names})
    SELECT %(store)s, order_id, external_id, {reporting}, day, {values},
        {names}
    FROM best
    ON CONFLICT (order_id, external_id) DO UPDATE SET method = excluded.method,
        status = excluded.status, paid_at = excluded.paid_at, amount = excluded.amount,
        amount_reporting = excluded.amount_reporting, day = excluded.day
    WHERE (t.method, t.status, t.paid_at, t.amount) IS DISTINCT FROM
        (excluded.method, excluded.status, excluded.paid_at, excluded.amount)
    RETURNING old.id IS NULL AS is_new, old.day AS old_day, new.day
)
SELECT is_new, old_day, day, count(*) FROM put GROUP BY 1, 2, 3
""".format(
    amount=converted_sql("s.amount", "o.currency_rate"),
    reporting=converted_sql("amount", "reporting_rate"),
    dimensions=", ".join(f"o.{name}" for name in DIMENSIONS[1:]),
    values=", ".join(VALUES),
    names=", ".join(DIMENSIONS[1:]),
)


@transaction.atomic
def land_payments(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of payments (columns of PaymentRecord); a payment waits for its order."""
    good, table = accepted(table, [])
    params = {"store": store.pk, "origin": origin.pk, "zone": store.zone}
    with connection.cursor() as cursor:
        stage(cursor, "landing_payment", table)
        waiting = [
            WaitingRow(place, f"{order}/{key}", f"order:{order}")
            for place, order, key in rows(cursor, UNKNOWN_ORDERS, params)
        ]
        found = rows(cursor, LAND_PAYMENTS, params)
    mark(Payment, store.pk, {day for row in found for day in row[1:3] if day})
    new = sum(row[3] for row in found if row[0])
    changed = sum(row[3] for row in found if not row[0])
    return Landed(good, new, changed, good - new - changed - len(waiting), [], waiting)
