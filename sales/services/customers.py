"""What each customer bought so far, whether an order was their first, and cohorts of customers.

A customer's first sale decides `first_day` and `customer_type` of all their orders, so an order
that arrives late may change days long past: those are marked.
"""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Model

from metrics.derived import Check, Days, Params
from metrics.marks import mark, mark_column, write
from metrics.temporary import temporary
from sales.models import CustomerType, Order, OrderLine, Payment, Refund, RefundLine

COHORTS = "cohorts"

# Locked in the order of their ids before anything is counted: of two writers of one customer the
# second waits here and then counts the first one's orders too.
LOCK = """
SELECT id FROM sales_customer WHERE store_id = %(store)s
  AND (%(customers)s::bigint[] IS NULL OR id = ANY(%(customers)s::bigint[]))
ORDER BY id FOR NO KEY UPDATE
"""

FIGURES = """
WITH sold AS (
    SELECT id, customer_id, day, placed_at FROM sales_order
    WHERE store_id = %(store)s AND is_sale AND customer_id IS NOT NULL
      AND (%(customers)s::bigint[] IS NULL OR customer_id = ANY(%(customers)s::bigint[]))
), placed AS (
    SELECT customer_id, count(*) AS orders, min(placed_at) AS first_at, max(placed_at) AS last_at
    FROM sold GROUP BY 1
), paid AS (
    SELECT sold.customer_id, sum(l.gross - l.discount) AS net
    FROM sold JOIN sales_orderline l ON l.order_id = sold.id GROUP BY 1
), returned AS (
    SELECT sold.customer_id, sum(l.amount) AS amount
    FROM sold JOIN sales_refund r ON r.order_id = sold.id
    JOIN sales_refundline l ON l.refund_id = r.id GROUP BY 1
)
SELECT c.id, coalesce(placed.orders, 0)::int AS order_count, placed.first_at AS first_order_at,
       placed.last_at AS last_order_at,
       (coalesce(paid.net, 0) - coalesce(returned.amount, 0))::numeric(18, 4) AS net_spent
FROM sales_customer c
LEFT JOIN placed ON placed.customer_id = c.id
LEFT JOIN paid ON paid.customer_id = c.id
LEFT JOIN returned ON returned.customer_id = c.id
WHERE c.store_id = %(store)s
  AND (%(customers)s::bigint[] IS NULL OR c.id = ANY(%(customers)s::bigint[]))
"""

STORE_FIGURES = """
UPDATE sales_customer c
SET order_count = f.order_count, first_order_at = f.first_order_at,
    last_order_at = f.last_order_at, net_spent = f.net_spent
FROM fresh_customer f
WHERE c.id = f.id AND (c.order_count, c.first_order_at, c.last_order_at, c.net_spent)
    IS DISTINCT FROM (f.order_count, f.first_order_at, f.last_order_at, f.net_spent)
"""

# Of two sales at one moment the source's id decides, so that the order of arrival does not matter.
# An order before the first sale (cancelled, say) is a new customer's as well.
TYPES = f"""
SELECT o.id, first.day AS first_day,
       CASE WHEN first.id IS NULL OR (o.placed_at, o.external_id COLLATE "C") <=
                (first.placed_at, first.external_id)
            THEN {CustomerType.NEW.value} ELSE {CustomerType.RETURNING.value}
       END::smallint AS customer_type
FROM sales_order o
LEFT JOIN (
    SELECT DISTINCT ON (customer_id) customer_id, id, day, placed_at, external_id FROM sales_order
    WHERE store_id = %(store)s AND is_sale
      AND (%(customers)s::bigint[] IS NULL OR customer_id = ANY(%(customers)s::bigint[]))
    ORDER BY customer_id, placed_at, external_id COLLATE "C"
) first ON first.customer_id = o.customer_id
WHERE o.store_id = %(store)s AND o.customer_id IS NOT NULL
  AND (%(customers)s::bigint[] IS NULL OR o.customer_id = ANY(%(customers)s::bigint[]))
"""

