"""Reads about orders and customers, ready to render without more queries."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.records import Viewer
from sales.models import Customer, Order, OrderLine, Payment, Refund, RefundLine
from stores.models import Channel, Permission

ORDER_SORTS = {
    "-placed_at": ("-placed_at", "-id"),
    "placed_at": ("placed_at", "id"),
    "-total": ("-total", "-id"),
    "total": ("total", "id"),
}
CUSTOMER_SORTS = {
    "-last_order": ("-last_bought_at", "-id"),
    "-spent": ("-net_spent", "-id"),
    "-orders": ("-order_count", "-id"),
    "name": ("name", "id"),
}
SEGMENTS = {"new": Q(order_count=1), "returning": Q(order_count__gte=2), "none": Q(order_count=0)}
NEVER = datetime.fromisoformat("1900-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class OrderFilter:
    """Which orders to list. `dimensions` maps a column to the stored ids to keep or leave out."""

    search: str = ""
    statuses: Sequence[str] = ()
    sales_only: bool = False
    start: date | None = None
    end: date | None = None
    product_ids: Sequence[int] = ()
    category_ids: Sequence[int] = ()
    customer: int | None = None
    dimensions: Mapping[str, Sequence[int]] = field(default_factory=dict)
    excluded: Mapping[str, Sequence[int]] = field(default_factory=dict)


def orders_matching(
    viewer: Viewer, store_ids: Sequence[int], wanted: OrderFilter
) -> QuerySet[Order]:
    """The viewer's orders that fit the filter, with customer, in no order yet."""
    seen = set(store_ids) & set(viewer.stores_with(Permission.SEE_ORDERS))
    found = Order.objects.filter(store_id__in=seen).select_related("customer", "store")
    found = found.filter(fitting(wanted)).filter(searching(viewer, seen, wanted.search))
    if wanted.product_ids or wanted.category_ids:
        lines = OrderLine.objects.filter(store_id__in=seen)
        if wanted.product_ids:
            lines = lines.filter(product__in=wanted.product_ids)
        if wanted.category_ids:
            lines = lines.filter(category__in=wanted.category_ids)
        found = found.filter(pk__in=lines.values("order_id"))
    return found


def fitting(wanted: OrderFilter) -> Q:
    """The conditions on the order's own columns."""
    condition = Q()
    for column, ids in wanted.dimensions.items():
        condition &= Q(**{f"{column}__in": list(ids)})
    for column, ids in wanted.excluded.items():
        condition &= ~Q(**{f"{column}__in": list(ids)})
    if wanted.start:
        condition &= Q(day__gte=wanted.start)
    if wanted.end:
        condition &= Q(day__lte=wanted.end)
    if wanted.statuses:
        condition &= Q(status__in=list(wanted.statuses))
    if wanted.sales_only:
        condition &= Q(is_sale=True)
    if wanted.customer:
        condition &= Q(customer_id=wanted.customer)
    return condition


def searching(viewer: Viewer, store_ids: Set[int], words: str) -> Q:
    """Orders by number, and by the customer's e-mail or name where the viewer may see them.

    Each way to find an order is a query of its own, so that each has its index.
    """
    words = words.strip()
    if not words:
        return Q()
    orders = Order.objects.filter(store_id__in=store_ids)
    open_in = store_ids & set(viewer.stores_with(Permission.SEE_PERSONAL_DATA))
    named = Q(email__iexact=words) | has_name(words)
    buyers = Customer.objects.filter(named, store_id__in=open_in)
    ways = (
        orders.filter(number__istartswith=words),
        orders.filter(external_id=words),
        orders.filter(customer__in=buyers.values("pk")),
    )
    first, *others = (way.values("pk") for way in ways)
    return Q(pk__in=first.union(*others))


def has_name(words: str) -> Q:
    """Customers whose name has the words in it; one or two letters must begin it."""
    return Q(name__icontains=words) if len(words) > 2 else Q(name__istartswith=words)


def order_in_full(pk: int) -> Order:
    """One order with everything that belongs to it."""
    refund_lines = RefundLine.objects.select_related("line").order_by("pk")
    return (
        Order.objects.select_related("customer", "store", "origin")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.select_related("variant").order_by("pk")),
            Prefetch("payments", Payment.objects.order_by("pk")),
            Prefetch("refunds", Refund.objects.order_by("refunded_at", "pk")),
            Prefetch("refunds__lines", refund_lines),
        )
        .get(pk=pk)
    )


@dataclass(frozen=True)
class OrderSums:
    """What an order comes to, in the store's currency, before tax but for `tax` and `total`."""

    gross: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal
    refunded: Decimal
    paid: Decimal
    cost: Decimal | None


