"""REST: products with their variants."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import product_to_see
from catalog.queries import PRODUCT_SORTS, ProductFilter, products_matching
from catalog.serializers import ProductOut, ProductParameters
from core.rest import envelope, page_of, parameters
from stores.access import store_ids_named
from stores.api import demand_anywhere, viewer_behind
from stores.models import Permission


@extend_schema(
    operation_id="products_list",
    summary="List products", tags=["Products"], parameters=[ProductParameters],
    responses=envelope("Product", ProductOut),
)  # fmt: skip
@api_view(["GET"])
def product_list(request: Request) -> Response:
    viewer = demand_anywhere(request, Permission.SEE_PRODUCTS)
    given = parameters(request, ProductParameters)
    stores = store_ids_named(viewer, given["store"])
    wanted = ProductFilter(search=given["search"], status=given["status"])
    found = products_matching(viewer, stores, wanted)
    return page_of(found, PRODUCT_SORTS[given["sort"]], given, ProductOut, {"viewer": viewer})


@extend_schema(
    operation_id="products_one", summary="One product", tags=["Products"], responses=ProductOut
)
@api_view(["GET"])
def product_detail(request: Request, pk: int) -> Response:
    viewer = viewer_behind(request)
    return Response(ProductOut(product_to_see(viewer, pk), context={"viewer": viewer}).data)
