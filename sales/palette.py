"""Orders and customers in the command palette."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from core.palette import PaletteItem, score_of
from sales.models import Customer, Order
from stores.models import Permission

ENOUGH = 5


def palette(viewer: Viewer, words: str) -> Iterator[PaletteItem]:
    """Orders by number and customers by e-mail or name, in the stores where the viewer may."""
    if len(words) < 2:
        return
    number = words.removeprefix("#")
    numbered = Q(number__istartswith=number) | Q(number__istartswith=f"#{number}")
    orders = Order.objects.filter(store_id__in=viewer.stores_with(Permission.SEE_ORDERS))
    for order in orders.filter(numbered).order_by("-placed_at")[:ENOUGH]:
        url = reverse("sales:order-detail", args=[order.pk])
        score = score_of(number, order.number.removeprefix("#"))
        label = _("Order %(number)s") % {"number": order.number}
        yield PaletteItem(_("Go to"), label, _("Order"), url, score, "receipt")
    named = Q(email__istartswith=words) | Q(name__istartswith=words)
    customers = Customer.objects.filter(store_id__in=people_in(viewer)).filter(named)
    for customer in customers.order_by("-order_count", "pk")[:ENOUGH]:
        url = reverse("customers:customer-detail", args=[customer.pk])
        score = score_of(words, customer.name, customer.email)
        yield PaletteItem(_("Go to"), str(customer), _("Customer"), url, score, "user-circle")


def people_in(viewer: Viewer) -> set[int]:
    """Stores in which the viewer may see customers and who they are."""
    seen = viewer.stores_with(Permission.SEE_CUSTOMERS)
    return set(seen) & set(viewer.stores_with(Permission.SEE_PERSONAL_DATA))
