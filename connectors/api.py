"""REST: sources and runs."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.access import run_to_see
from connectors.models import Run, Source
from connectors.serializers import RunOut, RunParameters, SourceOut
from core.rest import ListParameters, envelope, page_of, parameters
from stores.access import store_ids_named
from stores.api import demand_anywhere, viewer_behind
from stores.models import Permission


@extend_schema(
    operation_id="sources_list",
    summary="List sources", tags=["Connectors"], parameters=[ListParameters],
    responses=envelope("Source", SourceOut),
)  # fmt: skip
@api_view(["GET"])
def source_list(request: Request) -> Response:
    viewer = demand_anywhere(request, Permission.SEE_CONNECTORS)
    given = parameters(request, ListParameters)
    seen = viewer.stores_with(Permission.SEE_CONNECTORS)
    found = Source.objects.filter(store_id__in=seen).select_related("store")
    return page_of(found, ("label", "id"), given, SourceOut)


@extend_schema(
    operation_id="runs_list",
    summary="List runs", tags=["Connectors"], parameters=[RunParameters],
    responses=envelope("Run", RunOut),
)  # fmt: skip
@api_view(["GET"])
def run_list(request: Request) -> Response:
    viewer = demand_anywhere(request, Permission.SEE_CONNECTORS)
    given = parameters(request, RunParameters)
    stores = set(store_ids_named(viewer, given["store"]))
    seen = stores & set(viewer.stores_with(Permission.SEE_CONNECTORS))
    found: QuerySet[Run] = Run.objects.filter(store_id__in=seen).select_related("source", "store")
    if given["source"]:
        found = found.filter(source=given["source"])
    if given["status"]:
        found = found.filter(status=given["status"])
    return page_of(found, ("-created_at", "-id"), given, RunOut)


@extend_schema(operation_id="runs_one", summary="One run", tags=["Connectors"], responses=RunOut)
@api_view(["GET"])
def run_detail(request: Request, pk: int) -> Response:
    return Response(RunOut(run_to_see(viewer_behind(request), pk)).data)
