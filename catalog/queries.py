"""Reads about products, ready to render without more queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.records import Viewer
from catalog.models import Category, Product, Variant
from stores.models import Permission

PRODUCT_SORTS = {
    "title": ("title", "id"),
    "-title": ("-title", "-id"),
    "-updated": ("-updated_at", "-id"),
}


@dataclass(frozen=True)
class ProductFilter:
    """Which products to list."""

    search: str = ""
    status: str = ""
    category_ids: Sequence[int] = ()
    product_ids: Sequence[int] = ()
    brand: int | None = None


def products_matching(
    viewer: Viewer, store_ids: Sequence[int], wanted: ProductFilter
) -> QuerySet[Product]:
    """The viewer's products that fit, with brand, category and variants, in no order yet."""
    seen = set(store_ids) & set(viewer.stores_with(Permission.SEE_PRODUCTS))
    found = Product.objects.filter(store_id__in=seen).select_related("brand", "category", "store")
    found = found.prefetch_related(Prefetch("variants", Variant.objects.order_by("pk")))
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.category_ids:
        found = found.filter(category_id__in=list(wanted.category_ids))
    if wanted.product_ids:
        found = found.filter(pk__in=list(wanted.product_ids))
    if wanted.brand:
        found = found.filter(brand_id=wanted.brand)
    words = wanted.search.strip()
    if words:
        variants = Variant.objects.filter(product=OuterRef("pk"))
        coded = variants.filter(Q(sku_key__startswith=words.casefold()) | Q(barcode=words))
        found = found.filter(Q(title__icontains=words) | Exists(coded) | Q(external_id=words))
    return found


def categories_of(store_ids: Sequence[int]) -> QuerySet[Category]:
    """The stores' categories by name."""
    return Category.objects.filter(store_id__in=store_ids).order_by("name")


def branch_ids(category: Category) -> list[int]:
    """The category's id and those of every branch under it."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in Category.objects.filter(store=category.store_id).values_list(
        "pk", "parent_id"
    ):
        children.setdefault(parent, []).append(pk)
    found, waiting = [], [category.pk]
    while waiting:
        pk = waiting.pop()
        found.append(pk)
        waiting.extend(children.get(pk, []))
    return found
