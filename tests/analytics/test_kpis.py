"""The KPI page: its figures are those of `ask`, its state is its address, its rights hold."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from analytics.pages import kpi_page
from core.periods import Grain
from metrics.answers import ask
from stores.models import CalendarEntry, Role, SavedView, Workspace
from stores.page_state.read import parse
from stores.page_state.resolved import resolve
from stores.queries import viewer_of
from tests.analytics.shop import DAY, MAY, open_shop
from tests.factories.stores import MembershipFactory, StoreFactory
from tests.metrics.rows import use_facts

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "div#results"}


@pytest.fixture
def shop(store):
    open_shop(store)
    return store


def page_of(user, query: str) -> dict:
    state, notices = parse(query)
    return kpi_page(viewer_of(user), resolve(viewer_of(user), state), notices)


def card(page: dict, slug: str):
    return next(card for card in page["cards"] if card.slug == slug)


def test_cards_show_what_ask_answers(shop, alice):
    page = page_of(alice, MAY)
    told = {card.slug: (card.told.value, card.told.before) for card in page["cards"]}

    assert told["net_sales"] == ("€4,900", "€2,500")
    assert told["orders"] == ("60", "30")
    assert told["conversion_rate"] == ("30.0%", "")
    assert told["average_order"] == ("€83.33", "€83.33")
    assert told["gross_margin_share"] == ("51.8%", "52.0%")
    assert card(page, "net_sales").told.change == Decimal("0.96")
    assert card(page, "refund_rate").told.good == "down"


@pytest.mark.parametrize("source", ["rollups", "facts"])
def test_filters_narrow_every_figure(shop, alice, source):
    if source == "facts":
        use_facts()

    german = page_of(alice, f"{MAY}&country=DE")
    others = page_of(alice, f"{MAY}&country!=DE")

    assert card(german, "net_sales").told.value == "€3,900"
    assert card(others, "net_sales").told.value == "€1,000"
    assert card(others, "orders").told.value == "20"
    assert [chip.label for chip in german["bar"].chips] == ["Country: Germany"]
    assert [chip.label for chip in others["bar"].chips] == ["Country is not: Germany"]


def test_a_figure_without_the_filtered_dimension_says_so(shop, alice):
    page = page_of(alice, f"{MAY}&category=lamps&metric=conversion_rate")

    assert card(page, "net_sales").told.value == "€2,500"
    assert card(page, "conversion_rate").told.value == "—"
    assert card(page, "conversion_rate").note == "Conversion rate is not measured by category."
    assert page["chart"] is None


@pytest.mark.parametrize(
    ("query", "before", "change"),
    [
        ("cmp=prev", "€2,500", Decimal("0.96")),
        ("cmp=year", "", None),
        ("cmp=none", "", None),
    ],
)
def test_comparisons(shop, alice, query, before, change):
    told = card(page_of(alice, f"{MAY}&{query}"), "net_sales").told

    assert (told.before, told.change) == (before, change)
    assert told.alone == (query == "cmp=none")


@pytest.mark.parametrize(
    ("grain", "points", "highest"), [("day", 31, 250), ("week", 5, 1750), ("month", 1, 4900)]
)
def test_the_chart_has_a_point_for_every_bucket(shop, alice, grain, points, highest):
    page = page_of(alice, f"{MAY}&g={grain}")
    state = resolve(viewer_of(alice), parse(f"{MAY}&g={grain}")[0])
    answer = ask(state.asks(["net_sales"], by=[Grain(grain)]))

    assert len(page["chart"].rows) == points == len(answer.rows)
    assert max(row.cells["net_sales"].value for row in answer.rows) == highest
    assert sum(row.cells["net_sales"].value for row in answer.rows) == 4900


def test_breakdowns_share_the_whole_and_filter_when_clicked(shop, alice):
    countries = next(b for b in page_of(alice, MAY)["breakdowns"] if b.slot.id == "place")

    assert [(line.label, line.told.value, line.share_text) for line in countries.lines] == [
        ("Germany", "€3,900", "79.6%"),
        ("France", "€1,000", "20.4%"),
    ]
    assert "country=DE" in countries.lines[0].href
    on = next(b for b in page_of(alice, f"{MAY}&country=DE")["breakdowns"] if b.slot.id == "place")
    assert on.lines[0].is_on
    assert "country=" not in on.lines[0].href


def test_what_sales_lack_is_broken_down_by_visits(shop, alice):
    landing = next(b for b in page_of(alice, MAY)["breakdowns"] if b.slot.id == "landing")

    assert landing.sub == "Sessions"
    assert landing.lines[0].told.value == "200"


def test_cards_are_chosen_ordered_and_kept_in_the_address(shop, alice):
    page = page_of(alice, f"{MAY}&cols=sessions,net_sales,nothing")

    assert [card.slug for card in page["cards"]] == ["sessions", "net_sales"]
    assert "nothing" in page["notices"][0]
    assert "cols=sessions,net_sales,nothing" in card(page, "sessions").href


def test_costs_are_for_those_who_may_see_them(shop, bob, alice, staff):
    assert card(page_of(bob, MAY), "gross_margin_share").told.value == "51.8%"

    page = page_of(staff, f"{MAY}&metric=gross_margin&cols=gross_margin,orders")

    assert [card.slug for card in page["cards"]] == ["orders"]
    assert len(page["notices"]) == 2
    assert "Gross margin is left out" in page["notices"][0]


def test_margins_are_withheld_wherever_they_could_appear(shop, staff_signed_in):
    query = f"?{MAY}&metric=gross_margin&cols=gross_margin,gross_margin_share,orders"
    for name, args in (("kpis", []), ("export", ["csv"]), ("print", []), ("choose", [])):
        body = staff_signed_in.get(reverse(f"analytics:{name}", args=args) + query).content
        assert b"51.8%" not in body
        assert b"2,540" not in body
        assert b"0.518" not in body
    explained = staff_signed_in.get(reverse("analytics:explain", args=["gross_margin"]) + query)
    assert explained.status_code == 404


def test_calendar_entries_are_drawn(shop, alice):
    CalendarEntry.objects.create(store=shop, title="Release 7", start_on=DAY, end_on=DAY)

    assert [event.label for event in page_of(alice, MAY)["chart"].events] == ["Release 7"]


def test_a_range_into_today_names_the_bucket_that_is_filling(shop, alice):
    with time_machine.travel(datetime(2026, 5, 10, 12, tzinfo=UTC), tick=False):
        chart = page_of(alice, "from=2026-05-04&to=2026-05-10")["chart"]
        whole = page_of(alice, "from=2026-05-04&to=2026-05-09")["chart"]

    assert chart.note == "The last value is still filling: Sun 10 May is not over."
    assert whole.note == ""


def test_page_and_part_are_the_same_region(shop, alice_signed_in):
    url = reverse("analytics:kpis") + f"?{MAY}"

    page = alice_signed_in.get(url)
    part = alice_signed_in.get(url, headers=HTMX)

    assert b"<html" in page.content
    assert b"<html" not in part.content
    assert b'id="card-net_sales"' in part.content
    assert "HX-Request" in part["Vary"]
    assert part["HX-Push-Url"] == "/kpis/?r=custom&from=2026-05-01&to=2026-05-31&wd=0"


def test_unknown_keys_are_a_notice_not_an_error(shop, alice_signed_in):
    response = alice_signed_in.get(reverse("analytics:kpis") + f"?{MAY}&colour=red&country=XX")

    assert response.status_code == 200
    assert "“colour” is not known here" in response.content.decode()
    assert "Country “XX” is not known here" in response.content.decode()


@pytest.mark.parametrize("name", ["kpis", "choose", "print"])
def test_a_strangers_store_is_not_there(shop, charlie_signed_in, name):
    url = reverse(f"analytics:{name}") + "?store=berlin"

    assert charlie_signed_in.get(url).status_code == 404


def test_a_saved_view_opens_by_its_number_alone(shop, alice, alice_signed_in, charlie_signed_in):
    view = SavedView.objects.create(owner=alice, page="kpis", name="DE", query="country=DE")

    opened = alice_signed_in.get(reverse("analytics:kpis"), {"view": view.pk})

    assert opened["Location"] == f"/kpis/?country=DE&view={view.pk}"
    assert charlie_signed_in.get(reverse("analytics:kpis"), {"view": view.pk}).status_code == 404


def test_an_empty_range_says_where_the_data_is(shop, alice_signed_in):
    body = alice_signed_in.get(
        reverse("analytics:kpis") + "?r=custom&from=2001-01-01&to=2001-01-05"
    ).content.decode()

    assert "Nothing happened in these days" in body
    assert re.search(r"from=2026-05-\d\d&amp;to=2026-05-23", body)


def test_stores_that_cannot_be_added_up_leave_a_page_that_says_so(shop, alice, alice_signed_in):
    Workspace.objects.update(reporting_currency="JPY")
    other = StoreFactory(slug="paris", name="Paris")
    MembershipFactory(user=alice, store=other, role=Role.MANAGER)

    body = alice_signed_in.get(reverse("analytics:kpis")).content.decode()

    assert "Berlin is left out: no exchange rate from EUR to JPY is known." in body
    assert "No data yet" in body


def test_filters_that_match_nothing_offer_to_be_cleared(shop, alice_signed_in):
    body = alice_signed_in.get(reverse("analytics:kpis") + f"?{MAY}&country=JP").content.decode()

    assert "Nothing matches these filters" in body
    assert "Clear the filters" in body


def test_the_filter_editor_lists_words_with_figures_and_sends_them(shop, alice_signed_in):
    url = reverse("analytics:filter", args=["country"])

    body = alice_signed_in.get(f"{url}?{MAY}&country=FR").content.decode()
    sent = alice_signed_in.get(f"{url}?{MAY}&country=FR&op=not&pick=DE&pick=FR")

    assert body.index("France") < body.index("Germany")
    assert "€3,900" in body
    assert sent["Location"] == ("/kpis/?r=custom&from=2026-05-01&to=2026-05-31&wd=0&country!=DE,FR")


def test_the_formula_is_told_with_its_values(shop, alice_signed_in):
    url = reverse("analytics:explain", args=["conversion_rate"])

    body = alice_signed_in.get(f"{url}?{MAY}").content.decode()

    assert "30.0%" in body
    assert "Orders divided by sessions" in body
    assert re.search(r"Orders.*?60.*?÷.*?Sessions.*?200", body, re.DOTALL)


def test_queries_do_not_grow_with_the_data(shop, alice_signed_in, django_assert_max_num_queries):
    url = reverse("analytics:kpis") + f"?{MAY}"
    alice_signed_in.get(url)

    with django_assert_max_num_queries(50):
        alice_signed_in.get(url)


def test_a_figure_of_stores_in_two_zones_explains_itself(store, alice, alice_signed_in):
    open_shop(store)
    other = StoreFactory(
        slug="london", name="London", currency=store.currency, zone="Europe/London"
    )
    MembershipFactory(user=alice, store=other, role=Role.MANAGER)

    answer = alice_signed_in.get(reverse("analytics:explain", args=["net_sales"]) + f"?{MAY}")

    assert answer.status_code == 200
    assert "worked in" in answer.content.decode()
