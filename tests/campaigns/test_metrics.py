"""What marketing cost and reached, and the campaigns that it is mapped to."""

from decimal import Decimal

import pytest

from campaigns.models import AdSpend, Campaign
from core.errors import Refused
from metrics.answers import ask
from metrics.query import Query
from tests.metrics.rows import (
    DAY,
    MAY,
    figure,
    figures,
    numbers,
    origin_of,
    scope_of,
    sell,
    use_facts,
    use_rollups,
    visit,
)
from traffic.models import Tag

pytestmark = pytest.mark.django_db


def advertise(store, spend=None, impressions=0, clicks=0, tag=0):
    return AdSpend.objects.create(
        store=store, origin=origin_of(store), external_id=str(next(numbers)), day=DAY, tag=tag,
        platform="ads", currency="EUR", spend=spend, spend_reporting=spend,
        impressions=impressions, clicks=clicks,
    )  # fmt: skip


@pytest.fixture(params=["facts", "rollups"])
def shop(request, store):
    """Two paid tags of one campaign, a paid tag of none, and e-mail; a sale and visits by each."""
    spring = Campaign.objects.create(store=store, name="Spring sale")
    tags = {
        name: Tag.objects.create(store=store, source=name, medium="x", group=group)
        for name, group in (
            ("search", Tag.Group.PAID_SEARCH),
            ("social", Tag.Group.PAID_SOCIAL),
            ("banner", Tag.Group.DISPLAY),
            ("letter", Tag.Group.EMAIL),
        )
    }
    for name in ("search", "social"):
        spring.campaign_tags.create(tag=tags[name])
    advertise(store, 40, 1000, 20, tag=tags["search"].pk)
    advertise(store, 10, 500, 10, tag=tags["social"].pk)
    advertise(store, None, 500, 70, tag=tags["banner"].pk)
    for name, gross in (("search", 100), ("social", 60), ("banner", 20), ("letter", 300)):
        sell(store, DAY, {"gross": gross}, tag=tags[name].pk)
        visit(store, visitor=1, tag=tags[name].pk, is_derived=False)
    visit(store, visitor=2, tag=tags["social"].pk, is_derived=False)
    use_facts() if request.param == "facts" else use_rollups(store)
    return store


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("ad_spend", 50),
        ("impressions", 2000),
        ("clicks", 100),
        ("click_through_rate", Decimal("0.05")),
        ("cost_per_click", Decimal(50) / 30),
        ("paid_sales", 180),
        ("roas", Decimal("3.6")),
        ("marketing_efficiency", Decimal("9.6")),
    ],
)
def test_figure_of_may(shop, slug, value):
    assert figure(shop, slug) == value


def test_spend_is_unknown_while_no_source_tells_it(store):
    advertise(store, None, 100, 5)
    use_facts()

    answer = figures(store, "ad_spend", "clicks", "cost_per_click", "roas")

    assert [cell.value for cell in answer.total.cells.values()] == [None, 5, None, None]


def test_campaigns_are_folded_before_anything_is_divided(shop):
    answer = figures(shop, "net_sales", "average_order", "roas", "visitors", by=["campaign"])

    assert [row.words for row in answer.rows] == [("unknown",), ("spring-sale",)]
    assert [row.labels for row in answer.rows] == [("No campaign",), ("Spring sale",)]
    assert answer["net_sales", "spring-sale"].value == 160
    assert answer["average_order", "spring-sale"].value == 80
    assert answer["roas", "spring-sale"].value == Decimal("3.2")
    assert answer["visitors", "spring-sale"].value == 2
    assert answer["visitors", "unknown"].value == 1
    assert answer["visitors"].value == 2


def test_sources_group_tags(shop):
    answer = figures(shop, "net_sales", "visitors", by=["source"])

    assert {row.words[0]: row.cells["net_sales"].value for row in answer.rows} == {
        "email": 300,
        "paid_search": 100,
        "paid_social": 60,
        "display": 20,
    }
    assert answer["visitors", "paid_social"].value == 2


def test_campaign_and_source_together(shop):
    answer = figures(shop, "net_sales", "sessions", by=["campaign", "source"])

    assert answer["net_sales", "spring-sale", "paid_social"].value == 60
    assert answer["sessions", "spring-sale", "paid_social"].value == 2
    assert answer["net_sales", "unknown", "email"].value == 300


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"where": {"campaign": ["spring-sale"]}}, 160),
        ({"where": {"campaign": ["unknown"]}}, 320),
        ({"exclude": {"campaign": ["spring-sale"]}}, 320),
        ({"exclude": {"campaign": ["unknown"]}}, 160),
        ({"where": {"campaign": ["spring-sale"], "source": ["paid_search"]}}, 100),
        ({"where": {"source": ["email", "display"]}}, 320),
        ({"where": {"source": ["affiliate"]}}, 0),
    ],
)
def test_filtered_by_campaign_and_source(shop, asked, value):
    assert figure(shop, "net_sales", **asked) == value


def test_remapping_a_tag_changes_the_answer_without_touching_rows(shop):
    tag = Tag.objects.get(source="banner")
    Campaign.objects.get(store=shop).campaign_tags.create(tag=tag)

    assert figure(shop, "net_sales", where={"campaign": ["spring-sale"]}) == 180


def test_another_stores_campaign_is_not_known(shop, charlie):
    other = charlie.memberships.get().store
    with pytest.raises(Refused, match="No campaign is called “spring-sale”"):
        ask(Query(["net_sales"], scope_of(other), MAY, where={"campaign": ["spring-sale"]}))
