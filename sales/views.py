"""Pages of orders and customers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.paging import Slice, keyset_page
from core.periods import local_day
from core.web import render_part
from sales.access import customer_to_see, order_to_see
from sales.forms import order_filter
from sales.models import Order
from sales.queries import (
    CUSTOMER_SORTS,
    ORDER_SORTS,
    OrderFilter,
    customers_matching,
    orders_matching,
    products_of_customer,
    sums_of,
)
from stores.access import store_ids_named
from stores.guards import ViewerRequest, needs
from stores.models import Permission, Store
from stores.page_state.lists import ListState, read_list

STATUS_TONES = {
    Order.Status.PAID: "ok",
    Order.Status.SHIPPED: "acc",
    Order.Status.DELIVERED: "ok",
    Order.Status.CANCELLED: "bad",
    Order.Status.UNAVAILABLE: "bad",
    Order.Status.OPEN: "warn",
}


SEGMENTS = [
    ("", _("All")),
    ("new", _("One order")),
    ("returning", _("Two or more")),
    ("none", _("Never ordered")),
]


def people_in(request: ViewerRequest) -> tuple[int, ...]:
    """The stores in which the viewer may see who a customer is."""
    return request.viewer.stores_with(Permission.SEE_PERSONAL_DATA)


def today_in(store_ids: Sequence[int]) -> tuple[date, int]:
    """Today and the week's first day in the first of the stores."""
    store = Store.objects.filter(pk__in=store_ids).order_by("name").first()
    if store is None:
        raise Http404
    return local_day(timezone.now(), store.zone), store.week_start


def listed(
    wanted: ListState, found: QuerySet[Any, Any], sorts: Mapping[str, tuple[str, ...]], path: str
) -> dict[str, Any]:
    """One page of a list with its count, its sort links and its neighbours' addresses."""
    name = wanted.state.sort if wanted.state.sort in sorts else next(iter(sorts))
    page: Slice[Any] = keyset_page(found, sorts[name], wanted.cursor)
    return {
        "wanted": wanted,
        "rows": page.rows,
        "count": found.count(),
        "sort": name,
        "sorts": {key: wanted.at(path, sort=key) for key in sorts},
        "next": wanted.at(path, after=page.after) if page.after else "",
        "previous": wanted.at(path, after=page.before) if page.before else "",
        "path": path,
    }


@needs(Permission.SEE_ORDERS)
@require_safe
def order_list(request: ViewerRequest) -> HttpResponse:
    wanted = read_list(request.GET, ["customer"])
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    chosen = order_filter(wanted, stores, *today_in(stores)) if stores else OrderFilter()
    found = orders_matching(request.viewer, stores, chosen)
    context = listed(wanted, found, ORDER_SORTS, reverse("sales:order-list"))
    context |= {"chosen": chosen, "statuses": Order.Status.choices, "tones": STATUS_TONES}
    context["people_in"] = people_in(request)
    return render_part(request, "sales/order_list.html", "results", context)


@needs(Permission.SEE_ORDERS)
@require_safe
def order_detail(request: ViewerRequest, pk: int) -> HttpResponse:
    order = order_to_see(request.viewer, pk)
    context = {
        "order": order,
        "sums": sums_of(order),
        "tone": STATUS_TONES.get(Order.Status(order.status), ""),
        "sees_people": request.viewer.can(Permission.SEE_PERSONAL_DATA, order.store_id),
        "sees_costs": request.viewer.can(Permission.SEE_COSTS, order.store_id),
    }
    return render_part(request, "sales/order_detail.html", "peek", context)


@needs(Permission.SEE_CUSTOMERS)
@require_safe
def customer_list(request: ViewerRequest) -> HttpResponse:
    wanted = read_list(request.GET, ["segment"])
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    segment = wanted.own.get("segment", "")
    found = customers_matching(request.viewer, stores, wanted.state.search, segment)
    context = listed(wanted, found, CUSTOMER_SORTS, reverse("customers:customer-list"))
    context |= {"segment": segment, "people_in": people_in(request)}
    context["segments"] = [
        (k, label, wanted.at(context["path"], segment=k)) for k, label in SEGMENTS
    ]
    return render_part(request, "sales/customer_list.html", "results", context)


@needs(Permission.SEE_CUSTOMERS)
@require_safe
def customer_detail(request: ViewerRequest, pk: int) -> HttpResponse:
    customer = customer_to_see(request.viewer, pk)
    found = orders_matching(request.viewer, [customer.store_id], OrderFilter(customer=customer.pk))
    page = keyset_page(found, ORDER_SORTS["-placed_at"], request.GET.get("after", "")[:2000])
    context = {
        "customer": customer,
        "orders": page.rows,
        "next": page.after,
        "previous": page.before,
        "favourites": products_of_customer(customer),
        "sees_people": request.viewer.can(Permission.SEE_PERSONAL_DATA, customer.store_id),
        "sees_orders": request.viewer.can(Permission.SEE_ORDERS, customer.store_id),
    }
    return render_part(request, "sales/customer_detail.html", "peek", context)
