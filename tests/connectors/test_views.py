from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditRow
from connectors.models import ParkedRow, Run, Source
from connectors.services import mark_late
from tests.factories.connectors import ParkedRowFactory, RunFactory, SourceFactory
from tests.sales.test_views import text_of

SOURCES = reverse("connectors:source-list")


@pytest.fixture
def source(store, origin):
    return SourceFactory(
        store=store, origin=origin, label="Till", every_s=60, last_good_at=timezone.now()
    )


def page_of(source: Source) -> str:
    return reverse("connectors:source-detail", args=[source.pk])


def test_source_list_tells_state_rows_and_what_is_due(alice_signed_in, store, source):
    RunFactory(source=source, status=Run.Status.DONE, rows_landed=7, finished_at=timezone.now())
    old = timezone.now() - timedelta(days=2)
    RunFactory(source=source, status=Run.Status.DONE, rows_landed=100, finished_at=old)
    Source.objects.update(next_pull_at=timezone.now() - timedelta(minutes=5))

    text = text_of(alice_signed_in.get(SOURCES))

    assert "Till" in text
    assert "Connected" in text
    assert "Next due now Rows in 24 h 7" in text


def test_the_most_worrying_source_comes_first(alice_signed_in, store, source):
    SourceFactory(store=store, label="Ads", state=Source.State.FAILING)

    cards = alice_signed_in.get(SOURCES).context["cards"]

    assert [card.source.label for card in cards] == ["Ads", "Till"]


def test_freshness_names_late_sources(alice_signed_in, store, source):
    address = reverse("connectors:freshness")
    assert "late" not in text_of(alice_signed_in.get(address))

    SourceFactory(store=store, state=Source.State.LATE)

    assert "1 source late" in text_of(alice_signed_in.get(address))


def test_freshness_tells_lateness_by_the_clock_before_anybody_has_marked_it(alice_signed_in, store):
    address, now = reverse("connectors:freshness"), timezone.now()
    source = SourceFactory(store=store, every_s=60, last_good_at=now - timedelta(seconds=170))
    assert "late" not in text_of(alice_signed_in.get(address))

    Source.objects.update(last_good_at=now - timedelta(seconds=190))
    assert "1 source late" in text_of(alice_signed_in.get(address))

    mark_late()
    source.refresh_from_db()
    assert source.state == Source.State.LATE


def test_without_a_source_freshness_is_grey_and_says_what_to_do(alice_signed_in, staff_signed_in):
    address = reverse("connectors:freshness")

    assert 'class="dotk off"' in alice_signed_in.get(address).content.decode()
    assert "No source connected · Connect one" in text_of(alice_signed_in.get(address))
    assert "Connect one" not in text_of(staff_signed_in.get(address))


def test_a_source_is_paused_and_resumed(alice_signed_in, source):
    alice_signed_in.post(reverse("connectors:source-pause", args=[source.pk]))
    source.refresh_from_db()
    assert source.state == Source.State.PAUSED
    assert "when it is resumed" in text_of(alice_signed_in.get(page_of(source)))

    alice_signed_in.post(reverse("connectors:source-resume", args=[source.pk]))
    source.refresh_from_db()
    assert source.state == Source.State.CONNECTED


def test_parked_rows_are_shown_by_cause_downloaded_and_dropped(alice_signed_in, source):
    run = RunFactory(source=source)
    for row in (2, 3):
        ParkedRowFactory(
            run=run, row_number=row, column="total", value="=x", remedy="Write a number."
        )

    shown = text_of(alice_signed_in.get(page_of(source)))
    file = alice_signed_in.get(reverse("connectors:parked-file", args=[source.pk]))
    lines = b"".join(file.streaming_content).decode().splitlines()
    alice_signed_in.post(reverse("connectors:parked-drop", args=[source.pk]))

    assert "The total is not a number." in shown
    assert "Write a number. 2" in shown
    assert lines[0] == "Stream,Row,Column,Value,What is wrong,What to do"
    assert lines[1].startswith("orders,2,total,'=x,")
    assert set(ParkedRow.objects.values_list("status", flat=True)) == {ParkedRow.Status.DROPPED}
    assert "Every row of this source was taken." in text_of(alice_signed_in.get(page_of(source)))


def test_run_progress_polls_until_the_run_is_over(alice_signed_in, source):
    run = RunFactory(source=source, status=Run.Status.RUNNING, rows_read=10, rows_total=40)
    address = reverse("connectors:run-detail", args=[run.pk])

    running = alice_signed_in.get(address, headers={"HX-Request": "true"})
    Run.objects.update(status=Run.Status.DONE, rows_landed=40)
    over = alice_signed_in.get(address, headers={"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in running.content.decode()
    assert "10 of 40 rows" in text_of(running)
    assert over.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in over.content.decode()
    assert "40 rows landed" in text_of(over)


@pytest.mark.parametrize("action", ["pull", "pause", "parked-retry", "parked-drop"])
def test_who_may_only_look_is_offered_nothing_and_refused(action, staff_signed_in, source):
    name = action if action.startswith("parked") else f"source-{action}"
    address = reverse(f"connectors:{name}", args=[source.pk])

    assert address not in staff_signed_in.get(page_of(source)).content.decode()
    assert staff_signed_in.post(address).status_code == 403
    source.refresh_from_db()
    assert source.state == Source.State.CONNECTED
    assert not Run.objects.exists()


def test_demo_removal_is_for_managers(staff_signed_in, store):
    store.is_demo = True
    store.save()
    address = reverse("connectors:demo-remove")

    assert address not in staff_signed_in.get(SOURCES).content.decode()
    assert staff_signed_in.post(address).status_code == 403


def test_a_person_of_the_demo_removes_it_with_themselves(alice, alice_signed_in, store):
    type(store).objects.update(is_demo=True)
    type(alice).objects.update(is_demo=True)

    asked = text_of(alice_signed_in.get(reverse("connectors:demo-remove")))
    answer = alice_signed_in.post(reverse("connectors:demo-remove"))
    signed_out = alice_signed_in.get(answer.headers["Location"], follow=True)

    assert "one of the demo's people, and go with it" in asked
    assert "The demo data is gone." in text_of(signed_out)
    connection.check_constraints()
    assert (answer.status_code, type(store).objects.count()) == (302, 0)
    assert not type(alice).objects.filter(pk=alice.pk).exists()
    row = AuditRow.objects.get(action="removed demo")
    assert (row.actor, row.user_id) == ("Alice", None)


@pytest.mark.parametrize("rows", [1, 20])
def test_source_list_costs_the_same_however_long(
    rows, alice_signed_in, store, django_assert_max_num_queries
):
    for _ in range(rows):
        RunFactory(source=SourceFactory(store=store))
    alice_signed_in.get(SOURCES)
    with django_assert_max_num_queries(14):
        alice_signed_in.get(SOURCES)
