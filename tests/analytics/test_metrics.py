"""Figures that need sales and traffic together, and the paper that explains all of them."""

from decimal import Decimal

import pytest

from analytics.papers import METRICS_PAPER, metrics_paper
from metrics.checks import declarations_hold
from metrics.declare import Metric, Of, Unit, metrics
from tests.factories.stores import ChannelFactory
from tests.metrics.rows import DAY, figures, sell, use_facts, use_rollups, visit


@pytest.mark.django_db
@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_conversion_joins_orders_and_sessions_on_the_same_groups(store, way):
    sell(store, DAY, {"gross": 90}, country=276)
    for country in (276, 276, 276, 250):
        visit(store, country=country, is_derived=False)
    way(*([] if way is use_facts else [store]))

    answer = figures(store, "conversion_rate", "sales_per_session", by=["country"])

    assert answer["conversion_rate"].value == Decimal("0.25")
    assert answer["conversion_rate", "DE"].value == Decimal(1) / 3
    assert answer["conversion_rate", "FR"].value == 0
    assert answer["sales_per_session", "DE"].value == 30


@pytest.mark.django_db
@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_orders_of_tills_and_marketplaces_do_not_convert_visits(store, way):
    shop, market, till = (
        ChannelFactory(store=store, slug=kind, kind=kind) for kind in ("shop", "marketplace", "pos")
    )
    for channel in (shop, market, market, till):
        sell(store, DAY, {"gross": 90}, channel=channel.pk)
    for _ in range(4):
        visit(store, channel=shop.pk, is_derived=False)
    way(*([] if way is use_facts else [store]))

    answer = figures(store, "conversion_rate", "orders", by=["channel"])

    assert answer["orders"].value == 4
    assert answer["conversion_rate"].value == Decimal("0.25")
    assert answer["conversion_rate", "shop"].value == Decimal("0.25")
    assert answer["conversion_rate", "marketplace"].value is None


def test_the_paper_is_current():
    assert METRICS_PAPER.read_text(encoding="utf-8") == metrics_paper(), "run manage.py write_docs"


def test_every_figure_says_what_it_is():
    for metric in metrics.values():
        assert metric.about.endswith(".")
        assert metric.formula.leaves()


def test_a_formula_that_names_nothing_is_refused_at_start():
    Metric("lost", "Lost", Unit.COUNT, Of("nowhere"), "Of nothing.")
    try:
        (problem,) = declarations_hold()
    finally:
        del metrics["lost"]

    assert problem.msg == "The metric lost names nowhere, which no app declares."


def test_a_formula_made_of_itself_is_refused_at_start():
    Metric("loop", "Loop", Unit.COUNT, Of("loop"), "Of itself.")
    try:
        (problem,) = declarations_hold()
    finally:
        del metrics["loop"]

    assert problem.msg == "The metric loop is made of itself, through loop → loop."
    assert not declarations_hold()


def test_a_slug_is_declared_once():
    with pytest.raises(ValueError, match="Two metrics are called orders"):
        Metric("orders", "Orders", Unit.COUNT, Of("orders"), "Again.")
