"""Products in the command palette."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from catalog.queries import ProductFilter, products_matching
from core.palette import PaletteItem, score_of

ENOUGH = 5


def palette(viewer: Viewer, words: str) -> Iterator[PaletteItem]:
    """Products by name, SKU or barcode."""
    if len(words) < 2:
        return
    found = products_matching(viewer, viewer.store_ids, ProductFilter(search=words))
    for product in found.order_by("title", "pk")[:ENOUGH]:
        codes = [variant.sku for variant in product.variants.all()]
        url = reverse("listings:product-detail", args=[product.pk])
        score = score_of(words, product.title, *codes)
        hint = _("Product · %(sku)s") % {"sku": codes[0]} if codes and codes[0] else _("Product")
        yield PaletteItem(_("Go to"), product.title, hint, url, score, "package")
