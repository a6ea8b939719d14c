"""A trial import of an upload, as work of its own: what would land, and what would not."""

import csv
import io
from dataclasses import asdict

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.records import Viewer
from connectors.base import SettingsError
from connectors.files.mapping import Mapping, from_json, to_json
from connectors.files.uploads import Upload, preview, start_import, upload_of
from connectors.models import Run
from core.errors import Refused
from core.models import Job
from core.outbox import enqueue
from core.tabular.error_file import COLUMNS, safe_cell
from core.tabular.model import BadRow
from stores.models import Store

KIND = "check_upload"
SHOWN = 50


@transaction.atomic
def start_check(*, viewer: Viewer, store: Store, upload: Upload, mapping: Mapping) -> Job:
    """Queue the trial of an upload; the job's result holds its counts and first errors."""
    job = Job.objects.create(
        store_id=store.pk,
        user_id=viewer.user_id,
        kind=KIND,
        title=upload.name,
        params={"key": upload.key, "mapping": to_json(mapping)},
    )
    enqueue("connectors.tasks.check_upload", job_pk=job.pk)
    return job


def run_check(job_pk: int) -> None:
    """Do the trial and note what it found; doing it twice does no harm."""
    job = Job.objects.get(pk=job_pk)
    if job.is_over:
        return
    Job.objects.filter(pk=job_pk).update(status=Job.Status.RUNNING, started_at=timezone.now())
    store = store_of(job)
    try:
        upload = upload_of(store, job.params["key"])
        found = preview(store=store, upload=upload, mapping=from_json(job.params["mapping"]))
    except (Refused, SettingsError) as error:
        job.status, job.message = Job.Status.FAILED, str(error)
    else:
        job.status = Job.Status.DONE
        job.result = {
            "counts": found.counts,
            "notes": found.notes,
            "read": found.read,
            "parked": found.parked,
            "errors": [asdict(row) for row in found.errors[:SHOWN]],
        }
        if found.errors:
            job.file.save(f"errors-{job.pk}.csv", errors_as_csv(found.errors), save=False)
    job.finished_at = timezone.now()
    job.save()


def store_of(job: Job) -> Store:
    """The store that the upload is for."""
    if job.store_id is None:
        raise Refused("This check belongs to no store.")
    return Store.objects.get(pk=job.store_id)


def errors_as_csv(errors: list[BadRow]) -> ContentFile:  # type: ignore[type-arg]
    """The rows that would not land: row, column, value, what is wrong, what to do."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in errors:
        cells = [str(row.row or ""), row.column, row.value, row.reason, row.remedy]
        writer.writerow([safe_cell(cell) for cell in cells])
    return ContentFile(out.getvalue().encode("utf-8-sig"))


def import_checked(*, viewer: Viewer, job: Job, again: bool = False) -> Run:
    """Import what was checked, with the same mapping. Raises Refused when the upload is gone.

    A file that has been taken in is only read once more when `again` says so.
    """
    store = store_of(job)
    upload = upload_of(store, job.params["key"])
    mapping = from_json(job.params["mapping"])
    return start_import(viewer=viewer, store=store, upload=upload, mapping=mapping, again=again)