def sums_of(order: Order) -> OrderSums:
    """Adds up an order that `order_in_full` has read; reads nothing more."""
    lines, refunds = order.lines.all(), order.refunds.all()
    gross = sum((line.gross for line in lines), Decimal(0))
    discount = sum((line.discount for line in lines), Decimal(0))
    tax = sum((line.tax for line in lines), Decimal(0)) + order.shipping_tax
    costs = [line.cost for line in lines if line.cost is not None]
    refunded = sum(
        (part.amount + part.tax for refund in refunds for part in refund.lines.all()), Decimal(0)
    ) + sum((refund.shipping for refund in refunds), Decimal(0))
    return OrderSums(
        gross=gross,
        discount=discount,
        shipping=order.shipping,
        tax=tax,
        total=gross - discount + order.shipping + tax,
        refunded=refunded,
        paid=sum((payment.amount for payment in order.payments.all()), Decimal(0)),
        cost=sum(costs, Decimal(0)) if costs else None,
    )


def customers_matching(
    viewer: Viewer, store_ids: Sequence[int], search: str = "", segment: str = ""
) -> QuerySet[Customer]:
    """The viewer's customers, by e-mail or name when searched, in no order yet.

    `segment` is "new" (one order), "returning" (two or more), "none" (never ordered) or empty.
    """
    seen = set(store_ids) & set(viewer.stores_with(Permission.SEE_CUSTOMERS))
    found = Customer.objects.filter(store_id__in=seen).select_related("store")
    found = found.annotate(last_bought_at=Coalesce("last_order_at", NEVER))
    search = search.strip()
    if search:
        named = Q(email__istartswith=search) | has_name(search)
        open_in = viewer.stores_with(Permission.SEE_PERSONAL_DATA)
        # Where a shop has no other key of a customer, the e-mail is the key.
        keyed = Q() if "@" not in search else Q(store_id__in=open_in)
        found = found.filter((keyed & Q(external_id=search)) | (Q(store_id__in=open_in) & named))
    return found.filter(SEGMENTS.get(segment, Q()))


def customer_sorts(viewer: Viewer, store_ids: Sequence[int]) -> Mapping[str, tuple[str, ...]]:
    """The ways to sort these stores' customers; by name only where all names may be seen.

    The order of names, and a page's cursor made of one, would tell them.
    """
    listed = set(store_ids) & set(viewer.stores_with(Permission.SEE_CUSTOMERS))
    if listed <= set(viewer.stores_with(Permission.SEE_PERSONAL_DATA)):
        return CUSTOMER_SORTS
    return {name: order for name, order in CUSTOMER_SORTS.items() if name != "name"}


def lines_of_product(store_id: int, product_id: int) -> QuerySet[OrderLine]:
    """The newest sales of a product."""
    lines = OrderLine.objects.filter(store_id=store_id, product=product_id, is_sale=True)
    return lines.select_related("order").order_by("-day", "-pk")


def products_of_customer(customer: Customer) -> list[dict[str, object]]:
    """What the customer bought most, by pieces: title, quantity, net sales."""
    lines = OrderLine.objects.filter(order__customer=customer, is_sale=True)
    groups = lines.values("title", "product").annotate(
        pieces=Sum("quantity"), net=Sum(F("gross") - F("discount"))
    )
    return list(groups.order_by("-pieces", "title")[:5])


def order_status_counts(viewer: Viewer, store_ids: Sequence[int]) -> dict[str, int]:
    """How many of the viewer's orders stand in each status."""
    found = orders_matching(viewer, store_ids, OrderFilter()).order_by()
    return dict(found.values_list("status").annotate(n=Count("pk")))


def segment_counts(viewer: Viewer, store_ids: Sequence[int]) -> dict[str, int]:
    """How many of the viewer's customers each segment holds; the empty one holds all."""
    found = customers_matching(viewer, store_ids).order_by()
    sums = found.aggregate(
        all=Count("pk"), new=Count("pk", filter=SEGMENTS["new"]),
        returning=Count("pk", filter=SEGMENTS["returning"]),
        none=Count("pk", filter=SEGMENTS["none"]),
    )  # fmt: skip
    return {"": sums.pop("all"), **sums}


def totals_of_orders(found: QuerySet[Order]) -> dict[str, tuple[int, Decimal]]:
    """How many orders a list holds and what they come to, by the currency they were paid in."""
    sums = found.order_by().values_list("currency").annotate(n=Count("pk"), sum=Sum("total"))
    return {currency: (n, sum_) for currency, n, sum_ in sums.order_by("-sum")}


@dataclass(frozen=True)
class CustomerTotals:
    """All customers of a list: how many, their orders, and what they spent by currency."""

    count: int
    orders: int
    spent: dict[str, Decimal]


def totals_of_customers(found: QuerySet[Customer]) -> CustomerTotals:
    """Adds up all customers of a list."""
    rows = list(
        found.order_by()
        .values_list("store__currency")
        .annotate(n=Count("pk"), placed=Sum("order_count"), spent=Sum("net_spent"))
        .order_by("-spent")
    )
    spent = {currency: sum_ for currency, _n, _orders, sum_ in rows}
    return CustomerTotals(sum(row[1] for row in rows), sum(row[2] for row in rows), spent)


def channels_of_stores(store_ids: Sequence[int]) -> list[int]:
    """The ids of the stores' sales channels."""
    return list(Channel.objects.filter(store_id__in=store_ids).values_list("pk", flat=True))
