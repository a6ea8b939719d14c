"""What the list of products is asked for in its address."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog.models import Product
from catalog.queries import ProductFilter
from metrics.declare import dimensions
from stores.page_state.lists import ListState, ids_named

ON_PRODUCTS = ("category", "product")


def product_filter(wanted: ListState, store_ids: Sequence[int]) -> ProductFilter:
    """The products that it means; a dimension that products lack becomes a notice."""
    narrowed: dict[str, list[int]] = {}
    for narrowing in wanted.state.filters:
        if narrowing.slug in ON_PRODUCTS and not narrowing.excluded:
            ids = ids_named(narrowing.slug, narrowing.words, store_ids)
            narrowed[narrowing.slug] = ids or [-1]
        else:
            label = dimensions[narrowing.slug].label
            wanted.notices.append(_("Products cannot be narrowed by %(label)s.") % {"label": label})
    status = wanted.own.get("status", "")
    return ProductFilter(
        search=wanted.state.search,
        status=status if status in Product.Status.values else "",
        category_ids=narrowed.get("category", ()),
        product_ids=narrowed.get("product", ()),
    )