STORE_TYPES = """
UPDATE sales_order o SET first_day = f.first_day, customer_type = f.customer_type
FROM fresh_order f
WHERE o.id = f.id
  AND (o.first_day, o.customer_type) IS DISTINCT FROM (f.first_day, f.customer_type)
RETURNING o.day
"""

# Orders' parts repeat their order's type; `through` leads from the part to the order.
COPY_TYPE = """
WITH changed AS (
    UPDATE {table} part SET customer_type = o.customer_type
    FROM {through} WHERE {joined} AND part.store_id = %(store)s
      AND part.customer_type <> o.customer_type
    RETURNING {days})
SELECT DISTINCT {names} FROM changed
"""

COHORT_MONTHS = """
SELECT DISTINCT date_trunc('month', first_day)::date FROM (
    SELECT o.first_day FROM sales_order o
    WHERE o.store_id = %(store)s AND o.customer_id = ANY(%(customers)s::bigint[])
    UNION ALL SELECT first_day FROM fresh_order) both_sides
WHERE first_day IS NOT NULL
"""

COHORT_ROWS = """
WITH members AS (
    SELECT DISTINCT ON (customer_id) customer_id, channel,
           date_trunc('month', first_day)::date AS first_month
    FROM sales_order
    WHERE store_id = %(store)s AND is_sale AND customer_id IS NOT NULL AND first_day IS NOT NULL
      AND (%(days)s::date[] IS NULL OR first_day = ANY(%(days)s::date[]))
    ORDER BY customer_id, placed_at, external_id COLLATE "C"
), placed AS (
    SELECT o.id, o.customer_id, m.first_month, m.channel,
           date_trunc('month', o.day)::date AS month
    FROM sales_order o JOIN members m USING (customer_id)
    WHERE o.store_id = %(store)s AND o.is_sale
), paid AS (
    SELECT l.order_id, sum(l.gross - l.discount) AS net,
           sum(l.gross_reporting - l.discount_reporting) AS net_reporting
    FROM sales_orderline l JOIN placed ON placed.id = l.order_id GROUP BY 1
), returned AS (
    SELECT r.order_id, sum(l.amount) AS net, sum(l.amount_reporting) AS net_reporting
    FROM sales_refund r JOIN placed ON placed.id = r.order_id
    JOIN sales_refundline l ON l.refund_id = r.id GROUP BY 1
)
SELECT %(store)s::bigint AS store_id, first_month, month, channel,
       count(DISTINCT customer_id)::int AS customers, count(*)::int AS orders,
       sum(coalesce(paid.net, 0) - coalesce(returned.net, 0))::numeric(18, 4) AS net,
       sum(coalesce(paid.net_reporting, 0)
           - coalesce(returned.net_reporting, 0))::numeric(18, 4) AS net_reporting
FROM placed LEFT JOIN paid ON paid.order_id = placed.id
LEFT JOIN returned ON returned.order_id = placed.id
GROUP BY first_month, month, channel
"""

COHORT_STORED = """
SELECT store_id, first_month, month, channel, customers, orders, net, net_reporting
FROM sales_cohort WHERE store_id = %(store)s
  AND (%(months)s::date[] IS NULL OR first_month = ANY(%(months)s::date[]))
"""


@transaction.atomic
def settle_customers(store_id: int, customer_ids: Iterable[int]) -> None:
    """Bring these customers' figures and their orders' first day and type up to date.

    Called once at the end of a write that touched their orders, lines or refunds. Marks every day
    on which an order's type changed, and the cohorts that the customers belong to.
    """
    customers = sorted(set(customer_ids))
    if customers:
        settle(store_id, customers)


def settle(store_id: int, customers: list[int] | None) -> None:
    """The same for all customers of the store when none are named."""
    params: Params = {"store": store_id, "customers": customers}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, params)
        temporary("fresh_customer", FIGURES, params, joined_by="id")
        cursor.execute(STORE_FIGURES)
        temporary("fresh_order", TYPES, params, joined_by="id")
        if customers is not None:
            cursor.execute(COHORT_MONTHS, params)
            write([COHORTS], store_id, [row[0] for row in cursor])
        cursor.execute(STORE_TYPES)
        mark(Order, store_id, {row[0] for row in cursor})
    copy_types(store_id)


