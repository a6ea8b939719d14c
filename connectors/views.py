"""Pages of the sources: cards, runs, parked rows, and what a manager does with them."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors import services
from connectors.access import (
    demo_to_remove,
    drift_to_change,
    run_to_change,
    run_to_see,
    source_to_change,
    source_to_see,
)
from connectors.cards import RUN_TONES, cards_of, freshness_of, sources_seen
from connectors.demo.removal import remove_demo
from connectors.models import Source
from connectors.parked import drop_all, error_file, retry_all
from connectors.source_page import detail_of
from connectors.upkeep import share_done, time_left
from core.web import render_part
from stores.access import store_ids_named
from stores.guards import ViewerRequest, needs
from stores.models import Permission, Store
from stores.page_state.lists import read_list


def may_manage(request: ViewerRequest, store_id: int | None = None) -> bool:
    """Whether the viewer may connect and import, in the store or in any."""
    if store_id is None:
        return request.viewer.can_anywhere(Permission.MANAGE_CONNECTORS)
    return request.viewer.can(Permission.MANAGE_CONNECTORS, store_id)


def sees_values(request: ViewerRequest, source: Source) -> bool:
    """Whether the viewer may see what parked rows hold: it can be anybody's e-mail or any cost."""
    held = (Permission.SEE_PERSONAL_DATA, Permission.SEE_COSTS)
    return all(request.viewer.can(permission, source.store_id) for permission in held)


@needs(Permission.SEE_CONNECTORS)
@require_safe
def source_list(request: ViewerRequest) -> HttpResponse:
    wanted = read_list(request.GET)
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    demo = Store.objects.filter(is_demo=True)
    may_remove = {*request.viewer.stores_with(Permission.MANAGE_STORE)}
    context = {
        "cards": cards_of(sources_seen(request.viewer, stores)),
        "may_manage": may_manage(request),
        "demo_stores": demo if may_remove.issuperset(store.pk for store in demo) else (),
    }
    return render(request, "connectors/source_list.html", context)


@needs(Permission.SEE_CONNECTORS)
@require_safe
def freshness(request: ViewerRequest) -> HttpResponse:
    """The words of the top bar: how fresh the data is, worst source first."""
    wanted = read_list(request.GET)
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    found = freshness_of(sources_seen(request.viewer, stores))
    store = Store.objects.filter(pk__in=stores).order_by("name").first()
    context = {
        "freshness": found,
        "zone": store.zone if store else "UTC",
        "may_connect": may_manage(request),
    }
    return render(request, "connectors/freshness.html", context)


@needs(Permission.SEE_CONNECTORS)
@require_safe
def source_detail(request: ViewerRequest, pk: int) -> HttpResponse:
    source = source_to_see(request.viewer, pk)
    context = detail_of(source, with_values=sees_values(request, source)) | {
        "may_manage": may_manage(request, source.store_id)
    }
    return render(request, "connectors/source_detail.html", context)


@needs(Permission.SEE_CONNECTORS)
@require_safe
def run_detail(request: ViewerRequest, pk: int) -> HttpResponse:
    run = run_to_see(request.viewer, pk)
    context = {
        "run": run,
        "run_tones": RUN_TONES,
        "share": share_done(run),
        "left": time_left(run),
        "may_manage": may_manage(request, run.store_id),
    }
    response = render_part(request, "connectors/run_detail.html", "progress", context)
    if run.is_over and getattr(request, "htmx", False):
        # The whole page shows more when the run is over than its progress did.
        response["HX-Refresh"] = "true"
    return response


def back_to_source(request: HttpRequest, source: Source, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("connectors:source-detail", source.pk)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def source_pull(request: ViewerRequest, pk: int) -> HttpResponse:
    source = source_to_change(request.viewer, pk)
    run = services.start_run(viewer=request.viewer, source=source)
    return redirect("connectors:run-detail", run.pk)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def source_pause(request: ViewerRequest, pk: int) -> HttpResponse:
    source = services.pause(viewer=request.viewer, source=source_to_change(request.viewer, pk))
    return back_to_source(request, source, _("Paused. Nothing is pulled until you resume."))


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def source_resume(request: ViewerRequest, pk: int) -> HttpResponse:
    source = services.resume(viewer=request.viewer, source=source_to_change(request.viewer, pk))
    return back_to_source(request, source, _("Resumed. The next pull starts within a minute."))


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def run_stop(request: ViewerRequest, pk: int) -> HttpResponse:
    run = services.stop_run(viewer=request.viewer, run=run_to_change(request.viewer, pk))
    messages.success(request, _("Stopping. What has landed stays."))
    return redirect("connectors:run-detail", run.pk)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def run_pause(request: ViewerRequest, pk: int) -> HttpResponse:
    run = services.pause_run(viewer=request.viewer, run=run_to_change(request.viewer, pk))
    return back_to_source(request, run.source, _("Paused. What has landed stays."))


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def run_resume(request: ViewerRequest, pk: int) -> HttpResponse:
    run = services.resume_run(viewer=request.viewer, run=run_to_change(request.viewer, pk))
    return back_to_source(request, run.source, _("It goes on where it stopped."))


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def parked_retry(request: ViewerRequest, pk: int) -> HttpResponse:
    source = source_to_change(request.viewer, pk)
    count = retry_all(viewer=request.viewer, source=source)
    text = ngettext("%(n)s row was taken.", "%(n)s rows were taken.", count) % {"n": count}
    return back_to_source(request, source, text)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def parked_drop(request: ViewerRequest, pk: int) -> HttpResponse:
    source = source_to_change(request.viewer, pk)
    count = drop_all(viewer=request.viewer, source=source)
    text = ngettext("%(n)s row was dropped.", "%(n)s rows were dropped.", count) % {"n": count}
    return back_to_source(request, source, text)


@needs(Permission.SEE_CONNECTORS)
@require_safe
def parked_file(request: ViewerRequest, pk: int) -> StreamingHttpResponse:
    """The parked rows as CSV: row, column, value, reason and remedy, then the row as it came."""
    source = source_to_see(request.viewer, pk)
    rows = error_file(source, with_values=sees_values(request, source))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="parked-rows-{source.pk}.csv"'
    return response


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def drift_seen(request: ViewerRequest, pk: int) -> HttpResponse:
    drift = drift_to_change(request.viewer, pk)
    services.acknowledge_drift(viewer=request.viewer, drift=drift)
    return redirect("connectors:source-detail", drift.source_id)


@needs(Permission.MANAGE_CONNECTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def demo_remove(request: ViewerRequest) -> HttpResponse:
    """Asks first; a POST deletes the demo's stores, people and rows."""
    stores = demo_to_remove(request.viewer)
    goes_too = getattr(request.user, "is_demo", False)
    if request.method != "POST":
        context = {"demo_stores": stores, "goes_too": goes_too}
        return render(request, "connectors/demo_remove.html", context)
    remove_demo(viewer=request.viewer)
    if goes_too:
        logout(request)
    messages.success(request, _("The demo data is gone."))
    return redirect(reverse("connectors:source-list"))
