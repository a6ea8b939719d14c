"""How a run fares: stopped, paused, out of quota, refused, tried again, taken over."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from accounts.models import Notification
from accounts.records import SYSTEM
from connectors import sync
from connectors.base import QuotaError, Rejected, SettingsError, TemporaryError
from connectors.landing import Place, Stopped, land_page
from connectors.models import Cursor, ParkedRow, Run, Source
from connectors.registry import CONNECTORS
from connectors.services import (
    SourceSettings,
    backfill,
    connect_source,
    drop_parked,
    pause,
    pull_due,
    resume,
    retry_parked,
    start_run,
    stop_run,
)
from core.errors import Refused
from core.models import Outbox
from sales.models import Order, OrderLine, RefundLine
from tests.connectors.sources.memory import Memory, records

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(store, monkeypatch) -> Source:
    monkeypatch.setitem(CONNECTORS, "memory", Memory)
    monkeypatch.setattr(Memory, "held", records())
    monkeypatch.setattr(Memory, "streams", ("orders",))
    return connect_source(
        viewer=SYSTEM, store=store, settings=SourceSettings("memory", "Shop", every_s=60)
    )


def failing_with(monkeypatch, error, *, after=1) -> None:
    plain = Memory.pull

    def pull(self, stream, cursor, window) -> Iterator:
        for number, page in enumerate(plain(self, stream, cursor, window)):
            if number == after:
                raise error
            yield page

    monkeypatch.setattr(Memory, "pull", pull)


def first_turn(source) -> Run:
    run = start_run(viewer=SYSTEM, source=source)
    sync.perform(run.pk)
    run.refresh_from_db()
    return run


def test_a_good_pull_says_what_it_did(source):
    run = first_turn(source)

    source.refresh_from_db()
    assert (run.status, run.rows_read, run.rows_landed, run.rows_total) == ("partly", 12, 11, 12)
    assert run.counts == {"orders": {"read": 12, "landed": 11, "unchanged": 0, "parked": 1}}
    assert (source.state, source.last_good_at is not None) == ("connected", True)
    assert ParkedRow.objects.get().waits_for == "rate:USD"
    assert first_turn(source).status == Run.Status.UNCHANGED


def test_a_page_that_waited_in_a_ring_lands_the_next_time(source, monkeypatch):
    land, asked = sync.land_page, []

    def land_after_deadlock(**page):
        asked.append(page["page"])
        if len(asked) == 1:
            raise OperationalError from DeadlockDetected()
        return land(**page)

    monkeypatch.setattr(sync, "land_page", land_after_deadlock)
    run = first_turn(source)

    assert run.status == Run.Status.PARTLY
    assert asked[0] is asked[1]


def test_what_fails_for_now_is_tried_again_from_the_last_page(source, monkeypatch):
    failing_with(monkeypatch, TemporaryError("The source hung up."))

    run = first_turn(source)

    assert (run.status, run.error, run.params["tries"]) == ("waiting", "The source hung up.", 1)
    assert Cursor.objects.get().position == {"after": 9}
    assert Order.objects.count() == 8
    assert Outbox.objects.filter(kwargs={"run_pk": run.pk}).count() == 2


def test_after_six_tries_the_run_has_failed_and_people_are_told_once(source, alice, monkeypatch):
    failing_with(monkeypatch, TemporaryError("The source hung up."), after=0)
    for _ in range(2):
        run = start_run(viewer=SYSTEM, source=source)
        for _ in range(sync.MAX_TRIES):
            sync.perform(run.pk)
        run.refresh_from_db()
        assert run.status == Run.Status.FAILED

    source.refresh_from_db()
    assert (source.state, source.state_reason) == ("failing", "The source hung up.")
    assert source.next_pull_at is not None
    assert Notification.objects.filter(user=alice).count() == 1


def test_wrong_settings_stop_the_source_until_a_person_acts(source, monkeypatch):
    failing_with(monkeypatch, SettingsError("Sign in again.", sign_in=True), after=0)

    run = first_turn(source)

    source.refresh_from_db()
    assert (run.status, source.state, source.next_pull_at) == ("failed", "sign_in", None)


def test_out_of_quota_waits_and_is_no_failure(source, monkeypatch):
    until = timezone.now() + timedelta(hours=1)
    failing_with(monkeypatch, QuotaError(until))

    run = first_turn(source)

    source.refresh_from_db()
    assert (run.status, source.state, source.paused_until) == ("waiting", "connected", until)
    assert Outbox.objects.filter(due_at__gt=until - timedelta(minutes=1)).count() == 1


def test_a_stopped_run_takes_no_further_page(source, monkeypatch):
    run = start_run(viewer=SYSTEM, source=source)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.RUNNING)
    stop_run(viewer=SYSTEM, run=run)

    page = next(Memory({}, None).pull("orders", None, None))
    with pytest.raises(Stopped):
        land_page(source=source, run=run, page=page, place=Place("orders"))

    sync.perform(run.pk)
    assert (Order.objects.count(), Cursor.objects.count()) == (0, 0)
    with pytest.raises(Refused, match="over"):
        stop_run(viewer=SYSTEM, run=run)


def test_a_paused_source_is_left_alone_until_resumed(source):
    pause(viewer=SYSTEM, source=source)
    assert pull_due() == 0
    with pytest.raises(Refused, match="paused"):
        start_run(viewer=SYSTEM, source=source)

    resume(viewer=SYSTEM, source=source)

    assert Run.objects.get().status == Run.Status.WAITING


def test_a_due_source_is_queued_once(source):
    assert (pull_due(), pull_due()) == (1, 0)
    assert Run.objects.count() == 1


def test_a_run_whose_promise_was_lost_is_queued_again(source):
    start_run(viewer=SYSTEM, source=source)
    Outbox.objects.all().delete()

    pull_due()

    assert Outbox.objects.filter(task=sync.TASK).count() >= 1


def test_rows_and_cursor_come_together_or_not_at_all(source, monkeypatch):
    run = start_run(viewer=SYSTEM, source=source)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.RUNNING)
    page = next(Memory({}, None).pull("orders", None, None))

    with pytest.raises(RuntimeError), transaction.atomic():
        land_page(source=source, run=run, page=page, place=Place("orders"))
        assert (Order.objects.count(), Cursor.objects.count()) == (8, 1)
        raise RuntimeError

    assert (Order.objects.count(), Cursor.objects.count(), ParkedRow.objects.count()) == (0, 0, 0)


def test_what_waits_is_taken_in_when_it_can_be(source, monkeypatch):
    monkeypatch.setattr(Memory, "streams", ("refunds", "lines", "orders"))
    first_turn(source)
    assert RefundLine.objects.count() == 2
    assert OrderLine.objects.filter(order__external_id="o4").count() == 0

    monkeypatch.setattr(Memory, "streams", ("rates",))
    first_turn(source)

    assert RefundLine.objects.count() == 3
    assert OrderLine.objects.filter(order__external_id="o4").count() == 2
    assert set(ParkedRow.objects.values_list("status", flat=True)) == {"applied"}


def test_a_backfill_reads_month_by_month_and_leaves_the_cursor_alone(source):
    run = backfill(viewer=SYSTEM, source=source, start=date(2024, 1, 1), end=date(2024, 3, 10))
    sync.perform(run.pk)

    run.refresh_from_db()
    assert run.params["done"] == ["orders@2024-02-09", "orders@2024-01-09", "orders@2024-01-01"]
    assert not Cursor.objects.exists()
    with pytest.raises(Refused, match="before it starts"):
        backfill(viewer=SYSTEM, source=source, start=date(2024, 2, 1), end=date(2024, 1, 1))


def test_a_parked_row_can_be_tried_again_or_dropped(source):
    run = first_turn(source)
    row = ParkedRow.objects.get()
    assert retry_parked(viewer=SYSTEM, row=row).status == ParkedRow.Status.WAITING
    drop_parked(viewer=SYSTEM, row=row)
    with pytest.raises(Refused, match="dropped already"):
        retry_parked(viewer=SYSTEM, row=row)

    unread = ParkedRow.objects.create(
        store=source.store, source=source, run=run, stream="orders", reason="No date.",
        raw={"Order": "1"}, content_hash="x",
    )  # fmt: skip
    with pytest.raises(Refused, match="could not be read"):
        retry_parked(viewer=SYSTEM, row=unread)


def test_a_row_the_reader_refused_is_kept_once_as_it_came(source, monkeypatch):
    bad = Rejected(
        "orders", 7, "Total", "a lot", "This is no amount.", "Use digits.", {"Total": "a lot"}
    )
    plain = Memory.pull

    def pull(self, stream, cursor, window):
        for page in plain(self, stream, cursor, window):
            page.parked.append(bad)
            yield page

    monkeypatch.setattr(Memory, "pull", pull)
    first_turn(source)

    row = ParkedRow.objects.get(status="parked")
    assert (row.row_number, row.column, row.value, row.raw) == (
        7,
        "Total",
        "a lot",
        {"Total": "a lot"},
    )
