"""Reads about stock."""

from collections.abc import Sequence

from django.db.models import QuerySet, Sum

from catalog.models import Product
from inventory.models import Level


def stock_of_products(products: Sequence[Product]) -> dict[int, int]:
    """Pieces available by product id, over all its variants and locations, where any is known."""
    return stock_of_ids([product.pk for product in products])


def stock_of_ids(product_ids: Sequence[int]) -> dict[int, int]:
    """The same by the products' ids."""
    rows = Level.objects.filter(variant__product_id__in=product_ids)
    sums = rows.values_list("variant__product_id").annotate(pieces=Sum("available"))
    return {pk: pieces or 0 for pk, pieces in sums}


def levels_of_product(product_id: int) -> QuerySet[Level]:
    """Every level of the product's variants, with variant and location."""
    found = Level.objects.filter(variant__product_id=product_id)
    return found.select_related("variant", "location").order_by("variant_id", "location__name")
