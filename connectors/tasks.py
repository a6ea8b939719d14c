"""Celery's side of the sources."""

from celery import shared_task

from connectors import services, sync


@shared_task
def pull_due() -> None:
    services.pull_due()


@shared_task
def pull_source(run_pk: int) -> None:
    sync.perform(run_pk)
