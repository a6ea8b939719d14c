"""A deterministic shop for benchmarks, made inside Postgres: the same rows on every machine.

Every column is a function of the row's number through Postgres' own integer hash, so nothing
depends on a random generator. Orders fall over `days` local days that end on `LAST_DAY`.
"""

from datetime import date, timedelta

from django.db import connection

from accounts.records import SYSTEM
from stores.models import Channel, Store
from stores.services import StoreSettings, open_store, origin_of
from traffic.models import Tag

LAST_DAY = date(2026, 10, 31)
LINES_PER_ORDER = 2

SPREAD = """
CREATE OR REPLACE FUNCTION pg_temp.h(n bigint, salt int, size int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT (hashint8(n * 131 + salt)::bigint & 2147483647)::bigint % size $$;
"""

CATEGORIES = """
INSERT INTO catalog_category (store_id, slug, name)
SELECT %(store)s, 'c' || n, 'Category ' || n FROM generate_series(1, 25) n RETURNING id
"""

PRODUCTS = """
INSERT INTO catalog_product (store_id, origin_id, external_id, title, handle, description, status,
  category_id, image_url, tags, content_hash, version, created_at, updated_at)
SELECT %(store)s, %(origin)s, n, 'Product ' || n, '', '', 'live', (%(categories)s::int[])[1 + n %% 25], '',
  '[]', '', 1, now(), now() FROM generate_series(1, 5000) n RETURNING id
"""

ORDERS = """
INSERT INTO sales_order (store_id, origin_id, external_id, number, status, source_status, placed_at, day,
  channel, country, device, tag, customer_type, is_sale, currency, currency_rate, reporting_rate,
  line_count, shipping, shipping_reporting, shipping_tax, shipping_tax_reporting, order_discount, total,
  content_hash, version)
SELECT %(store)s, %(origin)s, n, '#' || n, 'paid', '', d + time '12:00', d,
  (%(channels)s::int[])[1 + pg_temp.h(n, 1, 8)], 4 + pg_temp.h(n, 2, 20) * 12, 1 + pg_temp.h(n, 3, 3),
  (%(tags)s::int[])[1 + pg_temp.h(n, 4, 61)], 1 + (pg_temp.h(n, 5, 10) > 5)::int, pg_temp.h(n, 6, 50) > 0,
  'EUR', 1, 1, 2, 5, 5, 1, 1, 0, 0, '', 1
FROM generate_series(1, %(orders)s) n,
  LATERAL (SELECT %(last)s::date - pg_temp.h(n, 7, %(days)s) AS d) x
"""

LINES = """
INSERT INTO sales_orderline (store_id, order_id, external_id, day, channel, country, device, tag,
  customer_type, is_sale, product, category, sku, title, quantity, unit_price, gross, gross_reporting,
  discount, discount_reporting, own_discount, tax, tax_reporting, cost, cost_reporting)
SELECT o.store_id, o.id, i, o.day, o.channel, o.country, o.device, o.tag, o.customer_type, o.is_sale,
  %(product)s + p, (%(categories)s::int[])[1 + (p + 1) %% 25], '', '', q, price, q * price, q * price, disc, disc, disc, price / 5, price / 5,
  q * price / 2, q * price / 2
FROM sales_order o, generate_series(1, %(lines)s) i,
  LATERAL (SELECT (pg_temp.h(o.id * 7 + i, 11, 5000)::bigint * pg_temp.h(o.id * 7 + i, 12, 5000) / 5000)::int AS p,
                  1 + pg_temp.h(o.id * 7 + i, 13, 3) AS q) a,
  LATERAL (SELECT (500 + p * 3)::numeric / 100 AS price,
                  CASE WHEN pg_temp.h(o.id * 7 + i, 14, 5) = 0 THEN 1.5 ELSE 0 END AS disc) b
WHERE o.store_id = %(store)s
"""

