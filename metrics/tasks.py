"""Celery's side of the engine: refreshes, builds and the nightly audit."""

import logging

from celery import shared_task

from core.outbox import enqueue
from metrics import audit, rebuild, refresh

log = logging.getLogger(__name__)
BEAT_SECONDS = 8
TASK_SECONDS = 600
NIGHTLY_DAYS = 5


@shared_task
def refresh_marked() -> None:
    """Beat's turn: the newest marked days of all stores; what is left goes on in the next one."""
    refresh.drain(wait=False, seconds=BEAT_SECONDS)


@shared_task
def refresh_store(store_id: int) -> None:
    """What a landing asks for after its commit: all marked days of the store."""
    refresh.drain(store_id=store_id, wait=False, seconds=TASK_SECONDS)


@shared_task
def build_fact(fact: str) -> None:
    rebuild.build_fact(fact)


@shared_task
def rebuild_fact(fact: str, store_id: int) -> None:
    rebuild.rebuild_all(name=fact, store_id=store_id)


@shared_task
def audit_sample() -> None:
    """Compare some random days of everything; what differs is told, logged and rebuilt."""
    found = [each for each in audit.audit(sample=NIGHTLY_DAYS) if each.differing]
    for each in found:
        log.error("%s of store %s differs in %s rows.", each.table, each.store_id, each.differing)
    for name, store_id in audit.repair(found):
        enqueue("stores.tasks.tell_of_wrong_figures", store_id=store_id, fact=name)
