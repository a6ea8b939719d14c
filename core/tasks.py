"""Celery's side of the outbox."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from core import outbox
from core.models import Outbox


@shared_task
def run_outbox(pk: int | None = None) -> None:
    row = outbox.claim(pk)
    if row is not None:
        outbox.run(row)


@shared_task
def sweep_outbox() -> None:
    """Run hints again for every row that is due and not under a lease; forget what is long done."""
    waiting = Outbox.objects.filter(done_at=None, parked=False, due_at__lte=Now())
    for pk in waiting.exclude(leased_until__gte=Now()).values_list("pk", flat=True)[:200]:
        outbox.nudge(pk)
    Outbox.objects.filter(done_at__lt=Now() - timedelta(days=3)).delete()
