"""Celery's side of the sources."""

from pathlib import Path

from celery import shared_task

from connectors import services, sync
from connectors.files import watching
from connectors.files.checking import run_check
from connectors.reconcile import run_comparison
from stores.models import Store


@shared_task
def pull_due() -> None:
    services.pull_due()


@shared_task
def check_upload(job_pk: int) -> None:
    run_check(job_pk)


@shared_task
def pull_source(run_pk: int) -> None:
    sync.perform(run_pk)


@shared_task
def look_into_folders() -> None:
    watching.look_into_folders()


@shared_task
def take_in_watched(store_pk: int, path: str, mapping: str) -> None:
    watching.take_in(Store.objects.get(pk=store_pk), Path(path), mapping)


@shared_task
def compare_source(job_pk: int) -> None:
    run_comparison(job_pk)