def copy_types(store_id: int) -> None:
    """Give the parts of the orders at hand their order's customer type, and mark their days."""
    of_order = "fresh_order o"
    of_refund = "fresh_order o JOIN sales_refund r ON r.order_id = o.id"
    for model, through, joined, columns in (
        (OrderLine, of_order, "part.order_id = o.id", ("day",)),
        (Payment, of_order, "part.order_id = o.id", ("day",)),
        (Refund, of_order, "part.order_id = o.id", ("day", "order_day")),
        (RefundLine, of_refund, "part.refund_id = r.id", ("day", "order_day")),
    ):
        sql = COPY_TYPE.format(
            table=model._meta.db_table,
            through=through,
            joined=joined,
            days=", ".join(f"part.{column}" for column in columns),
            names=", ".join(columns),
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, {"store": store_id})
            mark_parts(model, store_id, cursor.fetchall())


def mark_parts(model: type[Model], store_id: int, found: list[tuple[date, ...]]) -> None:
    mark(model, store_id, {row[0] for row in found})
    mark_column(model, "order_day", store_id, {row[1] for row in found if len(row) > 1})


def settle_all(store_id: int, days: Days) -> Collection[date]:
    """Work out every customer of the store anew; single days have nothing of their own."""
    if days is None:
        settle(store_id, None)
    return []


def customer_checks(store_id: int, days: Days) -> list[Check]:
    """Customers' figures and their orders' types against orders, for the audit."""
    params: Params = {"store": store_id, "customers": None}
    stored = (
        "SELECT id, order_count, first_order_at, last_order_at, net_spent FROM sales_customer "
        "WHERE store_id = %(store)s"
    )
    typed = (
        "SELECT id, first_day, customer_type FROM sales_order "
        "WHERE store_id = %(store)s AND customer_id IS NOT NULL"
    )
    return [
        Check("sales_customer figures", FIGURES, stored, params),
        Check("sales_order customer types", TYPES, typed, params),
        *(part_check(model, store_id) for model in (OrderLine, Payment, Refund)),
    ]


def part_check(model: type[Model], store_id: int) -> Check:
    """Parts of an order bear its customer type."""
    table = model._meta.db_table
    expected = (
        f"SELECT part.id, o.customer_type FROM {table} part JOIN sales_order o "
        "ON o.id = part.order_id WHERE part.store_id = %(store)s AND o.customer_id IS NOT NULL"
    )
    actual = expected.replace("o.customer_type", "part.customer_type")
    return Check(f"{table} customer types", expected, actual, {"store": store_id})


def refresh_cohorts(store_id: int, days: Days) -> Collection[date]:
    """Count the cohorts anew whose first months hold these days (None: all of the store)."""
    params = cohort_params(store_id, days)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sales_cohort WHERE store_id = %(store)s "
            "AND (%(months)s::date[] IS NULL OR first_month = ANY(%(months)s::date[]))",
            params,
        )
        cursor.execute(
            "INSERT INTO sales_cohort (store_id, first_month, month, channel, customers, orders, "
            f"net, net_reporting) {COHORT_ROWS}",
            params,
        )
    return []


def cohort_checks(store_id: int, days: Days) -> list[Check]:
    """Cohorts against orders, for the audit."""
    return [Check("sales_cohort", COHORT_ROWS, COHORT_STORED, cohort_params(store_id, days))]


def cohort_params(store_id: int, days: Days) -> Params:
    if days is None:
        return {"store": store_id, "days": None, "months": None}
    months = sorted({day.replace(day=1) for day in days})
    all_days = [
        day
        for month in months
        for day in (month + timedelta(days=n) for n in range(31))
        if day.month == month.month
    ]
    return {"store": store_id, "days": all_days, "months": months}
