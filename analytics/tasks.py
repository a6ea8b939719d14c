"""Celery's side of the analytics pages."""

from celery import shared_task

from analytics import services
from core.models import Job


@shared_task
def write_rows(job_pk: int) -> None:
    services.write_export(job=Job.objects.get(pk=job_pk))
