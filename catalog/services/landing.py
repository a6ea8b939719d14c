"""Products and variants of a source become rows."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from collections.abc import Collection
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from catalog.models import Product
from catalog.services.categories import category_ids
from catalog.services.matching import sku_key
from core.landing import Landed, accepted, negative_checked, stored_amounts
from core.staging import distinct, ids_of, recoded, rows, stage, with_column
from stores.models import Origin, Store

STATUSES = {
    **dict.fromkeys(("live", "active", "publish", "published", "1", "true"), Product.Status.LIVE),
    **dict.fromkeys(("draft", "pending", "private", "0", "false"), Product.Status.DRAFT),
    **dict.fromkeys(("archived", "trash", "deleted"), Product.Status.ARCHIVED),
}


@dataclass(frozen=True)
class LandedProducts(Landed):
    """`touched` are products whose lines must follow: another category, variant or first cost."""

    touched: list[int] = field(default_factory=list)


# A bare row that another source made for the same id becomes this source's own.
ADOPT = """
UPDATE catalog_product p SET origin_id = %(origin)s
FROM (SELECT DISTINCT product_id FROM landing_product) s
WHERE p.store_id = %(store)s AND p.external_id = s.product_id AND p.content_hash = ''
    AND p.origin_id <> %(origin)s
    AND NOT EXISTS (SELECT FROM catalog_product own WHERE own.store_id = %(store)s
        AND own.origin_id = %(origin)s AND own.external_id = s.product_id)
"""
# A bare variant that a line or a level made under another id is the one of the same SKU: it takes
# that one's id, so that what refers to it stays with it.
ADOPT_VARIANTS = """
UPDATE catalog_variant v SET origin_id = %(origin)s, external_id = w.variant_id
FROM (
    SELECT DISTINCT ON (id) id, variant_id FROM (
        SELECT DISTINCT ON (s.variant_id) b.id, s.variant_id
        FROM landing_product s JOIN catalog_variant b ON b.store_id = %(store)s
            AND b.sku_key = s.sku_key AND b.content_hash = ''
        WHERE s.sku_key <> ''
            AND NOT EXISTS (SELECT FROM landing_product own WHERE own.variant_id = b.external_id)
            AND NOT EXISTS (SELECT FROM catalog_variant own WHERE own.store_id = %(store)s
                AND own.origin_id = %(origin)s AND own.external_id = s.variant_id)
        ORDER BY s.variant_id, b.origin_id = %(origin)s DESC, b.external_id
    ) fitting ORDER BY id, variant_id
) w
WHERE v.id = w.id
"""
PRODUCT_FIELDS = ("title", "handle", "description", "status", "category_id", "brand_id",
                  "image_url", "tags")  # fmt: skip
VARIANT_FIELDS = ("product_id", "sku", "sku_key", "barcode", "title", "price", "compare_price",
                  "cost", "weight_g")  # fmt: skip
# Newer beats older; a dated row beats an undated one; two undated: the later arrival; two of one
# moment: the greater hash, so that the order in which they come does not matter.
WINS = """
(t.source_updated_at IS NULL OR excluded.source_updated_at > t.source_updated_at
    OR (excluded.source_updated_at = t.source_updated_at
        AND excluded.content_hash > t.content_hash))
