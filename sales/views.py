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
from django_stubs_ext import StrOrPromise

from core.errors import Refused
from core.paging import Slice, keyset_page
from core.periods import local_day
from core.sheets import KINDS
from core.web import render_part
from metrics.declare import dimensions
from sales.access import customer_to_see, order_to_see
from sales.forms import order_filter
from sales.models import Customer, Order
from sales.queries import (
    ORDER_SORTS,
    OrderFilter,
    channels_of_stores,
    customer_sorts,
    customers_matching,
    order_status_counts,
    orders_matching,
    products_of_customer,
    segment_counts,
    sums_of,
    totals_of_customers,
    totals_of_orders,
)
from sales.serializers import CustomerCells, OrderCells
from stores.access import store_ids_named
from stores.guards import ViewerRequest, needs
from stores.models import Permission, Store
from stores.page_state.files import ListFile
from stores.page_state.listing import (
    Column,
    Facet,
    ListPage,
    facet_of,
    look_at,
    part_of,
    saving_of,
    tabs_of,
)
from stores.page_state.lists import ListState, ids_named, read_list

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
ORDER_TABS = [
    ("", _("All")),
    (Order.Status.PAID, _("To ship")),
    (Order.Status.SHIPPED, _("On the way")),
    (Order.Status.CANCELLED, _("Cancelled")),
]
ORDER_COLUMNS = (
    Column("order", _("Order"), is_fixed=True),
    Column("placed", _("Placed"), "moment"),
    Column("status", _("Status")),
    Column("customer", _("Customer")),
    Column("country", _("Country")),
    Column("channel", _("Channel"), is_default=False),
    Column("lines", _("Lines"), "count"),
    Column("discount", _("Discount"), "amount", is_default=False),
    Column("shipping", _("Shipping"), "amount", is_default=False),
    Column("total", _("Total"), "amount"),
)
CUSTOMER_COLUMNS = (
    Column("customer", _("Customer"), is_fixed=True),
    Column("country", _("Country")),
    Column("city", _("City"), is_default=False),
    Column("consent", _("Marketing consent"), is_default=False),
    Column("orders", _("Orders"), "count"),
    Column("spent", _("Net spent"), "amount"),
    Column("first_order", _("First order"), "moment", is_default=False),
    Column("last_order", _("Last order"), "moment"),
)
ORDER_SORT_WORDS = {
    "-placed_at": _("Newest first"),
    "placed_at": _("Oldest first"),
    "-total": _("Largest first"),
    "total": _("Smallest first"),
}
CUSTOMER_SORT_WORDS = {
    "-last_order": _("Last order"),
    "-spent": _("Net spent"),
    "-orders": _("Most orders"),
    "name": _("Name"),
}
MOST_ROWS = 100_000


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
    wanted: ListState, found: QuerySet[Any, Any], sorts: Mapping[str, tuple[str, ...]], path: str,
    count: int,
) -> dict[str, Any]:  # fmt: skip
    """One page of a list with its count, its sort links and its neighbours' addresses."""
    name = wanted.state.sort if wanted.state.sort in sorts else next(iter(sorts))
    page: Slice[Any] = keyset_page(found, sorts[name], wanted.cursor)
    return {
        "wanted": wanted,
        "rows": page.rows,
        "count": count,
        "sort": name,
        "sorts": {key: wanted.at(path, sort=key) for key in sorts},
        "next": wanted.at(path, after=page.after) if page.after else "",
        "previous": wanted.at(path, after=page.before) if page.before else "",
        "path": path,
    }


def tools_of(
    request: ViewerRequest, listed_as: ListPage, wanted: ListState, sort: str,
    words: Mapping[str, StrOrPromise],
) -> dict[str, Any]:  # fmt: skip
    """The toolbar's right end: how to sort, which files there are, where one is."""
    may_export = request.viewer.can_anywhere(Permission.EXPORT)
    files = [(kind.upper(), f"{listed_as.path}export/{kind}/") for kind in KINDS]
    return {
        "sort_label": words[sort],
        "sort_menu": [
            (label, wanted.at(listed_as.path, sort=key), key == sort)
            for key, label in words.items()
        ],
        "exports": [(label, wanted.at(path)) for label, path in files] if may_export else [],
        "may_save": request.viewer.can_anywhere(Permission.SEE_METRICS),
        "here": wanted.at(listed_as.path, cols=""),
    }


def order_page(request: ViewerRequest, stores: Sequence[int]) -> ListPage:
    """The list of orders as tabs and facets ask it."""

    def found(wanted: ListState) -> QuerySet[Order]:
        chosen = order_filter(wanted, stores, *today_in(stores)) if stores else OrderFilter()
        return orders_matching(request.viewer, stores, chosen)

    return ListPage("orders", reverse("sales:order-list"), found, ("customer",))


