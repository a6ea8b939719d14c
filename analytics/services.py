"""Large exports: every bucket of every word of one dimension, written by a worker."""

import csv
import io

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.records import Viewer
from accounts.services import notify, record
from analytics.access import KIND
from analytics.queries.kpis import buckets, chosen_cards, has_dimension, lack_of, visible_metrics
from core.models import Job
from core.outbox import enqueue
from core.sheets import plain, safe
from metrics.answers import ask
from metrics.declare import Metric, dimensions
from stores.models import Permission
from stores.page_state.read import parse
from stores.page_state.resolved import ResolvedState, resolve
from stores.queries import viewer_of

MOST_AT_ONCE = 50_000


def detail_metrics(resolved: ResolvedState, by: str) -> list[Metric]:
    """The page's cards that are measured by the dimension under the page's filters."""
    cards, _notices = chosen_cards(resolved.state, visible_metrics(resolved.scope.rights))
    return [m for m in cards if has_dimension(m, by) and not lack_of(m, resolved.state)]


def row_estimate(resolved: ResolvedState, by: str) -> int:
    """How many rows the export will have at most: buckets times words with figures."""
    found = ask(resolved.asks([m.slug for m in detail_metrics(resolved, by)][:1], by=[by]))
    days = buckets(resolved.period, resolved.grain, resolved.scope.week_start)
    return len(days) * len(found.rows)


def rows_csv(resolved: ResolvedState, by: str) -> tuple[bytes, int]:
    """The cards by bucket and by one dimension as CSV, and how many rows that is."""
    shown = detail_metrics(resolved, by)
    answer = ask(resolved.asks([m.slug for m in shown], by=[resolved.grain, by]))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_("From"), _(dimensions[by].label), *(safe(_(m.label)) for m in shown)])
    writer.writerows(
        [row.words[0], safe(row.labels[1]), *(plain(row.cells[m.slug].value) for m in shown)]
        for row in answer.rows
    )
    return out.getvalue().encode("utf-8-sig"), len(answer.rows)


@transaction.atomic
def start_export(*, viewer: Viewer, resolved: ResolvedState, by: str, rows: int) -> Job:
    """Have a worker write the rows; its owner is told when the file is there."""
    job = Job.objects.create(
        store_id=resolved.scope.store_ids[0],
        user_id=viewer.user_id,
        kind=KIND,
        title=_("KPIs by %(dimension)s") % {"dimension": _(dimensions[by].label).lower()},
        params={"query": resolved.state.frozen(resolved.period).query, "by": by},
        rows_total=rows,
    )
    record(viewer, "started export", job, changes={"query": [None, job.params["query"]]})
    enqueue("analytics.tasks.write_rows", unique_key=f"export:{job.pk}", job_pk=job.pk)
    return job


def write_export(*, job: Job) -> Job:
    """Write the job's file with the rights that its owner has now; a written one stays."""
    if job.is_over:
        return job
    Job.objects.filter(pk=job.pk).update(status=Job.Status.RUNNING, started_at=Now())
    viewer = viewer_of(User.objects.get(pk=job.user_id or 0))
    resolved = resolve(viewer, parse(job.params["query"])[0], Permission.EXPORT)
    content, rows = rows_csv(resolved, job.params["by"])
    job.file.save(f"kpis-{job.pk}.csv", ContentFile(content), save=False)
    job.status, job.rows_done, job.rows_total = Job.Status.DONE, rows, rows
    rights = {m.permission for m in detail_metrics(resolved, job.params["by"]) if m.permission}
    job.result = {"stores": list(resolved.scope.store_ids), "rights": sorted(rights)}
    with transaction.atomic():
        job.save(update_fields=["file", "status", "rows_done", "rows_total", "result"])
        Job.objects.filter(pk=job.pk).update(finished_at=Now())
        notify(
            [viewer.user_id] if viewer.user_id else [],
            title=_("Your export is ready"),
            body=job.title,
            url=reverse("analytics:export-job", args=[job.pk]),
            group=Notification.Group.DONE,
        )
    return job