AND excluded.content_hash <> t.content_hash
"""
BEST = "updated_at DESC NULLS LAST, CASE WHEN updated_at IS NOT NULL THEN hash END DESC, pos DESC"
LAND_PRODUCTS = """
WITH best AS (
    SELECT DISTINCT ON (product_id) * FROM (
        SELECT *, md5(ROW(updated_at, product_title, handle, description, status,
            category_id, brand_id, image_url, tags)::text) AS hash
        FROM landing_product
    ) s ORDER BY product_id, {best}
), put AS (
    INSERT INTO catalog_product AS t (store_id, origin_id, external_id, source_updated_at,
        content_hash, version, created_at, updated_at, {fields})
    SELECT %(store)s, %(origin)s, product_id, updated_at, hash, 1, now(), now(), product_title,
        coalesce(left(handle, 200), ''), coalesce(description, ''), status, category_id, brand_id,
        coalesce(left(image_url, 1000), ''),
        CASE WHEN tags IS NULL OR tags = '' THEN '[]'::jsonb
            ELSE to_jsonb(regexp_split_to_array(btrim(tags), '\\s*,\\s*')) END
    FROM best ORDER BY product_id
    ON CONFLICT (store_id, origin_id, external_id) DO UPDATE SET
        {assigned}, source_updated_at = excluded.source_updated_at,
        content_hash = excluded.content_hash, version = t.version + 1, updated_at = now()
    WHERE {wins}
    RETURNING new.id, old.id IS NULL AS is_new, old.category_id AS old_category,
        new.category_id AS category
)
SELECT id, is_new, NOT is_new AND old_category IS DISTINCT FROM category FROM put
""".format(
    best=BEST,
    fields=", ".join(PRODUCT_FIELDS),
    assigned=", ".join(f"{name} = excluded.{name}" for name in PRODUCT_FIELDS),
    wins=WINS,
)
LAND_VARIANTS = """
WITH best AS (
    SELECT DISTINCT ON (variant_id) * FROM (
        SELECT *, md5(ROW(updated_at, product_id, sku, barcode, variant_title,
            trim_scale(price), trim_scale(compare_price), trim_scale(cost), weight_g)::text) AS hash
        FROM landing_product
    ) s ORDER BY variant_id, {best}
), put AS (
    INSERT INTO catalog_variant AS t (store_id, origin_id, external_id, source_updated_at,
        content_hash, version, options, {fields})
    SELECT %(store)s, %(origin)s, b.variant_id, b.updated_at, b.hash, 1, '{{}}', p.id,
        coalesce(left(b.sku, 120), ''), coalesce(b.sku_key, ''), coalesce(left(b.barcode, 40), ''),
        coalesce(left(b.variant_title, 300), ''), b.price, b.compare_price, b.cost,
        b.weight_g
    FROM best b JOIN catalog_product p ON p.store_id = %(store)s AND p.origin_id = %(origin)s
        AND p.external_id = b.product_id
    ORDER BY b.variant_id
    ON CONFLICT (store_id, origin_id, external_id) DO UPDATE SET
        {assigned}, source_updated_at = excluded.source_updated_at,
        content_hash = excluded.content_hash, version = t.version + 1
    WHERE {wins}
    RETURNING new.product_id, old.id IS NULL AS is_new, old.product_id AS old_product,
        old.cost IS NULL AND new.cost IS NOT NULL AS first_cost
)
SELECT product_id, is_new, coalesce(old_product <> product_id, false) OR first_cost, old_product
FROM put
""".format(
    best=BEST,
    fields=", ".join(VARIANT_FIELDS),
    assigned=", ".join(f"{name} = excluded.{name}" for name in VARIANT_FIELDS),
    wins=WINS,
)
DROP_EMPTY = """
DELETE FROM catalog_product p WHERE p.id = ANY(%s) AND p.content_hash = ''
    AND NOT EXISTS (SELECT FROM catalog_variant v WHERE v.product_id = p.id)
"""


@transaction.atomic
def drop_bare(product_ids: Collection[int]) -> None:
    """Delete those of the products that no source ever described and that have no variant left."""
    if product_ids:
        with connection.cursor() as cursor:
            cursor.execute(DROP_EMPTY, [sorted(product_ids)])


@transaction.atomic
def land_products(*, store: Store, origin: Origin, table: pa.Table) -> LandedProducts:
    """Take a batch of variants with their products (columns of ProductRecord)."""
    bad = [
        row for name in ("price", "compare_price", "cost") for row in negative_checked(table, name)
    ]
    good, table = accepted(table, bad)
    if not good:
        return LandedProducts(read=len(bad), rejected=bad)
    params = {"store": store.pk, "origin": origin.pk}
    with connection.cursor() as cursor:
        stage(cursor, "landing_product", _coded(store, table))
        cursor.execute(ADOPT, params)
        cursor.execute(ADOPT_VARIANTS, params)
        products = rows(cursor, LAND_PRODUCTS, params)
        variants = rows(cursor, LAND_VARIANTS, params)
    drop_bare({row[3] for row in variants if row[3] and row[3] != row[0]})
    touched = {row[0] for row in products if row[2]}
    touched |= {row[0] for row in variants if row[2] or row[1]}
    changed = sum(not row[1] for row in variants)
    new = len(variants) - changed
    return LandedProducts(
        good + len(bad), new, changed, good - len(variants), bad, touched=sorted(touched)
    )


def _coded(store: Store, table: pa.Table) -> pa.Table:
    categories = category_ids(store, distinct(table["category"]))
    brands = ids_of("catalog_brand", "name", store.pk, _brands(table["brand"]))
    keys = {sku: sku_key(sku) for sku in distinct(table["sku"])}
    status = pc.utf8_lower(pc.utf8_trim_whitespace(table["status"]))
    codes = list(Product.Status.values)
    numbers = {
        word: codes.index(STATUSES.get(word, Product.Status.LIVE)) for word in distinct(status)
    }
    live = codes.index(Product.Status.LIVE)
    status = pa.array(codes).take(recoded(status, numbers, live).combine_chunks())
    brand = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(table["brand"]), 0, 120)
    table = table.append_column("category_id", _or_null(recoded(table["category"], categories)))
    table = table.append_column("brand_id", _or_null(recoded(brand, brands)))
    table = table.append_column(
        "sku_key", pa.array([keys.get(sku, "") for sku in table["sku"].to_pylist()], pa.string())
    )
    table = with_column(table, "status", status)
    for name in ("price", "compare_price", "cost"):
        table = with_column(table, name, stored_amounts(table[name]))
    title = pc.utf8_slice_codeunits(table["title"], 0, 300)
    return table.append_column("product_title", title)


def _brands(column: pa.ChunkedArray) -> list[str]:
    cut = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(column), 0, 120)
    return [name for name in distinct(cut) if name]


def _or_null(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(numbers, 0), pa.scalar(None, pa.int64()), numbers)
