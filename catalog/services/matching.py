"""Finding the product that a line, a level or an event of a source means.

What is not known yet gets a bare row under the source's id, which the product's own record fills
in later; so it makes no difference which of them arrives first.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from core.staging import rows
from stores.models import Origin, Store

SKU_LENGTH = 120


@dataclass(frozen=True)
class Match:
    """The variant and product of a row, the product's category, and what one piece costs."""

    variant: int | None = None
    product: int = 0
    category: int = 0
    cost: Decimal | None = None


Wanted = tuple[str, str, str, str]  # product id, variant id, SKU, title; empty when not given
NO_MATCH = Match()

FIND_PRODUCTS = """
SELECT DISTINCT ON (external_id) external_id, id, coalesce(category_id, 0)
FROM catalog_product
WHERE store_id = %s AND external_id = ANY(%s)
ORDER BY external_id, origin_id = %s DESC, id
"""
MAKE_PRODUCTS = """
INSERT INTO catalog_product (store_id, origin_id, external_id, title, handle, description, status,
    image_url, tags, content_hash, version, created_at, updated_at)
SELECT %s, %s, id, title, '', '', 'live', '', '[]', '', 1, now(), now()
FROM unnest(%s::text[], %s::text[]) AS w(id, title) ORDER BY id
ON CONFLICT DO NOTHING
"""
FIND_VARIANTS = """
SELECT v.external_id, v.id, v.product_id, coalesce(p.category_id, 0), v.cost
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
WHERE v.store_id = %s AND v.origin_id = %s AND v.external_id = ANY(%s)
"""
FIND_SKUS = """
SELECT DISTINCT ON (v.sku_key) v.sku_key, v.id, v.product_id, coalesce(p.category_id, 0), v.cost
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
WHERE v.store_id = %s AND v.sku_key = ANY(%s)
ORDER BY v.sku_key, v.origin_id = %s DESC, v.external_id
"""
MAKE_VARIANTS = """
INSERT INTO catalog_variant (store_id, origin_id, product_id, external_id, sku, sku_key, barcode,
    title, options, content_hash, version)
SELECT %s, %s, product, id, sku, sku_key, '', '', '{}', '', 1
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[]) AS w(id, product, sku, sku_key)
ORDER BY id
ON CONFLICT DO NOTHING
"""


def sku_key(sku: str) -> str:
    """The SKU as it is compared: one form of each letter, upper and lower case alike."""
    return unicodedata.normalize("NFKC", sku).casefold().strip()[:SKU_LENGTH]


def product_ids(
    store: Store, origin: Origin, ids: Collection[str], titles: dict[str, str] | None = None
) -> dict[str, int]:
    """Our id of each product that the source names; an unknown one gets a bare row."""
    return {key: found[0] for key, found in _products(store, origin, ids, titles or {}).items()}


def matches_of(store: Store, origin: Origin, wanted: Sequence[Wanted]) -> dict[Wanted, Match]:
    """What each row means: by the variant's id, else its SKU, else the product's id.

    An id that is not known gets a bare row; a SKU alone does not, it may mean anything.
    """
    by_id = _variants(store, origin, {w[1] or w[0] for w in wanted} - {""})
    skus = {sku_key(w[2]) for w in wanted if w[2] and (w[1] or w[0]) not in by_id}
    by_sku = _skus(store, origin, skus - {""})
    found = {w: by_id.get(w[1] or w[0]) or by_sku.get(sku_key(w[2])) for w in wanted}
    lacking = [w for w, match in found.items() if match is None and (w[0] or w[1])]
    titles = {w[0] or w[1]: w[3] for w in sorted(lacking, reverse=True) if w[3]}
    products = _products(store, origin, {w[0] or w[1] for w in lacking}, titles)
    _make_variants(
        store, origin, {w[1]: (products[w[0] or w[1]][0], w[2]) for w in lacking if w[1]}
    )
    made = _variants(store, origin, {w[1] for w in lacking if w[1]})
    for w in lacking:
        product, category = products[w[0] or w[1]]
        found[w] = made.get(w[1]) or Match(None, product, category)
    return {w: match or NO_MATCH for w, match in found.items()}


def _products(
    store: Store, origin: Origin, ids: Collection[str], titles: dict[str, str]
) -> dict[str, tuple[int, int]]:
    if not ids:
        return {}
    params = [store.pk, list(ids), origin.pk]
    with connection.cursor() as cursor:
        found = {row[0]: (row[1], row[2]) for row in rows(cursor, FIND_PRODUCTS, params)}
        lacking = sorted(set(ids) - found.keys())
        if lacking:
            names = [(titles.get(key) or key)[:300] for key in lacking]
            cursor.execute(MAKE_PRODUCTS, [store.pk, origin.pk, lacking, names])
            found = {row[0]: (row[1], row[2]) for row in rows(cursor, FIND_PRODUCTS, params)}
    return found


def _variants(store: Store, origin: Origin, ids: Collection[str]) -> dict[str, Match]:
    return _matched(FIND_VARIANTS, [store.pk, origin.pk, list(ids)]) if ids else {}


def _skus(store: Store, origin: Origin, keys: Collection[str]) -> dict[str, Match]:
    return _matched(FIND_SKUS, [store.pk, list(keys), origin.pk]) if keys else {}


def _matched(sql: str, params: list[Any]) -> dict[str, Match]:
    with connection.cursor() as cursor:
        return {row[0]: Match(*row[1:]) for row in rows(cursor, sql, params)}


def _make_variants(store: Store, origin: Origin, made: dict[str, tuple[int, str]]) -> None:
    if not made:
        return
    ids = sorted(made)
    skus = [made[key][1][:SKU_LENGTH] for key in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            MAKE_VARIANTS,
            [
                store.pk,
                origin.pk,
                ids,
                [made[key][0] for key in ids],
                skus,
                [sku_key(s) for s in skus],
            ],
        )
