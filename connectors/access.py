"""The only way from an id to a source, a run or a parked row."""

from django.http import Http404

from accounts.records import Viewer
from connectors.models import Drift, ParkedRow, Run, Source
from core.models import Job
from stores.access import demand, store_to_change
from stores.models import Permission, Store


def source_to_see(viewer: Viewer, pk: int) -> Source:
    """The source, or 404 when its store is not the viewer's."""
    found = Source.objects.select_related("store", "origin").filter(pk=pk).first()
    if found is None:
        raise Http404
    _see(viewer, found.store_id)
    return found


def source_to_change(viewer: Viewer, pk: int) -> Source:
    """The source, for a viewer who may manage it; 403 for one who may only look."""
    found = source_to_see(viewer, pk)
    demand(viewer, Permission.MANAGE_CONNECTORS, found.store_id)
    return found


def run_to_see(viewer: Viewer, pk: int) -> Run:
    """The run, or 404."""
    found = Run.objects.select_related("source__store", "user").filter(pk=pk).first()
    if found is None:
        raise Http404
    _see(viewer, found.store_id)
    return found


def run_to_change(viewer: Viewer, pk: int) -> Run:
    """The run, for a viewer who may stop it."""
    found = run_to_see(viewer, pk)
    demand(viewer, Permission.MANAGE_CONNECTORS, found.store_id)
    return found


def parked_to_change(viewer: Viewer, pk: int) -> ParkedRow:
    """The parked row, for a viewer who may try it again or drop it."""
    found = ParkedRow.objects.select_related("source__store", "source__origin").filter(pk=pk)
    row = found.first()
    if row is None:
        raise Http404
    _see(viewer, row.store_id)
    demand(viewer, Permission.MANAGE_CONNECTORS, row.store_id)
    return row


def drift_to_change(viewer: Viewer, pk: int) -> Drift:
    """The notice of a changed shape, for a viewer who may acknowledge it."""
    found = Drift.objects.select_related("source").filter(pk=pk).first()
    if found is None:
        raise Http404
    _see(viewer, found.source.store_id)
    demand(viewer, Permission.MANAGE_CONNECTORS, found.source.store_id)
    return found


def demo_to_remove(viewer: Viewer) -> list[Store]:
    """The demo's stores, for a viewer who may change each of them; none where there is no demo."""
    return [store_to_change(viewer, store.pk) for store in Store.objects.filter(is_demo=True)]


def _see(viewer: Viewer, store_id: int) -> None:
    if not viewer.system and store_id not in viewer.store_ids:
        raise Http404
    demand(viewer, Permission.SEE_CONNECTORS, store_id)


def check_to_see(viewer: Viewer, pk: int) -> Job:
    """The trial of an upload, for a viewer who may import into its store; else 404."""
    found = Job.objects.filter(pk=pk, kind="check_upload").first()
    if found is None or found.store_id is None:
        raise Http404
    _see(viewer, found.store_id)
    demand(viewer, Permission.MANAGE_CONNECTORS, found.store_id)
    return found
