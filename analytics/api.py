"""REST: any number of the registry, by any dimension it has."""

import csv
import io
from typing import Any

from django.http import HttpResponse, QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from analytics.serializers import AnswerOut, DefinitionOut, definition, shown_answer
from core.errors import Refused
from core.tabular.error_file import safe_cell
from metrics.answers import ask
from metrics.declare import metrics
from metrics.query import Answer
from stores.api import demand_anywhere
from stores.models import Permission
from stores.page_state.read import parse
from stores.page_state.resolved import ResolvedState, resolve

MOST_GROUPS = 10_000
QUERY_PARAMETERS = [
    OpenApiParameter("metric", str, required=True, description="Metric slugs, with commas."),
    OpenApiParameter("by", str, description="Dimensions and at most one of day, week, month."),
    OpenApiParameter("store", str, description="Store slugs, with commas; all when empty."),
    OpenApiParameter("r", str, description="today, yesterday, last30, month, quarter, year …"),
    OpenApiParameter("from", str, description="First local day, ISO 8601, with `to`."),
    OpenApiParameter("to", str, description="Last local day, included."),
    OpenApiParameter("cmp", str, enum=["prev", "year", "none"], description="Default: none."),
    OpenApiParameter("wd", str, enum=["0", "1"], description="Match weekdays when comparing."),
    OpenApiParameter("country", str, description="Any dimension filters: `country=DE,FR`."),
    OpenApiParameter("top", int, description="Only the n largest groups, by the first metric."),
    OpenApiParameter("format", str, enum=["json", "csv"], description="Default: json."),
]


@extend_schema(
    summary="Ask for figures", tags=["Metrics"], parameters=QUERY_PARAMETERS, responses=AnswerOut
)
@api_view(["GET"])
def metric_query(request: Request) -> HttpResponse:
    viewer = demand_anywhere(request, Permission.SEE_METRICS)
    params = request.query_params.copy()
    shape, top = params.pop("format", ["json"])[-1], whole_number(params.pop("top", [""])[-1])
    slugs = [slug for slug in params.pop("metric", [""])[-1].split(",") if slug]
    if shape not in {"json", "csv"}:
        raise ValidationError({"format": ["Choose json or csv."]})
    asked = strict_state(viewer, params)
    try:
        answer = ask(asked.asks(slugs, asked.state.by, top))
    except Refused as error:
        raise ValidationError({"metric": [str(error)]}) from error
    if shape == "csv":
        return csv_response(answer)
    return Response(shown_answer(answer))


def strict_state(viewer: Any, params: QueryDict) -> ResolvedState:
    """The page state of the address; what pages only remark upon is an error here."""
    params.setdefault("cmp", "none")
    state, notices = parse(params)
    asked = resolve(viewer, state)
    # A filter that is left out would make the answer one to another question.
    left_out = asked.notices if asked.state.filters != state.filters else ()
    if notices or left_out:
        raise ValidationError({"parameters": [*notices, *left_out]})
    return asked


def whole_number(value: str) -> int | None:
    if not value:
        return None
    # Python refuses to read numbers of thousands of digits.
    is_short = value.isdecimal() and len(value) <= len(str(MOST_GROUPS))
    if not is_short or not 0 < int(value) <= MOST_GROUPS:
        raise ValidationError({"top": [f"Give a whole number from 1 to {MOST_GROUPS}."]})
    return int(value)


def csv_response(answer: Answer) -> HttpResponse:
    """One line for each group; amounts with a point, days in ISO 8601."""
    out = io.StringIO()
    writer = csv.writer(out)
    slugs = list(answer.query.metrics)
    compared = answer.compared is not None
    heads = [f"{slug}_before" for slug in slugs] if compared else []
    writer.writerow([*answer.query.by, *slugs, *heads])
    for row in answer.rows or (answer.total,):
        cells = [row.cells[slug] for slug in slugs]
        before = [cell.before for cell in cells] if compared else []
        words = (safe_cell(word) for word in row.words)
        writer.writerow([*words, *(cell.value for cell in cells), *before])
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")


@extend_schema(summary="List metrics", tags=["Metrics"], responses=DefinitionOut(many=True))
@api_view(["GET"])
def metric_definitions(request: Request) -> Response:
    viewer = demand_anywhere(request, Permission.SEE_METRICS)
    seen = [m for m in metrics.values() if not m.permission or viewer.can_anywhere(m.permission)]
    return Response([definition(metric) for metric in seen])
