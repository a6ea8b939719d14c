"""Sales rows follow what they were copied from: the catalogue and the exchange rates."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from catalog.services.landing import drop_bare
from catalog.services.matching import sku_key
from core.money_sql import converted_sql
from core.staging import rows
from metrics.marks import mark
from sales.models import Order, OrderLine
from sales.services.money_sql import rate_sql
from sales.services.settle import settle_orders
from stores.models import Store
from stores.queries import workspace
from traffic.services.products import follow_events

# A line that named its product alone means the variant of the product's own id.
NAME_BY_PRODUCT = """
UPDATE sales_orderline l SET variant_id = v.id
FROM catalog_product p JOIN catalog_variant v ON v.store_id = p.store_id
    AND v.origin_id = p.origin_id AND v.external_id = p.external_id
WHERE l.store_id = %(store)s AND l.variant_id IS NULL AND l.product = p.id
    AND v.product_id = ANY(%(products)s)
"""
NAMELESS = """
SELECT DISTINCT sku FROM sales_orderline WHERE store_id = %(store)s AND variant_id IS NULL
    AND sku <> ''
"""
NAME_BY_SKU = """
UPDATE sales_orderline l SET variant_id = v.id
FROM unnest(%(skus)s::text[], %(keys)s::text[]) AS w(sku, sku_key)
JOIN LATERAL (SELECT id FROM catalog_variant WHERE store_id = %(store)s AND sku_key = w.sku_key
    AND product_id = ANY(%(products)s) ORDER BY external_id LIMIT 1) v ON true
WHERE l.store_id = %(store)s AND l.variant_id IS NULL AND l.sku = w.sku
"""
FOLLOW = """
WITH wanted AS (
    SELECT l.id, p.id AS product, coalesce(p.category_id, 0) AS category,
        coalesce(l.cost, v.cost * l.quantity) AS cost
    FROM sales_orderline l JOIN catalog_variant v ON v.id = l.variant_id
    JOIN catalog_product p ON p.id = v.product_id
    WHERE l.store_id = %(store)s AND p.id = ANY(%(products)s)
    UNION ALL
    SELECT l.id, p.id, coalesce(p.category_id, 0), l.cost
    FROM sales_orderline l JOIN catalog_product p ON p.id = l.product
    WHERE l.store_id = %(store)s AND l.variant_id IS NULL AND p.id = ANY(%(products)s)
)
UPDATE sales_orderline l SET product = w.product, category = w.category, cost = w.cost
FROM wanted w WHERE l.id = w.id
    AND (l.product, l.category, l.cost) IS DISTINCT FROM (w.product, w.category, w.cost)
RETURNING l.order_id, l.day, old.product, new.product
"""
# Products that lines were moved away from, all of them to the same one.
LEFT = """
SELECT was, min(becomes) FROM unnest(%(was)s::bigint[], %(becomes)s::bigint[]) AS w(was, becomes)
WHERE was <> becomes AND was <> 0 AND NOT EXISTS (
    SELECT FROM sales_orderline l WHERE l.store_id = %(store)s AND l.product = was)
GROUP BY was HAVING min(becomes) = max(becomes)
"""
HAS_LINES = "SELECT EXISTS (SELECT FROM sales_orderline WHERE store_id = %s)"
REPRICE = f"""
WITH rates AS (
    SELECT day, {rate_sql("%(currency)s", "%(reporting)s", "d.day")} AS rate
    FROM (SELECT DISTINCT day FROM sales_order WHERE store_id = %(store)s) d
)
UPDATE sales_order o SET reporting_rate = r.rate,
    shipping_reporting = {converted_sql("o.shipping", "r.rate")},
    shipping_tax_reporting = {converted_sql("o.shipping_tax", "r.rate")}
FROM rates r
WHERE o.store_id = %(store)s AND o.day = r.day AND o.reporting_rate IS DISTINCT FROM r.rate
RETURNING o.id, o.day
"""


@transaction.atomic
def follow_products(*, store: Store, product_ids: Sequence[int]) -> int:
    """Give lines of these products their category, product and missing cost; returns lines changed.

    A line that named only its product or a SKU finds its variant here.
    """
    if not product_ids:
        return 0
    with connection.cursor() as cursor:
        if not rows(cursor, HAS_LINES, [store.pk])[0][0]:
            return 0
        params: dict[str, Any] = {"store": store.pk, "products": list(product_ids)}
        cursor.execute(NAME_BY_PRODUCT, params)
        skus = [row[0] for row in rows(cursor, NAMELESS, params)]
        if skus:
            keys = [sku_key(sku) for sku in skus]
            cursor.execute(NAME_BY_SKU, params | {"skus": skus, "keys": keys})
        changed = rows(cursor, FOLLOW, params)
    mark(OrderLine, store.pk, {row[1] for row in changed})
    order_ids = sorted({row[0] for row in changed})
    settle_orders(store_id=store.pk, zone=store.zone, order_ids=order_ids)
    _give_up_left(store, [row[2:] for row in changed])
    return len(changed)


def _give_up_left(store: Store, moves: list[tuple[int, int]]) -> None:
    """A product that lines had named by an id of its own, and whose SKU was another's, is gone."""
    pairs = sorted({(was, becomes) for was, becomes in moves if was != becomes})
    if not pairs:
        return
    was, becomes = (list(column) for column in zip(*pairs, strict=True))
    with connection.cursor() as cursor:
        params = {"store": store.pk, "was": was, "becomes": becomes}
        left = dict(rows(cursor, LEFT, params))
    follow_events(store_id=store.pk, replaced=left)
    drop_bare(left)


@transaction.atomic
def follow_rates(*, store: Store) -> int:
    """Convert the store's orders by the rates known now; returns orders changed."""
    params: dict[str, Any] = {
        "store": store.pk,
        "currency": store.currency,
        "reporting": workspace().reporting_currency,
    }
    with connection.cursor() as cursor:
        changed = rows(cursor, REPRICE, params)
    mark(Order, store.pk, {row[1] for row in changed})
    order_ids = [row[0] for row in changed]
    settle_orders(store_id=store.pk, zone=store.zone, order_ids=order_ids)
    return len(changed)
