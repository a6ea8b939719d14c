"""What every list of the REST API shares: strict parameters, keyset pages, one envelope."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Refused
from core.paging import MAX_SIZE, PAGE_SIZE, keyset_page

Row = TypeVar("Row", bound=Model)


class ListParameters(serializers.Serializer[dict[str, Any]]):
    """What every list takes: a cursor from the answer before, and a page size."""

    cursor = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="From `next` or `previous`."
    )
    size = serializers.IntegerField(
        required=False, default=PAGE_SIZE, min_value=1, max_value=MAX_SIZE, help_text="Rows a page."
    )


def parameters(request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The query string, checked against `shape`; unknown names are an error, never ignored.

    Raises ValidationError naming each bad parameter.
    """
    known = shape().fields
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise serializers.ValidationError({name: ["Unknown parameter."] for name in unknown})
    given = shape(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def page_of(
    found: QuerySet[Row, Row],
    order: Sequence[str],
    given: Mapping[str, Any],
    shape: type[serializers.BaseSerializer[Any]],
    context: dict[str, Any] | None = None,
) -> Response:
    """One page of rows in the envelope: `results`, `next`, `previous`."""
    try:
        page = keyset_page(found, order, given["cursor"], given["size"])
    except Refused as error:
        raise serializers.ValidationError({"cursor": [str(error)]}) from error
    rows = shape(page.rows, many=True, context=context or {}).data
    return Response({"results": rows, "next": page.after, "previous": page.before})


def envelope(name: str, shape: type[serializers.Serializer[Any]]) -> Any:
    """The schema of one page of `shape`."""
    return inline_serializer(
        f"{name}Page",
        {
            "results": shape(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page."),
            "previous": serializers.CharField(allow_null=True),
        },
    )
