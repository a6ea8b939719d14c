"""Home and the KPI page with all that opens from it."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from analytics import exports
from analytics.access import export_to_see
from analytics.board import board_page, table_page
from analytics.editors import MAX_OPTIONS, card_editor, filter_editor
from analytics.explain import explanation_of
from analytics.home import home_page
from analytics.pages import kpi_page
from analytics.queries.kpis import visible_metrics
from analytics.services import (
    MOST_AT_ONCE,
    detail_metrics,
    row_estimate,
    rows_csv,
    start_export,
)
from analytics.toolbar import BOARD, page_named
from core.sheets import attached
from core.web import render_part
from metrics.declare import dimensions
from stores.access import view_to_open
from stores.guards import ViewerRequest, needs
from stores.models import Permission
from stores.page_state.read import parse
from stores.page_state.resolved import ResolvedState, resolve
from stores.page_state.state import PageState


@require_safe
@needs(None)
def home(request: ViewerRequest) -> HttpResponse:
    """How today goes: six figures so far, the pace of the day, and what to do next."""
    name = request.user.name if isinstance(request.user, User) else ""
    context = home_page(request.viewer, request.GET, name.split(" ")[0])
    return render_part(request, "analytics/home.html", "results", context)


@require_safe
@needs(Permission.SEE_METRICS)
def kpis(request: ViewerRequest) -> HttpResponse:
    """All figures of the chosen stores, days and filters."""
    state, notices = parse(request.GET)
    if state.view and state == PageState(view=state.view):
        view = view_to_open(request.viewer, state.view)
        if view.query:
            return redirect(f"{request.path}?{view.query}&view={view.pk}")
    resolved = resolve(request.viewer, state)
    context = kpi_page(request.viewer, resolved, notices)
    response = render_part(request, "analytics/kpis.html", "results", with_origin(request, context))
    if request.htmx:
        response["HX-Push-Url"] = context["canonical"]
    return response


@require_safe
@needs(Permission.SEE_METRICS)
def board(request: ViewerRequest) -> HttpResponse:
    """Eight charts of the chosen stores, days and filters on one page."""
    state, notices = parse(request.GET)
    page = board_page(request.viewer, resolve(request.viewer, state), notices)
    response = render_part(request, "analytics/board.html", "results", with_origin(request, page))
    if request.htmx:
        response["HX-Push-Url"] = page["canonical"]
    return response


@require_safe
@needs(Permission.SEE_METRICS)
def table(request: ViewerRequest, slug: str) -> HttpResponse:
    """One figure bucket by bucket, as the data table behind its chart."""
    resolved = state_of(request)
    metric = visible_metrics(resolved.scope.rights).get(slug)
    if metric is None:
        raise Http404
    return render_part(request, "analytics/table.html", "twin", table_page(resolved, metric))


@require_safe
@needs(Permission.SEE_METRICS)
def explain(request: ViewerRequest, slug: str) -> HttpResponse:
    """How one figure came about: its formula with values, sources and freshness."""
    resolved = state_of(request)
    metric = visible_metrics(resolved.scope.rights).get(slug)
    if metric is None:
        raise Http404
    context = {"told": explanation_of(request.viewer, resolved, metric)}
    return render_part(request, "analytics/explain.html", "explanation", context)


@require_safe
@needs(Permission.SEE_METRICS)
def filter_values(request: ViewerRequest, slug: str) -> HttpResponse:
    """Choose the words of one filter from a list with a search; sent, it filters the page."""
    if slug not in dimensions:
        raise Http404
    state, _notices = parse(request.GET, also=("find", "pick", "op", "page"))
    page = BOARD if request.GET.get("page") == BOARD else ""
    if "op" in request.GET:
        return redirect(picked(state, slug, request).at(page_named(page)))
    resolved = resolve(request.viewer, state)
    context = filter_editor(resolved, slug, request.GET.get("find", "")[:80], page)
    return render_part(request, "analytics/filter.html", part_of(request, "options"), context)


def picked(state: PageState, slug: str, request: ViewerRequest) -> PageState:
    """The state narrowed to what was ticked, or with `op=not` to all else."""
    words, is_not = request.GET.getlist("pick")[:MAX_OPTIONS], request.GET["op"] == "not"
    cleared = state.with_filter(slug, ()).with_filter(slug, (), excluded=True).with_(view=None)
    return cleared.with_filter(slug, words, excluded=is_not)


@require_safe
@needs(Permission.SEE_METRICS)
def choose(request: ViewerRequest) -> HttpResponse:
    """Choose which figures the page shows, and their order."""
    context = card_editor(state_of(request))
    return render_part(request, "analytics/choose.html", "filter-editor", context)


@require_safe
@needs(Permission.EXPORT)
def export(request: ViewerRequest, kind: str) -> HttpResponse:
    """The figures of the page as a file."""
    resolved = state_of(request, Permission.EXPORT)
    return exports.answer(resolved, kind)


@require_safe
@needs(Permission.EXPORT)
def export_rows(request: ViewerRequest, slug: str) -> HttpResponse:
    """The figures by bucket and dimension; many rows are offered as a job."""
    resolved = state_of(request, Permission.EXPORT)
    if slug not in dimensions or not detail_metrics(resolved, slug):
        raise Http404
    rows = row_estimate(resolved, slug)
    if rows > MOST_AT_ONCE:
        return render(request, "analytics/export_large.html", {"rows": rows, "slug": slug})
    return attached(rows_csv(resolved, slug)[0], exports.file_name(resolved, "csv"))


@require_POST
@needs(Permission.EXPORT)
def export_start(request: ViewerRequest, slug: str) -> HttpResponse:
    """Have a worker write a large export."""
    resolved = state_of(request, Permission.EXPORT)
    if slug not in dimensions or not detail_metrics(resolved, slug):
        raise Http404
    rows = row_estimate(resolved, slug)
    job = start_export(viewer=request.viewer, resolved=resolved, by=slug, rows=rows)
    return redirect("analytics:export-job", pk=job.pk)


@require_safe
@needs(Permission.EXPORT)
def export_job(request: ViewerRequest, pk: int) -> HttpResponseBase:
    """A large export on its way, and its file when it is there."""
    job = export_to_see(request.viewer, pk)
    if request.GET.get("file") and job.file:
        return FileResponse(job.file.open("rb"), as_attachment=True, filename="kpis.csv")
    return render_part(
        request, "analytics/export_job.html", "job", {"job": job, "share": int(job.is_over)}
    )


@require_safe
@needs(Permission.EXPORT)
def print_page(request: ViewerRequest) -> HttpResponse:
    """The KPI page on paper: light, without controls, with what it shows written on top."""
    resolved = state_of(request, Permission.EXPORT)
    context = kpi_page(request.viewer, resolved, []) | {"is_paper": True}
    return render(request, "analytics/print.html", context)


def state_of(
    request: ViewerRequest, permission: Permission = Permission.SEE_METRICS
) -> ResolvedState:  # fmt: skip
    """The page state in the address, as the viewer reads it."""
    return resolve(request.viewer, parse(request.GET)[0], permission)


def part_of(request: ViewerRequest, part: str) -> str:
    """The editor as a whole in a dialog, or only the part that was asked for."""
    return part if (request.htmx.target or "").endswith(f"#{part}") else "filter-editor"


def with_origin(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Absolute addresses for links that are sent to others."""
    return context | {"origin": settings.BASE_URL.rstrip("/")}
