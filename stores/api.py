"""REST: the stores that the caller may see."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.records import Viewer
from core.rest import ListParameters, envelope, page_of, parameters
from stores.access import store_by_slug
from stores.models import Permission
from stores.queries import stores_for
from stores.serializers import StoreOut


def viewer_behind(request: Request) -> Viewer:
    """Who calls: the token's viewer, or the signed-in person's."""
    viewer: Viewer = request._request.viewer  # type: ignore[attr-defined]
    return viewer


def demand_anywhere(request: Request, permission: Permission) -> Viewer:
    """Who calls; 403 unless they hold the permission in at least one store."""
    viewer = viewer_behind(request)
    if not viewer.can_anywhere(permission):
        raise PermissionDenied(f"Your role or token does not include “{permission.label}”.")
    return viewer


def roles_of(viewer: Viewer) -> dict[str, Any]:
    return {"roles": {grant.store_id: grant.role for grant in viewer.grants}}


@extend_schema(
    operation_id="stores_list",
    summary="List stores", tags=["Stores"], parameters=[ListParameters],
    responses=envelope("Store", StoreOut),
)  # fmt: skip
@api_view(["GET"])
def store_list(request: Request) -> Response:
    given = parameters(request, ListParameters)
    viewer = viewer_behind(request)
    found = stores_for(viewer).prefetch_related("channels")
    return page_of(found, ("name", "id"), given, StoreOut, roles_of(viewer))


@extend_schema(
    operation_id="stores_one",
    summary="One store", tags=["Stores"], responses=StoreOut,
    parameters=[OpenApiParameter("slug", str, OpenApiParameter.PATH)],
)  # fmt: skip
@api_view(["GET"])
def store_detail(request: Request, slug: str) -> Response:
    viewer = viewer_behind(request)
    store = store_by_slug(viewer, slug)
    return Response(StoreOut(store, context=roles_of(viewer)).data)
