"""Events and sessions, from records to rows."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Product
from metrics.models import Mark
from tests.landings import land
from traffic.models import Event, Session, Tag
from traffic.records import EventRecord, SessionRecord
from traffic.services.tags import group_of

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def event(key="1", visitor="v", at=NOON, kind="page_view", **fields) -> EventRecord:
    return EventRecord(visitor, key, at, kind, **fields)


def test_an_event_becomes_a_row_in_its_months_partition(store, origin):
    done = land(store, origin, event(at=datetime(2019, 12, 31, 23, 30, tzinfo=UTC), country="FR",
                                     device="Phone", page="/a", product_id="P", value=Decimal("2.5"),
                                     kind="purchase", source="Google", medium="cpc"))  # fmt: skip

    row = Event.objects.get()
    assert done["events"].new == 1
    assert (row.day, row.kind, row.country, row.device) == (date(2020, 1, 1), 6, 250, 2)
    assert (row.product, row.value) == (Product.objects.get(external_id="P").pk, Decimal("2.5"))
    assert Tag.objects.get(pk=row.tag).group == Tag.Group.PAID_SEARCH
    assert set(Mark.objects.filter(fact="sessions").values_list("day", flat=True)) == {row.day}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM traffic_event_2020_01")
        assert cursor.fetchone() == (1,)


def test_the_same_event_twice_is_one_and_marks_nothing(store, origin):
    land(store, origin, event(), event())
    Mark.objects.all().delete()

    again = land(store, origin, event())["events"]

    assert (Event.objects.count(), again.new, again.unchanged) == (1, 0, 1)
    assert not Mark.objects.exists()


def test_one_id_under_two_visitors_is_two_events(store, origin):
    land(store, origin, event(visitor="a"), event(visitor="b"))

    assert Event.objects.count() == 2


def test_unknown_kinds_and_impossible_moments_are_named(store, origin):
    done = land(store, origin, event(kind="dance"), event(at=datetime(1970, 1, 1, tzinfo=UTC)),
                event("3"))["events"]  # fmt: skip

    assert sorted((row.position, row.column) for row in done.rejected) == [(0, "kind"), (1, "at")]
    assert (done.read, done.new) == (3, 1)


def test_a_ready_made_session_is_replaced_by_its_newest_telling(store, origin):
    first = SessionRecord("v", "s", NOON, seconds=10, page_views=1)
    land(store, origin, first)

    done = land(store, origin, SessionRecord("v", "s", NOON, seconds=40, page_views=3, steps=3))

    row = Session.objects.get()
    assert (done["sessions"].changed, row.seconds, row.page_views, row.steps) == (1, 40, 3, 3)
    assert not row.is_derived


@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.data())
def test_any_order_and_number_of_copies_give_the_same_events(store, origin, data):
    tellings = [event(str(n % 3), kind=kind, page=page)
                for n, (kind, page) in enumerate([("page_view", "/a"), ("search", "/b"),
                                                  ("page_view", "/c"), ("purchase", "/a")])]  # fmt: skip
    Event.objects.all().delete()
    for batch in ([*tellings], data.draw(st.permutations(tellings * 2))):
        Event.objects.all().delete()
        for telling in batch:
            land(store, origin, telling)
        found = sorted(Event.objects.values_list("kind", "page"))
        Event.objects.all().delete()
        land(store, origin, *batch)
        assert sorted(Event.objects.values_list("kind", "page")) == found
        assert [kind for kind, _ in found] == [1, 6, 7]


@pytest.mark.parametrize(
    ("source", "medium", "group"),
    [
        ("", "", Tag.Group.UNKNOWN),
        ("(direct)", "(none)", Tag.Group.DIRECT),
        ("google", "organic", Tag.Group.ORGANIC_SEARCH),
        ("google", "cpc", Tag.Group.PAID_SEARCH),
        ("bing", "", Tag.Group.ORGANIC_SEARCH),
        ("facebook", "cpc", Tag.Group.PAID_SOCIAL),
        ("instagram", "social", Tag.Group.ORGANIC_SOCIAL),
        ("klaviyo", "E-Mail", Tag.Group.EMAIL),
        ("partner", "affiliate", Tag.Group.AFFILIATE),
        ("dv360", "cpm", Tag.Group.DISPLAY),
        ("amazon", "", Tag.Group.MARKETPLACE),
        ("blog.example", "referral", Tag.Group.REFERRAL),
    ],
)
def test_a_tag_belongs_to_a_marketing_channel(source, medium, group):
    assert group_of(source, medium) == group