REFUNDS = """
WITH back AS (
  INSERT INTO sales_refund (store_id, order_id, external_id, refunded_at, day, order_day, channel, country,
    device, tag, customer_type, is_sale, reason, shipping, shipping_reporting, content_hash)
  SELECT store_id, id, 'r', placed_at + interval '9 days', least(day + 9, %(last)s), day, channel, country,
    device, tag, customer_type, is_sale, '', 0, 0, ''
  FROM sales_order WHERE store_id = %(store)s AND is_sale AND pg_temp.h(id, 21, 14) = 0
  RETURNING *)
INSERT INTO sales_refundline (store_id, refund_id, line_id, external_id, day, order_day, channel, country,
  device, tag, customer_type, is_sale, product, category, quantity, is_restocked, amount, amount_reporting,
  tax, tax_reporting, cost, cost_reporting, own_shipping)
SELECT b.store_id, b.id, l.id, 'l', b.day, b.order_day, b.channel, b.country, b.device, b.tag,
  b.customer_type, b.is_sale, l.product, l.category, l.quantity, true, l.gross - l.discount,
  l.gross - l.discount, 0, 0, l.cost, l.cost, 0
FROM back b JOIN sales_orderline l ON l.order_id = b.order_id AND l.external_id = '1'
"""

EVENTS = """
INSERT INTO traffic_event (store_id, day, key, at, visitor, kind, origin, channel, country, device, tag,
  page, product, value)
SELECT %(store)s, d, md5(n || '/' || i)::uuid, d + make_interval(secs => s + i * 40), v,
  CASE WHEN i = 1 OR i > depth THEN 1 ELSE least(i, 4 + (i > 4)::int * 2) END, %(origin)s,
  (%(channels)s::int[])[1 + pg_temp.h(n, 31, 8)], 4 + pg_temp.h(v, 32, 20) * 12, 1 + pg_temp.h(v, 33, 3),
  (%(tags)s::int[])[1 + pg_temp.h(n, 34, 61)], 0, %(product)s + pg_temp.h(n, 35, 5000), NULL
FROM generate_series(1, %(visits)s) n,
  LATERAL (SELECT %(last)s::date - pg_temp.h(n, 36, %(days)s) AS d, pg_temp.h(n, 37, 80000) AS s,
                  1 + pg_temp.h(n, 38, %(visitors)s) AS v,
                  1 + pg_temp.h(n, 39, 5) * (pg_temp.h(n, 40, 4) = 0)::int + (pg_temp.h(n, 41, 2)) AS depth) x,
  generate_series(1, 4) i
"""


def build(slug: str, *, lines: int, events: int, days: int = 730) -> Store:
    """Opens a store in UTC and EUR and fills it; returns it without rollups."""
    store = open_store(
        viewer=SYSTEM,
        settings=StoreSettings(name=slug.title(), slug=slug, currency="EUR", zone="UTC"),
    )
    origin = origin_of(store, "benchmark")
    channels = [
        Channel.objects.get_or_create(store=store, slug=f"c{n}", defaults={"name": f"Channel {n}"})[
            0
        ].pk
        for n in range(8)
    ]
    tags = [
        Tag.objects.create(store=store, source=f"s{n % 7}", campaign=f"k{n}", group=1 + n % 9).pk
        for n in range(61)
    ]
    values = {
        "store": store.pk, "origin": origin.pk, "channels": channels, "tags": tags, "days": days,
        "orders": lines // LINES_PER_ORDER, "lines": LINES_PER_ORDER, "last": LAST_DAY,
        "visits": events // 4, "visitors": max(events // 9, 10),
    }  # fmt: skip
    partitions(LAST_DAY - timedelta(days), LAST_DAY)
    with connection.cursor() as cursor:
        cursor.execute(SPREAD)
        cursor.execute(CATEGORIES, values)
        values["categories"] = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(PRODUCTS, values)
        values["product"] = min(pk for (pk,) in cursor.fetchall())
        for statement in (ORDERS, LINES, REFUNDS, EVENTS):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE sales_order, sales_orderline, sales_refundline, traffic_event")
    return store


def partitions(start: date, end: date) -> None:
    """Month partitions for all days that the shop fills."""
    from traffic.services.partitions import make_partitions

    months, day = [], start.replace(day=1)
    while day <= end:
        months.append(day)
        day = (day + timedelta(32)).replace(day=1)
    make_partitions(months)
