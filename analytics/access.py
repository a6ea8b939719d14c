"""The only way from an id to an export."""

from django.http import Http404

from accounts.records import Viewer
from core.models import Job
from stores.models import Permission

KIND = "kpi_rows"


def export_to_see(viewer: Viewer, pk: int) -> Job:
    """The viewer's own export, or 404; one with what they may not see any more is gone too."""
    found = Job.objects.filter(pk=pk, kind=KIND, user_id=viewer.user_id or 0).first()
    if found is None or not still_allowed(viewer, found):
        raise Http404
    return found


def still_allowed(viewer: Viewer, job: Job) -> bool:
    """Whether the viewer may still see all that the file holds, in every store it tells of."""
    stores = job.result.get("stores") or [job.store_id]
    rights = [Permission.EXPORT, *job.result.get("rights", ())]
    return all(viewer.can(right, pk) for pk in stores for right in rights)
