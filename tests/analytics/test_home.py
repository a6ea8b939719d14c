"""Home: today against the same hours, the expected end of the day, and the first run."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse

from accounts.records import Viewer
from analytics.home import expectation, home_page
from analytics.queries.intraday import hours_of
from metrics.declare import metrics
from sales.models import Order
from stores.models import Role
from stores.page_state.resolved import resolve
from stores.page_state.state import Filter, PageState
from stores.queries import viewer_of
from tests.conftest import signed_in
from tests.factories.stores import MembershipFactory, StoreFactory, UserFactory
from tests.metrics.rows import give_back, sell, use_facts, use_rollups, visit

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)  # 12:30 in Berlin, a Wednesday
TODAY = NOW.date()
LAST = TODAY - timedelta(7)
GERMANY = 276


def sell_at(store, day, clock: str, amount: int, **fields) -> Order:
    """One order at this local time (Berlin is two hours ahead in May)."""
    order = sell(store, day, {"gross": amount}, **fields)
    hour, minute = clock.split(":")
    placed = datetime.combine(day, time(int(hour), int(minute)), UTC) - timedelta(hours=2)
    Order.objects.filter(pk=order.pk).update(placed_at=placed)
    order.refresh_from_db()
    return order


@pytest.fixture
def shop(store):
    """Today by 12:30: 40 × 10. Wednesday before: the same by 12:30, another 40 × 10 later."""
    for number in range(40):
        sell_at(store, TODAY, f"{8 + number % 4:02}:15", 10, country=GERMANY)
        sell_at(store, LAST, f"{8 + number % 4:02}:15", 10)
        sell_at(store, LAST, f"{13 + number % 4:02}:15", 10)
    sell_at(store, LAST, "12:45", 1000)
    use_facts()
    return store


def home_of(user) -> dict:
    with time_machine.travel(NOW, tick=False):
        return home_page(viewer_of(user), QueryDict(""), "Alice")


def figure(page: dict, label: str):
    return next(figure for figure in page["figures"] if figure.label == label)


def test_today_is_held_against_the_same_hours_only(shop, alice):
    page = home_of(alice)

    assert figure(page, "Net sales").told.value == "€400.00"
    assert figure(page, "Net sales").told.before == "€400.00"
    assert figure(page, "Orders").told.value == "40"
    assert figure(page, "Orders").told.before == "40"
    assert figure(page, "Orders").told.change == 0
    assert figure(page, "Average order value").told.value == "€10.00"


def test_spend_has_no_hours_and_says_so(shop, alice):
    spend = figure(home_of(alice), "Ad spend")

    assert spend.told.alone
    assert spend.note == "reported so far"


def test_staff_see_another_figure_in_place_of_the_margin(shop, staff):
    labels = [figure.label for figure in home_of(staff)["figures"]]

    assert "Gross margin share" not in labels
    assert len(labels) == 6


def test_the_hours_of_a_day_add_up_to_the_day(shop, alice):
    scope = resolve(viewer_of(alice), PageState(), now=NOW).scope
    give_back(sell_at(shop, LAST, "23:50", 30), LAST, 30)

    hours = hours_of(["net_sales", "orders"], scope, [TODAY, LAST], until=NOW)

    assert hours.value(metrics["net_sales"], LAST) == Decimal(1800)
    assert hours.value(metrics["orders"], LAST) == 82
    assert hours.value(metrics["orders"], LAST, hours=[12]) == 1
    assert hours.value(metrics["orders"], LAST, hours=[23]) == 1


def test_hours_can_be_filtered(shop, alice):
    scope = resolve(viewer_of(alice), PageState(), now=NOW).scope
    german = [Filter("country", ("DE",))]

    hours = hours_of(["orders"], scope, [TODAY, LAST], filters=german)

    assert hours.value(metrics["orders"], TODAY) == 40
    assert hours.value(metrics["orders"], LAST) == 0


def test_the_end_of_the_day_is_expected_from_the_same_weekdays(shop, alice):
    outlook = home_of(alice)["outlook"]

    assert outlook.headline == "€1,800"
    assert "€400.00 so far" in outlook.words
    assert outlook.chart.rows[13].cells[0] == "12:30"
    assert outlook.chart.rows[13].cells[1] == "€400.00"


def test_expectation_scales_the_rest_by_how_today_goes():
    usual = [Decimal(0), Decimal(50), Decimal(100), Decimal(200)]

    assert expectation(Decimal(200), usual, 2) == [None, None, Decimal(200), Decimal(400)]
    assert expectation(Decimal(30), [Decimal(0), Decimal(5), Decimal(100)], 1)[-1] == 125
    assert expectation(Decimal(30), [], 1) == []


def test_freshness_names_what_has_been_worked_in(shop, alice):
    assert home_of(alice)["freshness"] == []
    use_rollups(shop)

    fresh = {one.label: (one.day, one.is_old) for one in home_of(alice)["freshness"]}

    assert fresh["Orders"] == (TODAY, False)


def test_somebody_without_a_store_is_told_how_to_begin(client, db):
    person = UserFactory()

    body = signed_in(person).get(reverse("analytics:home")).content.decode()
    assert "Bring in your first data" in body
    StoreFactory()
    body = signed_in(person).get(reverse("analytics:home")).content.decode()

    assert "No store is open to you yet" in body


def test_next_steps_are_those_of_the_role(shop, alice, bob):
    manager = {step.label for step in home_of(alice)["next_steps"]}
    executive = {step.label for step in home_of(bob)["next_steps"]}

    assert "See the last 30 days" in executive
    assert executive <= manager
    assert all(step.href for step in home_of(alice)["next_steps"])


def test_home_and_its_part(shop, alice_signed_in, charlie_signed_in):
    page = alice_signed_in.get("/")
    part = alice_signed_in.get("/", headers={"HX-Request": "true", "HX-Target": "div#results"})

    assert b"Pace today" in page.content
    assert b"<html" not in part.content
    assert charlie_signed_in.get("/?store=berlin").status_code == 404


def test_a_token_without_figures_sees_no_figures(store):
    page = home_page(Viewer(name="nobody"), QueryDict(""), "")

    assert page["first_run"]


def test_several_stores_add_up_in_the_reporting_currency(shop, alice):
    other = StoreFactory(slug="paris", name="Paris", currency="EUR")
    MembershipFactory(user=alice, store=other, role=Role.MANAGER)
    sell_at(other, TODAY, "09:15", 100)

    assert figure(home_of(alice), "Net sales").told.value == "€500.00"


def test_visits_after_this_time_of_day_play_no_part(shop, alice):
    visit(shop, TODAY, is_derived=False)

    assert figure(home_of(alice), "Conversion rate").told.value == "—"
