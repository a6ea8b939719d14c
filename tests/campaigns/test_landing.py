"""Ad spend of a source becomes rows; a day told again replaces what was told before."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.models import AdSpend, Campaign
from campaigns.records import SpendRecord
from campaigns.services.landing import follow_rates, map_tags
from metrics.models import Mark
from stores.records import RateRecord
from tests.landings import land
from traffic.models import Tag

pytestmark = pytest.mark.django_db
DAY = date(2024, 5, 1)
D = Decimal


def spend(amount="20", key="ad1", day=DAY, **fields) -> SpendRecord:
    return SpendRecord(day, "Google", key, "Spring", spend=D(amount), **fields)


def marked() -> list[date]:
    return sorted(set(Mark.objects.values_list("day", flat=True)))


def test_spend_becomes_a_row_with_its_tag_and_campaign(store, origin):
    done = land(store, origin, spend(impressions=900, clicks=30, country="de"))["ad_spend"]
    map_tags(store=store)

    row = AdSpend.objects.get()
    tag = Tag.objects.get(pk=row.tag)
    assert (done.new, row.spend, row.spend_reporting) == (1, 20, 20)
    assert (row.impressions, row.clicks, row.country, row.day) == (900, 30, 276, DAY)
    assert (tag.source, tag.medium, tag.campaign) == ("google", "cpc", "Spring")
    assert Campaign.objects.get().name == "Spring"
    assert marked() == [DAY]


def test_a_day_told_again_replaces_and_the_same_again_marks_nothing(store, origin):
    land(store, origin, spend("20"), spend("5", day=date(2024, 5, 2)))
    assert land(store, origin, spend("21.5"))["ad_spend"].changed == 1
    Mark.objects.all().delete()

    again = land(store, origin, spend("21.5"))["ad_spend"]

    assert (again.landed, again.unchanged, marked()) == (0, 1, [])
    assert list(AdSpend.objects.order_by("day").values_list("spend", flat=True)) == [D("21.5"), 5]


def test_spend_in_another_currency_waits_for_its_rate_and_is_rounded_half_to_even(store, origin):
    foreign = spend("0.0003", currency="usd")
    done = land(store, origin, foreign, spend("1", "ad2"))["ad_spend"]
    assert [w.waits_for for w in done.waiting] == ["rate:USD"]

    land(store, origin, RateRecord(DAY, "USD", "EUR", D("0.5")), foreign)

    row = AdSpend.objects.get(external_id="ad1")
    assert (row.currency, row.spend) == ("USD", D("0.0002"))


def test_spend_follows_a_reporting_rate_that_comes_late(store, origin):
    from stores.models import Workspace

    Workspace.objects.update(reporting_currency="USD")
    land(store, origin, spend("20"))
    assert AdSpend.objects.get().spend_reporting is None
    Mark.objects.all().delete()

    land(store, origin, RateRecord(DAY, "EUR", "USD", D("1.1")))
    follow_rates(store=store)

    assert (AdSpend.objects.get().spend_reporting, marked()) == (22, [DAY])


def test_what_cannot_be_right_is_named(store, origin):
    done = land(
        store,
        origin,
        spend("-1", impressions=-1),
        spend("1", "b", currency="EURO"),
        spend("2", "c"),
    )

    assert sorted((r.position, r.column) for r in done["ad_spend"].rejected) == [
        (0, "impressions"),
        (1, "currency"),
    ]
    assert AdSpend.objects.get().external_id == "c"
