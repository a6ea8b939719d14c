"""A row whose moment is put right leaves no twin on the day where it was."""

from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.models import Mark
from tests.landings import land
from traffic.models import Event, Session
from traffic.records import EventRecord, SessionRecord
from traffic.services import moved

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 14, 12, tzinfo=UTC)


def days_marked(fact: str) -> list[date]:
    return sorted(set(Mark.objects.filter(fact=fact).values_list("day", flat=True)))


@pytest.mark.parametrize("days", [1, -1, 40, -400])
def test_an_event_that_moves_leaves_its_old_day_and_both_are_marked(store, origin, days):
    land(store, origin, EventRecord("v", "1", NOON, "page_view"),
         EventRecord("v", "2", NOON, "page_view"))  # fmt: skip
    Mark.objects.all().delete()
    there = NOON + timedelta(days=days)

    done = land(store, origin, EventRecord("v", "1", there, "page_view"),
                EventRecord("v", "2", NOON, "page_view"))["events"]  # fmt: skip

    assert sorted(Event.objects.values_list("day", flat=True)) == sorted(
        [NOON.date(), there.date()]
    )
    assert (done.landed, done.unchanged) == (1, 1)
    assert days_marked("sessions") == sorted([NOON.date(), there.date()])


def test_a_moved_session_leaves_its_old_day_and_a_derived_one_stays(store, origin):
    land(store, origin, SessionRecord("v", "s1", NOON), SessionRecord("v", "s2", NOON))
    Session.objects.filter(key=Session.objects.order_by("key").first().key).update(is_derived=True)
    derived = Session.objects.get(is_derived=True)
    Mark.objects.all().delete()

    there = NOON + timedelta(days=3)
    land(store, origin, SessionRecord("v", "s1", there), SessionRecord("v", "s2", there))

    assert Session.objects.filter(day=NOON.date()).get().key == derived.key
    assert Session.objects.filter(day=there.date()).count() == 2
    assert days_marked("sessions") == [NOON.date(), there.date()]


def test_of_a_large_page_rows_are_found_within_a_week(store, origin, monkeypatch):
    monkeypatch.setattr(moved, "FEW_ROWS", 1)
    land(store, origin, *(EventRecord("v", str(n), NOON, "page_view") for n in range(3)))

    later = NOON + timedelta(days=6)
    land(store, origin, *(EventRecord("v", str(n), later, "page_view") for n in range(3)))

    assert list(Event.objects.values_list("day", flat=True).distinct()) == [later.date()]


def test_the_same_id_at_another_store_or_visitor_is_left_alone(store, origin):
    from tests.factories.stores import OriginFactory, StoreFactory

    other = StoreFactory(slug="other")
    land(other, OriginFactory(store=other, slug="shop"), EventRecord("v", "1", NOON, "page_view"))
    land(store, origin, EventRecord("w", "1", NOON, "page_view"))

    land(store, origin, EventRecord("v", "1", NOON + timedelta(days=1), "page_view"))

    assert Event.objects.count() == 3
