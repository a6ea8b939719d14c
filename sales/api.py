"""REST: orders and customers."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from core.rest import envelope, page_of, parameters
from sales.access import customer_to_see, order_to_see
from sales.queries import (
    ORDER_SORTS,
    OrderFilter,
    customer_sorts,
    customers_matching,
    orders_matching,
)
from sales.serializers import (
    CustomerOut,
    CustomerParameters,
    OrderDetailOut,
    OrderOut,
    OrderParameters,
)
from stores.access import store_ids_named
from stores.api import demand_anywhere, viewer_behind
from stores.models import Permission


@extend_schema(
    operation_id="orders_list",
    summary="List orders", tags=["Orders"], parameters=[OrderParameters],
    responses=envelope("Order", OrderOut),
)  # fmt: skip
@api_view(["GET"])
def order_list(request: Request) -> Response:
    viewer = demand_anywhere(request, Permission.SEE_ORDERS)
    given = parameters(request, OrderParameters)
    wanted = OrderFilter(
        search=given["search"], statuses=sorted(given["status"]), start=given["placed_from"],
        end=given["placed_to"], customer=given["customer"],
        product_ids=[given["product"]] if given["product"] else [],
    )  # fmt: skip
    found = orders_matching(viewer, store_ids_named(viewer, given["store"]), wanted)
    return page_of(found, ORDER_SORTS[given["sort"]], given, OrderOut)


@extend_schema(
    operation_id="orders_one",
    summary="One order, in full",
    tags=["Orders"],
    responses=OrderDetailOut,
)
@api_view(["GET"])
def order_detail(request: Request, pk: int) -> Response:
    viewer = viewer_behind(request)
    return Response(OrderDetailOut(order_to_see(viewer, pk), context={"viewer": viewer}).data)


@extend_schema(
    operation_id="customers_list",
    summary="List customers", tags=["Customers"], parameters=[CustomerParameters],
    responses=envelope("Customer", CustomerOut),
)  # fmt: skip
@api_view(["GET"])
def customer_list(request: Request) -> Response:
    viewer = demand_anywhere(request, Permission.SEE_CUSTOMERS)
    given = parameters(request, CustomerParameters)
    stores = store_ids_named(viewer, given["store"])
    found = customers_matching(viewer, stores, given["search"], given["segment"])
    sorts = customer_sorts(viewer, stores)
    if given["sort"] not in sorts:
        raise ValidationError({"sort": ["Sorting by name needs the right to see personal data."]})
    return page_of(found, sorts[given["sort"]], given, CustomerOut, {"viewer": viewer})


@extend_schema(
    operation_id="customers_one", summary="One customer", tags=["Customers"], responses=CustomerOut
)
@api_view(["GET"])
def customer_detail(request: Request, pk: int) -> Response:
    viewer = viewer_behind(request)
    return Response(CustomerOut(customer_to_see(viewer, pk), context={"viewer": viewer}).data)
