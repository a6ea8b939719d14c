"""Work under way in the viewer's stores: pulls, imports, backfills, checks and exports."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from accounts.records import Viewer
from connectors.models import OPEN, Run
from connectors.reconcile import KIND as COMPARISON
from connectors.upkeep import share_done, time_left
from core.models import Job
from stores.guards import ViewerRequest, needs
from stores.models import Permission

LATELY = timedelta(hours=12)
MOST = 12
# Where a job of each kind is looked at; the argument is its own key unless it is about a source.
PAGES = {
    "check_upload": "connectors:upload-check",
    "kpi_rows": "analytics:export-job",
}
TONES = {
    "done": "ok", "partly": "warn", "failed": "bad", "running": "acc", "paused": "warn",
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One piece of work: what it is, how far it is, and where it is looked at."""

    title: str
    state: StrOrPromise
    tone: str
    href: str
    at: datetime
    is_over: bool
    done: int = 0
    total: int | None = None
    share: float = 0
    left: str = ""


def work_of(viewer: Viewer) -> list[Work]:
    """What is under way, then what ended lately, the newest first."""
    found = [*runs_of(viewer), *jobs_of(viewer)]
    return sorted(found, key=lambda work: (work.is_over, -work.at.timestamp()))[:MOST]


def runs_of(viewer: Viewer) -> list[Work]:
    """Runs under way in the viewer's stores, and the viewer's own of the last hours."""
    seen = Run.objects.filter(store_id__in=viewer.stores_with(Permission.SEE_CONNECTORS))
    recent = Q(user_id=viewer.user_id or 0, created_at__gte=Now() - LATELY)
    runs = seen.filter(Q(status__in=OPEN) | recent).exclude(kind=Run.Kind.DRY_RUN)
    return [
        Work(
            title=str(run.params.get("name") or run), state=run.get_status_display(),
            tone=TONES.get(run.status, ""), href=reverse("connectors:run-detail", args=[run.pk]),
            at=run.created_at, is_over=run.is_over, done=run.rows_read, total=total_of(run),
            share=share_done(run), left=time_left(run),
        )
        for run in runs.select_related("source").order_by("-created_at")[:MOST]
    ]  # fmt: skip


def total_of(run: Run) -> int | None:
    """How many rows there will be; nothing once there were more than was thought."""
    return run.rows_total if run.rows_total and run.rows_total >= run.rows_read else None


def jobs_of(viewer: Viewer) -> list[Work]:
    """The viewer's own jobs that are under way or ended in the last hours."""
    over = (Job.Status.DONE, Job.Status.FAILED, Job.Status.STOPPED)
    mine = Job.objects.filter(user_id=viewer.user_id or 0)
    jobs = mine.filter(~Q(status__in=over) | Q(created_at__gte=Now() - LATELY))
    return [
        Work(
            title=job.title, state=job.get_status_display(), tone=TONES.get(job.status, ""),
            href=href_of(job), at=job.created_at, is_over=job.is_over, done=job.rows_done,
            total=job.rows_total, share=share_of(job),
        )
        for job in jobs.order_by("-created_at")[:MOST]
    ]  # fmt: skip


def share_of(job: Job) -> float:
    if job.is_over:
        return 1
    return min(job.rows_done / job.rows_total, 1) if job.rows_total else 0


def href_of(job: Job) -> str:
    """The page of the exact job; the list of work for a kind that has none."""
    if job.kind == COMPARISON:
        page = reverse("connectors:source-detail", args=[job.params["source"]])
        return f"{page}#agreement"
    try:
        return reverse(PAGES[job.kind], args=[job.pk])
    except (KeyError, NoReverseMatch):
        return reverse("connectors:work")


@needs(Permission.SEE_CONNECTORS)
@require_safe
def work(request: ViewerRequest) -> HttpResponse:
    """All work as a page; for the tray its rows, or with `count` how many are under way."""
    found = work_of(request.viewer)
    under_way = sum(not each.is_over for each in found)
    context = {"works": found, "under_way": under_way}
    if not getattr(request, "htmx", False):
        return render(request, "connectors/work.html", context)
    part = "count" if "count" in request.GET else "rows"
    return render(request, f"connectors/work.html#{part}", context)
