"""The page of a source: reading days again, agreement with the source, fields, failures."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.records import SYSTEM
from connectors.files.uploads import keep_upload, recognise_upload, start_import
from connectors.models import Drift, ParkedRow, Run, Source
from connectors.models import Mapping as KeptMapping
from connectors.reconcile import default_window, start_comparison
from connectors.registry import CONNECTORS
from connectors.services import (
    SourceSettings,
    backfill,
    connect_source,
    pause_run,
    resume_run,
    start_run,
    stop_run,
)
from connectors.source_page import agreement_of
from connectors.sync import perform
from connectors.upkeep import estimate
from core.errors import Refused
from core.models import Job
from sales.models import Order
from tests.connectors.sources.memory import Memory, records
from tests.factories.connectors import RunFactory
from tests.sales.test_views import text_of

HEAD = "Order,Date,Status,Total,Currency,Country"
FIRST = f"{HEAD}\nX-1,2026-05-01,paid,12.50,EUR,DE\nX-2,2026-05-02,paid,abc,EUR,FR\nX-3,2026-05-03,paid,30,EUR,FR\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def shop(store, monkeypatch) -> Source:
    monkeypatch.setitem(CONNECTORS, "memory", Memory)
    monkeypatch.setattr(Memory, "held", records())
    monkeypatch.setattr(Memory, "streams", ("rates", "orders"))
    return connect_source(
        viewer=SYSTEM, store=store, settings=SourceSettings("memory", "Shop", every_s=60)
    )


def taken_in(store, text: str, name: str) -> Source:
    upload = keep_upload(store=store, name=name, chunks=[text.encode()])
    mapping = recognise_upload(store, upload).mapping
    run = start_import(viewer=SYSTEM, store=store, upload=upload, mapping=mapping)
    perform(run.pk)
    return Run.objects.select_related("source__store", "source__origin").get(pk=run.pk).source


def page(source: Source, name: str = "source-detail") -> str:
    return reverse(f"connectors:{name}", args=[source.pk])


def compared(source: Source):
    start_comparison(viewer=SYSTEM, source=source, start=date(2024, 3, 1), end=date(2024, 4, 30))
    return {line.stream: line for line in agreement_of(source)["agreements"]}


@pytest.mark.django_db(transaction=True)
def test_a_pulled_source_agrees_until_a_row_is_missing_or_changed(shop):
    start_run(viewer=SYSTEM, source=shop)
    assert compared(shop)["orders"].agrees

    Order.objects.filter(external_id="o3").delete()
    line = compared(shop)["orders"]

    assert (line.theirs, line.here, line.missing) == (12, 11, 1)
    assert "1 are not here yet: pull again" in line.reasons


@pytest.mark.django_db(transaction=True)
def test_a_file_agrees_but_for_its_parked_rows(alice_signed_in, store):
    source = taken_in(store, FIRST, "orders.csv")
    line = compared(source)["orders"]

    assert (line.theirs, line.here) == (3, 2)
    assert (line.amount_theirs, line.amount_difference) == (42.5, 0)
    assert line.reasons == ("1 cannot be read and are parked",)
    shown = text_of(alice_signed_in.get(page(source)))
    assert "Orders 3 2 42.50 0.00" in shown


@pytest.mark.django_db(transaction=True)
def test_a_comparison_that_cannot_be_made_says_why(alice_signed_in, store, tmp_path):
    source = taken_in(store, FIRST, "orders.csv")
    for file in tmp_path.rglob("file.csv"):
        file.unlink()
    alice_signed_in.post(page(source, "compare"))

    assert Job.objects.get().status == Job.Status.FAILED
    assert "The comparison did not work" in text_of(alice_signed_in.get(page(source, "agreement")))


@pytest.mark.django_db
def test_a_backfill_is_estimated_begun_paused_resumed_and_stopped(alice_signed_in, shop):
    RunFactory(
        source=shop, status=Run.Status.DONE, rows_read=6000, started_at=timezone.now(),
        finished_at=timezone.now(),
    )  # fmt: skip
    days = {"start": "2026-01-01", "end": "2026-02-19"}
    told = alice_signed_in.get(page(shop, "backfill"), days, headers={"HX-Request": "true"})
    assert "50 days, about 300,000 rows" in text_of(told)
    assert estimate(shop, date(2026, 1, 1), date(2026, 2, 19)).steps == 2

    alice_signed_in.post(page(shop, "backfill"), days)
    run = Run.objects.get(kind=Run.Kind.BACKFILL)
    assert run.rows_total == 300_000

    alice_signed_in.post(reverse("connectors:run-pause", args=[run.pk]))
    perform(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.PAUSED
    assert "Go on" in text_of(alice_signed_in.get(page(shop)))

    alice_signed_in.post(reverse("connectors:run-resume", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == Run.Status.WAITING
    alice_signed_in.post(reverse("connectors:run-stop", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == Run.Status.STOPPED


@pytest.mark.django_db
def test_a_paused_run_holds_the_next_backfill_off_and_ends_by_stopping(shop):
    run = backfill(viewer=SYSTEM, source=shop, start=date(2026, 1, 1), end=date(2026, 1, 2))
    pause_run(viewer=SYSTEM, run=run)

    with pytest.raises(Refused, match="being read again"):
        backfill(viewer=SYSTEM, source=shop, start=date(2026, 1, 1), end=date(2026, 1, 2))
    with pytest.raises(Refused, match="cannot be paused"):
        pause_run(viewer=SYSTEM, run=run)

    assert stop_run(viewer=SYSTEM, run=run).status == Run.Status.STOPPED
    with pytest.raises(Refused, match="not paused"):
        resume_run(viewer=SYSTEM, run=run)


@pytest.mark.django_db(transaction=True)
def test_a_run_paused_between_two_pages_goes_on_after_the_last(shop, monkeypatch):
    plain = Memory.pull

    def pull(self, stream, cursor, window):
        for number, part in enumerate(plain(self, stream, cursor, window)):
            if stream == "orders" and number == 1:
                Run.objects.filter(source=shop).update(status=Run.Status.PAUSED)
            yield part

    monkeypatch.setattr(Memory, "pull", pull)
    # The page before may be landed already or not; either way nothing is lost.
    run = start_run(viewer=SYSTEM, source=shop)
    run.refresh_from_db()
    monkeypatch.setattr(Memory, "pull", plain)
    assert run.status == Run.Status.PAUSED

    resume_run(viewer=SYSTEM, run=run)

    run.refresh_from_db()
    assert run.status == Run.Status.DONE
    assert Order.objects.count() == 12


@pytest.mark.django_db
def test_odd_days_are_told_beside_the_form(alice_signed_in, shop):
    days = {"start": "2026-02-01", "end": "2026-01-01"}
    response = alice_signed_in.post(page(shop, "backfill"), days)

    assert response.status_code == 422
    assert "The period ends before it starts." in text_of(response)
    with pytest.raises(Refused, match="at most 92 days"):
        start_comparison(viewer=SYSTEM, source=shop, start=date(2026, 1, 1), end=date(2026, 12, 31))


@pytest.mark.django_db(transaction=True)
def test_a_new_column_of_the_next_file_is_told_and_the_mapping_changed(alice_signed_in, store):
    taken_in(store, FIRST, "a.csv")
    text = f"{HEAD},Gift note\nX-9,2026-05-04,paid,19.50,EUR,DE,hi\n"
    source = taken_in(store, text, "b.csv")

    shown = text_of(alice_signed_in.get(page(source)))
    fields = text_of(alice_signed_in.get(page(source, "fields")))
    assert "In orders there is a new column “Gift note”." in shown
    assert "Order External id required X-9" in fields
    assert "Not taken: Gift note" in fields

    form = alice_signed_in.get(page(source, "fields-change")).context["form"]
    given = {field.html_name: field.value() or "" for field in form} | {"to_campaign": "Gift note"}
    given["again"] = "1"
    answer = alice_signed_in.post(page(source, "fields-change"), given)

    assert answer.status_code == 302
    assert KeptMapping.objects.count() == 1
    assert not Drift.objects.filter(acknowledged_at=None).exists()
    assert "Gift note Campaign hi" in text_of(alice_signed_in.get(page(source, "fields")))


@pytest.mark.django_db
def test_failures_are_grouped_with_what_to_do(alice_signed_in, shop):
    for _ in range(2):
        RunFactory(
            source=shop, status=Run.Status.FAILED, error="The key is wrong.",
            finished_at=timezone.now(),
        )  # fmt: skip
    Source.objects.update(state=Source.State.FAILING)

    shown = text_of(alice_signed_in.get(page(shop)))

    assert "The key is wrong. Put right what the message names, then pull again." in shown
    assert "Try again now" in shown


@pytest.mark.parametrize("name", ["backfill", "compare", "fields-change"])
@pytest.mark.django_db
def test_who_may_only_look_cannot_change_a_source(name, staff_signed_in, shop):
    assert page(shop, name) not in staff_signed_in.get(page(shop)).content.decode()
    assert staff_signed_in.post(page(shop, name)).status_code == 403
    assert not ParkedRow.objects.exists()


@pytest.mark.django_db
def test_default_days_are_whole_days_of_the_store(shop):
    start, end = default_window(shop)

    assert (end - start).days == 29
    assert end < timezone.now().date()
