"""The only way from an id to an order or a customer."""

from django.http import Http404

from accounts.records import Viewer
from sales.models import Customer, Order
from sales.queries import order_in_full
from stores.access import demand
from stores.models import Permission


def order_to_see(viewer: Viewer, pk: int) -> Order:
    """The order in full; 404 when it is of a store that is not the viewer's, 403 without right."""
    store_id = Order.objects.filter(pk=pk).values_list("store_id", flat=True).first()
    if store_id is None or not (viewer.system or store_id in viewer.store_ids):
        raise Http404
    demand(viewer, Permission.SEE_ORDERS, store_id)
    return order_in_full(pk)


def customer_to_see(viewer: Viewer, pk: int) -> Customer:
    """The customer; 404 when they are of a store that is not the viewer's, 403 without right."""
    found = Customer.objects.select_related("store", "origin").filter(pk=pk).first()
    if found is None or not (viewer.system or found.store_id in viewer.store_ids):
        raise Http404
    demand(viewer, Permission.SEE_CUSTOMERS, found.store_id)
    return found
