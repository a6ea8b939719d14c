"""How a visitor's events become sessions."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metrics.models import Mark
from metrics.refresh import drain
from stores.models import Store
from tests.factories.stores import StoreFactory
from tests.factories.traffic import event, imported_session, key_of
from traffic.models import Event, Kind, Session, Step
from traffic.services.partitions import make_partitions
from traffic.services.sessions import derive_sessions

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def _months(db: None) -> None:
    make_partitions([date(2026, month, 1) for month in (2, 3, 4)])


def sessions_of(store: Store, visitor: int = 1) -> list[Session]:
    return list(Session.objects.filter(store_id=store.pk, visitor=visitor).order_by("started_at"))


def test_a_pause_of_exactly_thirty_minutes_does_not_end_a_session(store):
    for at in ("2026-03-01 10:00", "2026-03-01 10:30", "2026-03-01 11:00"):
        event(store, 1, at)
    drain()

    (session,) = sessions_of(store)

    assert (session.events, session.seconds) == (3, 3600)


def test_a_pause_of_one_second_more_ends_it(store):
    for at in ("2026-03-01 10:00:00", "2026-03-01 10:30:01"):
        event(store, 1, at)
    drain()

    assert [session.events for session in sessions_of(store)] == [1, 1]


def test_local_midnight_cuts_a_session(store):
    event(store, 1, "2026-03-01 23:59")
    event(store, 1, "2026-03-02 00:01")
    drain()

    before, after = sessions_of(store)

    assert (before.day, after.day) == (date(2026, 3, 1), date(2026, 3, 2))
    assert (before.is_first, after.is_first) == (True, False)


def test_the_night_when_clocks_spring_forward_keeps_real_minutes(store):
    event(store, 1, "2026-03-29 01:50")
    event(store, 1, "2026-03-29 03:10")
    drain()

    (session,) = sessions_of(store)

    assert session.seconds == 20 * 60


def test_the_hour_that_comes_twice_is_two_hours(store):
    make_partitions([date(2026, 10, 1)])
    event(store, 1, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    event(store, 1, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    drain()

    assert [session.day for session in sessions_of(store)] == [date(2026, 10, 25)] * 2


def test_the_cut_follows_the_store_s_own_midnight():
    saopaulo = StoreFactory(zone="America/Sao_Paulo")
    event(saopaulo, 1, datetime(2026, 3, 2, 2, 50, tzinfo=UTC))
    event(saopaulo, 1, datetime(2026, 3, 2, 3, 10, tzinfo=UTC))
    drain()

    assert [session.day.day for session in sessions_of(saopaulo)] == [1, 2]


def test_a_session_bears_what_its_first_event_says_and_counts_the_rest(store):
    event(store, 1, "2026-03-01 10:00", Kind.SEARCH, channel=3, country=276, device=2, tag=9)
    event(store, 1, "2026-03-01 10:01", Kind.PAGE_VIEW, channel=4, country=40, page=55)
    event(store, 1, "2026-03-01 10:02", Kind.PAGE_VIEW, page=54)
    event(store, 1, "2026-03-01 10:03", Kind.PRODUCT_VIEW, page=53)
    event(store, 1, "2026-03-01 10:04", Kind.ADD_TO_CART, value=Decimal(7))
    event(store, 1, "2026-03-01 10:05", Kind.PURCHASE, value=Decimal("19.90"))
    drain()

    (session,) = sessions_of(store)

    assert (session.channel, session.country, session.device, session.tag) == (3, 276, 2, 9)
    assert session.landing_page == 55
    assert (session.events, session.page_views, session.product_views) == (6, 2, 1)
    assert (session.cart_adds, session.checkouts, session.purchases) == (1, 0, 1)
    assert session.steps == Step.PRODUCT_VIEW | Step.ADD_TO_CART | Step.PURCHASE
    assert session.purchase_value == Decimal("19.90")


def test_two_visitors_do_not_share_a_session(store):
    event(store, 1, "2026-03-01 10:00")
    event(store, 2, "2026-03-01 10:01")
    drain()

    assert Session.objects.filter(store_id=store.pk).count() == 2


def test_a_late_event_joins_two_sessions_into_one(store):
    event(store, 1, "2026-03-01 10:00")
    event(store, 1, "2026-03-01 10:50")
    drain()
    assert len(sessions_of(store)) == 2

    event(store, 1, "2026-03-01 10:25")
    drain()

    (session,) = sessions_of(store)
    assert (session.events, session.is_first) == (3, True)


def test_a_session_keeps_its_key_while_it_grows(store):
    event(store, 1, "2026-03-01 10:00")
    drain()
    (before,) = sessions_of(store)

    event(store, 1, "2026-03-01 10:10")
    drain()

    (after,) = sessions_of(store)
    assert (after.key, after.events) == (before.key, 2)


def test_an_earlier_event_that_arrives_late_moves_the_first_session_and_its_day(store):
    event(store, 1, "2026-03-20 10:00")
    event(store, 1, "2026-03-25 10:00")
    drain()
    event(store, 1, "2026-02-10 10:00")

    more = derive_sessions(store.pk, [date(2026, 2, 10)])

    assert more == {date(2026, 3, 20)}
    assert [session.is_first for session in sessions_of(store)] == [True, False, False]


def test_when_the_first_session_vanishes_the_next_one_is_first(store):
    first = event(store, 1, "2026-02-10 10:00")
    event(store, 1, "2026-03-20 10:00")
    drain()
    Event.objects.filter(store_id=store.pk, key=first.key).delete()

    more = derive_sessions(store.pk, [date(2026, 2, 10)])

    assert date(2026, 3, 20) in more
    assert [(session.day.month, session.is_first) for session in sessions_of(store)] == [(3, True)]


def test_imported_sessions_are_never_replaced_but_may_be_first(store):
    imported_session(store, 1, "2026-03-01 08:00", events=4)
    event(store, 1, "2026-03-01 10:00")
    drain()

    imported, derived = sessions_of(store)

    assert (imported.events, imported.is_first) == (4, True)
    assert (derived.events, derived.is_first) == (1, False)


def test_only_the_days_asked_for_are_cut_anew(store):
    event(store, 1, "2026-03-01 10:00")
    event(store, 2, "2026-03-02 10:00")

    derive_sessions(store.pk, [date(2026, 3, 2)])

    assert [session.visitor for session in Session.objects.filter(store_id=store.pk)] == [2]


def test_a_second_time_changes_nothing(store):
    for minute in range(0, 59, 7):
        event(store, minute % 3, f"2026-03-01 10:{minute:02d}", key=key_of(minute))
    derive_sessions(store.pk, [MARCH])
    before = list(Session.objects.order_by("key").values())

    assert derive_sessions(store.pk, [MARCH]) == set()
    assert list(Session.objects.order_by("key").values()) == before


def test_landed_events_mark_the_sessions_of_their_day(store):
    event(store, 1, "2026-03-01 10:00")

    assert list(Mark.objects.values_list("fact", "day")) == [("sessions", MARCH)]
