"""A page's state and its address are the same thing, whatever stands in either."""

from datetime import UTC, date, datetime

import pytest
from django.http import Http404
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.periods import Compare, Grain, Period
from metrics.declare import dimensions
from stores.models import ExchangeRate, Role, Workspace
from stores.page_state.read import parse
from stores.page_state.resolved import resolve
from stores.page_state.state import CUSTOM, Filter, PageState
from stores.queries import viewer_of
from tests.factories.stores import MembershipFactory, StoreFactory

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)

texts = st.text(st.characters(codec="utf-8"), max_size=30).map(
    lambda text: "".join(char for char in text if char.isprintable()).strip()
)
words = texts.filter(bool)
several = st.lists(words, max_size=4, unique=True).map(tuple)
days = st.dates(date(1995, 1, 1), date(2003, 1, 1))


@st.composite
def states(draw: st.DrawFn) -> PageState:
    slugs = draw(st.lists(st.sampled_from(sorted(dimensions)), unique=True, max_size=3))
    filters = [Filter(slug, draw(several.filter(bool)), draw(st.booleans())) for slug in slugs]
    start, end = sorted([draw(days), draw(days)])
    span = draw(st.sampled_from(["today", "last7", "last30", "quarter", CUSTOM]))
    return PageState(
        stores=tuple(sorted(draw(several))),
        range=span,
        start=start if span == CUSTOM else None,
        end=end if span == CUSTOM else None,
        compare=draw(st.sampled_from(list(Compare))),
        match_weekdays=draw(st.booleans()),
        grain=draw(st.sampled_from(["", *map(str, Grain)])),
        metric=draw(texts),
        by=draw(several),
        filters=tuple(sorted(filters)),
        search=draw(texts),
        sort=draw(texts),
        cards=draw(several),
        view=draw(st.none() | st.integers(1, 2**40)),
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(states())
def test_a_state_survives_its_own_address(state):
    assert parse(state.query) == (state, [])


def test_the_default_state_needs_no_address():
    assert PageState().at("/kpis/") == "/kpis/"
    assert parse("") == (PageState(), [])


def test_an_address_is_written_in_one_order():
    state, notices = parse("device!=mobile&country=FR&country=DE&r=last7&cmp=year&wd=0&store=b,a")

    assert notices == []
    assert state.query == "store=a,b&r=last7&cmp=year&wd=0&country=FR,DE&device!=mobile"


def test_a_comma_inside_a_word_is_kept():
    state = PageState().with_filter("campaign", ["Sale, now", "b\\c"])

    assert parse(state.query)[0].words_of("campaign") == ("Sale, now", "b\\c")


@pytest.mark.parametrize(
    "query",
    ["colour=red", "cmp=target", "g=hour", "r=never", "r=custom&from=yesterday", "wd=maybe",
     "from=1066-10-14&to=2026-01-01", "r=last99999"],
)  # fmt: skip
def test_what_is_not_understood_is_named_and_left_out(query):
    state, notices = parse(query)

    assert len(notices) == 1
    assert state == PageState()


def test_dates_in_the_wrong_order_are_swapped_and_said():
    state, notices = parse("r=custom&from=2026-05-09&to=2026-05-01")

    assert (state.start, state.end) == (date(2026, 5, 1), date(2026, 5, 9))
    assert len(notices) == 1


def test_a_form_with_a_hidden_and_a_ticked_box_means_the_ticked_one():
    assert parse("wd=0&wd=1")[0].match_weekdays
    assert not parse("wd=0")[0].match_weekdays


def test_clicking_a_word_adds_it_and_clicking_again_takes_it_away():
    once = PageState().toggled("country", "DE")

    assert once.query == "country=DE"
    assert once.toggled("country", "FR").query == "country=DE,FR"
    assert once.toggled("country", "DE") == PageState()


def test_frozen_days_stay_and_relative_ones_move():
    state = PageState(range="last7")
    kept = state.frozen(state.period(date(2026, 5, 20)))

    assert kept.query == "r=custom&from=2026-05-13&to=2026-05-19"
    assert state.period(date(2026, 6, 20)) == Period(date(2026, 6, 13), date(2026, 6, 19))
    assert kept.period(date(2026, 6, 20)) == Period(date(2026, 5, 13), date(2026, 5, 19))


def test_one_store_is_told_in_its_own_currency_and_clock(alice, store):
    resolved = resolve(viewer_of(alice), PageState(), now=NOON)

    assert resolved.scope.store_ids == (store.pk,)
    assert (resolved.scope.currency, resolved.scope.reporting) == ("EUR", False)
    assert resolved.zone == "Europe/Berlin"
    assert resolved.period == Period(date(2026, 4, 20), date(2026, 5, 19))
    assert resolved.compared == Period(date(2026, 3, 16), date(2026, 4, 14))


def test_several_stores_are_told_in_the_reporting_currency(alice, store):
    other = StoreFactory(slug="boston", name="Boston", currency="USD", zone="America/New_York")
    MembershipFactory(user=alice, store=other, role=Role.STAFF)
    ExchangeRate.objects.create(
        day=date(2026, 5, 1), currency="USD", to_currency="EUR", rate="0.9", source="test"
    )

    scope = resolve(viewer_of(alice), PageState(), now=NOON).scope

    assert set(scope.store_ids) == {store.pk, other.pk}
    assert (scope.currency, scope.reporting) == ("EUR", True)
    assert "see_costs" not in scope.rights
    assert "see_metrics" in scope.rights


def test_a_store_without_any_rate_is_left_out_and_said(alice, store):
    other = StoreFactory(slug="boston", name="Boston", currency="USD")
    MembershipFactory(user=alice, store=other, role=Role.MANAGER)

    resolved = resolve(viewer_of(alice), PageState(), now=NOON)

    assert resolved.scope.store_ids == (store.pk,)
    assert "Boston" in resolved.notices[0]


def test_a_strangers_store_is_not_there(charlie, store):
    with pytest.raises(Http404):
        resolve(viewer_of(charlie), PageState(stores=("berlin",)))


def test_a_word_that_names_nothing_is_left_out_and_said(alice):
    state = PageState().with_filter("country", ["DE", "XX"]).with_filter("category", ["none"])

    resolved = resolve(viewer_of(alice), state, now=NOON)

    assert resolved.state.query == "country=DE"
    assert len(resolved.notices) == 2


def test_the_range_decides_the_bucket_while_nobody_does(alice, store):
    Workspace.objects.update(reporting_currency="EUR")
    viewer = viewer_of(alice)

    def grain(**changes):
        return resolve(viewer, PageState(**changes), now=NOON).grain

    assert grain() is Grain.DAY
    assert grain(range="last365") is Grain.WEEK
    assert grain(range="last730") is Grain.MONTH
    assert grain(range="last730", grain="week") is Grain.WEEK
