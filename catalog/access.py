"""The only way from an id to a product."""

from django.db.models import Prefetch
from django.http import Http404

from accounts.records import Viewer
from catalog.models import Product, Variant
from stores.access import demand
from stores.models import Permission


def product_to_see(viewer: Viewer, pk: int) -> Product:
    """The product with its variants; 404 when it is not the viewer's, 403 without right."""
    found = (
        Product.objects.select_related("brand", "category", "store", "origin")
        .prefetch_related(Prefetch("variants", Variant.objects.order_by("pk")))
        .filter(pk=pk)
        .first()
    )
    if found is None or not (viewer.system or found.store_id in viewer.store_ids):
        raise Http404
    demand(viewer, Permission.SEE_PRODUCTS, found.store_id)
    return found
