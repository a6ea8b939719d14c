"""The palette turns words into a state of the KPI page."""

import pytest

from analytics.palette import palette
from stores.queries import viewer_of

pytestmark = pytest.mark.django_db


def found(user, words: str) -> dict[str, str]:
    return {item.label: item.url for item in palette(viewer_of(user), words)}


def test_metric_country_and_range_open_the_kpis_in_that_state(alice):
    items = found(alice, "conversion Germany last week")

    assert items["Conversion rate · Germany, last 7 days"] == (
        "/kpis/?r=last7&metric=conversion_rate&country=DE"
    )


def test_a_metric_is_found_by_its_name_alone(alice):
    assert found(alice, "net sal")["Net sales"] == "/kpis/?metric=net_sales"


def test_margins_are_not_offered_to_those_who_may_not_see_them(staff, bob):
    assert "Gross margin" in found(bob, "gross margin")
    assert "Gross margin" not in found(staff, "gross margin")


def test_nothing_is_offered_for_nothing(alice):
    assert found(alice, "x") == {}
    assert found(alice, "zzzz germany") == {}