@needs(Permission.SEE_ORDERS)
@require_safe
def order_list(request: ViewerRequest) -> HttpResponse:
    wanted = read_list(request.GET, ["customer"])
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    orders = order_page(request, stores)
    chosen = order_filter(wanted, stores, *today_in(stores)) if stores else OrderFilter()
    found = orders_matching(request.viewer, stores, chosen)
    totals = totals_of_orders(found)
    context = listed(wanted, found, ORDER_SORTS, orders.path, sum(n for n, _sum in totals.values()))
    context |= tools_of(request, orders, wanted, context["sort"], ORDER_SORT_WORDS)
    context |= saving_of(request.viewer, "orders", wanted, stores) | {
        "chosen": chosen, "statuses": Order.Status.choices, "tones": STATUS_TONES,
        "look": look_at(request, "orders", wanted, ORDER_COLUMNS),
        "tabs": tabs_of(request.viewer, orders, wanted, order_tabs(request, stores)),
        "facets": facets_of(request, orders, wanted, ("country", "channel", "customer_type")),
        "totals": totals,
        "channels": dimensions["channel"].labels(stores, {row.channel for row in context["rows"]}),
        "people_in": people_in(request),
    }  # fmt: skip
    return render_part(request, "sales/order_list.html", part_of(request), context)


def facets_of(
    request: ViewerRequest, page: ListPage, wanted: ListState, slugs: Sequence[str]
) -> list[Facet]:
    """What the list can be narrowed to, counted only when somebody opens the menu."""
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    if part_of(request) != "facets":
        return []
    return [facet_of(page, wanted, slug, slug, stores) for slug in slugs]


def order_tabs(request: ViewerRequest, stores: Sequence[int]) -> list[Any]:
    """The built-in tabs with their counts, by one question."""
    counts = order_status_counts(request.viewer, stores)
    return [
        (label, {"status": status}, counts.get(status, 0) if status else sum(counts.values()))
        for status, label in ORDER_TABS
    ]


@needs(Permission.EXPORT)
@require_safe
def order_export(request: ViewerRequest, kind: str) -> HttpResponse:
    """The orders of the list, all its pages, as a file."""
    wanted = read_list(request.GET, ["customer"])
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    orders = order_page(request, stores)
    look = look_at(request, "orders", wanted, ORDER_COLUMNS)
    order = ORDER_SORTS.get(wanted.state.sort) or ORDER_SORTS["-placed_at"]
    rows = orders.found(wanted).order_by(*order)
    channels = dimensions["channel"].labels(stores, channels_of_stores(stores))
    cells = OrderCells(people_in(request), channels)
    return list_file(ListFile(kind, _("Orders"), look, wanted), rows, cells)


def list_file(file: ListFile, rows: QuerySet[Any, Any], cells: Any) -> HttpResponse:
    """The rows with the columns that the list shows; 404 for a kind that is not there."""
    if file.kind not in KINDS:
        raise Http404
    if rows.count() > MOST_ROWS:
        raise Refused(_("More than %(n)s rows: narrow the list first.") % {"n": MOST_ROWS})
    return file.made(cells.of(row, file.columns) for row in rows.iterator(chunk_size=2000))


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


def customer_page(request: ViewerRequest, stores: Sequence[int]) -> ListPage:
    """The list of customers as tabs and facets ask it."""

    def found(wanted: ListState) -> QuerySet[Customer]:
        segment = wanted.own.get("segment", "")
        people = customers_matching(request.viewer, stores, wanted.state.search, segment)
        words = wanted.state.words_of("country")
        return people.filter(country__in=ids_named("country", words, stores)) if words else people

    path = reverse("customers:customer-list")
    return ListPage("customers", path, found, ("segment",))


@needs(Permission.SEE_CUSTOMERS)
@require_safe
def customer_list(request: ViewerRequest) -> HttpResponse:
    wanted = read_list(request.GET, ["segment"])
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    customers = customer_page(request, stores)
    found = customers.found(wanted)
    totals = totals_of_customers(found)
    sorts = customer_sorts(request.viewer, stores)
    context = listed(wanted, found, sorts, customers.path, totals.count)
    words = {name: CUSTOMER_SORT_WORDS[name] for name in sorts}
    context |= tools_of(request, customers, wanted, context["sort"], words)
    counts = segment_counts(request.viewer, stores)
    fixed = [(label, {"segment": key}, counts[key]) for key, label in SEGMENTS]
    context |= saving_of(request.viewer, "customers", wanted, stores) | {
        "segment": wanted.own.get("segment", ""),
        "look": look_at(request, "customers", wanted, CUSTOMER_COLUMNS),
        "tabs": tabs_of(request.viewer, customers, wanted, fixed),
        "facets": facets_of(request, customers, wanted, ("country",)),
        "totals": totals,
        "people_in": people_in(request),
    }
    return render_part(request, "sales/customer_list.html", part_of(request), context)


@needs(Permission.EXPORT)
@require_safe
def customer_export(request: ViewerRequest, kind: str) -> HttpResponse:
    """The customers of the list, all its pages, as a file."""
    wanted = read_list(request.GET, ["segment"])
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    look = look_at(request, "customers", wanted, CUSTOMER_COLUMNS)
    sorts = customer_sorts(request.viewer, stores)
    order = sorts.get(wanted.state.sort) or sorts["-last_order"]
    rows = customer_page(request, stores).found(wanted).order_by(*order)
    cells = CustomerCells(people_in(request))
    return list_file(ListFile(kind, _("Customers"), look, wanted), rows, cells)


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
