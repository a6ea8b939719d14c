"""The only way from an id to an export."""

from django.http import Http404

from accounts.records import Viewer
from core.models import Job

KIND = "kpi_rows"


def export_to_see(viewer: Viewer, pk: int) -> Job:
    """The viewer's own export, or 404."""
    found = Job.objects.filter(pk=pk, kind=KIND, user_id=viewer.user_id or 0).first()
    if found is None:
        raise Http404
    return found
