"""What a transaction promises is nudged on commit: the very row, whoever made it."""

import pytest
from django.db import transaction

from core import outbox
from core.models import Outbox

pytestmark = pytest.mark.django_db(transaction=True)
TASK = "metrics.tasks.refresh_store"


@pytest.fixture
def nudged(monkeypatch) -> list[int | None]:
    found: list[int | None] = []
    monkeypatch.setattr(outbox, "nudge", found.append)
    return found


def test_a_task_asked_for_once_is_nudged_by_its_own_row(nudged):
    older = Outbox.objects.create(task=TASK, due_at="2020-01-01T00:00Z")

    with transaction.atomic():
        outbox.enqueue(TASK, unique_key="refresh 1", store_id=1)
        assert nudged == []

    row = Outbox.objects.exclude(pk=older.pk).get()
    assert (nudged, row.kwargs) == ([row.pk], {"store_id": 1})


def test_asked_twice_the_row_that_waits_already_is_nudged(nudged):
    outbox.enqueue(TASK, unique_key="refresh 1", store_id=1)
    waiting = Outbox.objects.get()
    Outbox.objects.create(task=TASK, due_at="2020-01-01T00:00Z")

    outbox.enqueue(TASK, unique_key="refresh 1", store_id=1)

    assert nudged == [waiting.pk, waiting.pk]
    assert Outbox.objects.count() == 2


def test_a_task_that_is_due_later_is_not_nudged(nudged):
    outbox.enqueue(TASK, unique_key="refresh 1", delay_s=60, store_id=1)

    assert nudged == []
