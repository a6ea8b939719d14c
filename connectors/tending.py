"""Views that look after one source: reading days again, comparing, and mapping its fields."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors import services
from connectors.access import source_to_change, source_to_see
from connectors.fields import change_fields, file_fields, pulled_fields
from connectors.files.imports import Told, start_import
from connectors.forms import ColumnsForm, DaysForm, can_map_columns
from connectors.reconcile import default_window, start_comparison
from connectors.source_page import agreement_of
from connectors.upkeep import can_backfill, estimate
from core.errors import Refused
from core.web import render_part
from stores.guards import ViewerRequest, needs
from stores.models import Permission


@needs(Permission.MANAGE_CONNECTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def backfill(request: ViewerRequest, pk: int) -> HttpResponse:
    """How long reading some days again would take; a POST begins."""
    source = source_to_change(request.viewer, pk)
    if not can_backfill(source):
        raise Http404
    form = DaysForm(request.POST if request.method == "POST" else request.GET or None)
    valid = form.is_valid()
    planned = estimate(source, *(form.days if valid else default_window(source)))
    if request.method == "POST" and valid:
        run = services.backfill(
            viewer=request.viewer, source=source, start=planned.start, end=planned.end,
            expected=planned.rows,
        )  # fmt: skip
        return redirect("connectors:run-detail", run.pk)
    context = {"source": source, "planned": planned, "form": form, "may_manage": True}
    status = 422 if form.is_bound and not valid else 200
    return render_part(request, "connectors/backfill.html", "estimate", context, status)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def compare(request: ViewerRequest, pk: int) -> HttpResponse:
    source = source_to_change(request.viewer, pk)
    form = DaysForm(request.POST)
    start, end = form.days if form.is_valid() else default_window(source)
    start_comparison(viewer=request.viewer, source=source, start=start, end=end)
    return redirect(f"{source_path(pk)}#agreement")


@needs(Permission.SEE_CONNECTORS)
@require_safe
def agreement(request: ViewerRequest, pk: int) -> HttpResponse:
    """The comparison with the source while it is made."""
    source = source_to_see(request.viewer, pk)
    context = agreement_of(source)
    context["may_manage"] = request.viewer.can(Permission.MANAGE_CONNECTORS, source.store_id)
    return render(request, "connectors/agreement.html", context)


@needs(Permission.SEE_CONNECTORS)
@require_safe
def fields(request: ViewerRequest, pk: int) -> HttpResponse:
    """Which column becomes which of our fields, with values as they came."""
    source = source_to_see(request.viewer, pk)
    found = file_fields(source)
    context = {
        "source": source,
        "found": found,
        "sees_people": request.viewer.can(Permission.SEE_PERSONAL_DATA, source.store_id),
        "streams": found.shown() if found else pulled_fields(source),
        "may_change": found is not None
        and found.look is not None
        and can_map_columns(found.mapping)
        and request.viewer.can(Permission.MANAGE_CONNECTORS, source.store_id),
    }
    return render_part(request, "connectors/fields.html", "fields", context)


@needs(Permission.MANAGE_CONNECTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def fields_change(request: ViewerRequest, pk: int) -> HttpResponse:
    """Choose the columns again: for the next files, or at once for the last one too."""
    source = source_to_change(request.viewer, pk)
    found = file_fields(source)
    if found is None or found.look is None or not can_map_columns(found.mapping):
        raise Refused(_("The columns of this source cannot be chosen."))
    form = ColumnsForm(request.POST or None, mapping=found.mapping, look=found.look)
    if not (request.method == "POST" and form.is_valid()):
        context = {"source": source, "form": form, "found": found}
        status = 422 if form.is_bound else 200
        return render(request, "connectors/fields_change.html", context, status=status)
    mapping = form.filled()
    change_fields(viewer=request.viewer, source=source, mapping=mapping, headers=found.look.headers)
    if "again" in request.POST:
        run = start_import(
            viewer=request.viewer, store=source.store, path=found.path, mapping=mapping,
            told=Told(name=found.run.params.get("name", ""), again=True),
        )  # fmt: skip
        return redirect("connectors:run-detail", run.pk)
    messages.success(request, _("The next files with these columns are read so."))
    return redirect(f"{source_path(pk)}#fields")


def source_path(pk: int) -> str:
    return reverse("connectors:source-detail", args=[pk])
