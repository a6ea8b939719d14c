"""What marketing cost and reached. The only place these numbers are defined."""

from collections.abc import Iterable, Sequence
from functools import partial

from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from campaigns.models import AdSpend, Campaign, CampaignTag
from metrics.declare import Dimension, Fact, Given, Good, Metric, Unit, each
from metrics.words import UNKNOWN_WORD, ids_of, spelled, stores_of

DEEP = ("channel", "country", "device", "tag")
GROUP = "Marketing"

ads = Fact(AdSpend, "ad_spend", DEEP, ((), *each(DEEP), DEEP))
ad_rows = ads.count("ads")
spend = ads.money("spend")
spend_known = ads.flag("spend_known", "spend IS NOT NULL")
impressions = ads.sum("impressions")
clicks = ads.sum("clicks")
paid_clicks = ads.sum("paid_clicks", "CASE WHEN spend IS NULL THEN 0 ELSE clicks END")
ads.flag("unrated", "spend IS NOT NULL AND spend_reporting IS NULL")

known_spend = Given(spend, known=spend_known, among=ad_rows)

Metric(
    "ad_spend",
    _("Ad spend"),
    Unit.MONEY,
    known_spend,
    _(
        "What advertising platforms charged, on the day the ads ran. Agency fees and tax are not "
        "included; nothing is shown while no platform tells its cost."
    ),
    Good.NEITHER,
    GROUP,
)
Metric(
    "impressions",
    _("Impressions"),
    Unit.COUNT,
    impressions,
    _("How often ads were shown, as the platforms count it."),
    group=GROUP,
)
Metric(
    "clicks",
    _("Clicks"),
    Unit.COUNT,
    clicks,
    _("Clicks on ads, as the platforms count them; sessions are fewer."),
    group=GROUP,
)
Metric(
    "click_through_rate",
    _("Click-through rate"),
    Unit.SHARE,
    clicks / impressions,
    _("Clicks divided by impressions."),
    group=GROUP,
)
Metric(
    "cost_per_click",
    _("Cost per click"),
    Unit.MONEY,
    spend / paid_clicks,
    _("Ad spend divided by the clicks on ads whose cost is known."),
    Good.DOWN,
    GROUP,
)


def folded(stores: Sequence[int]) -> dict[int, int]:
    """The campaign of every source tag that has one."""
    found = CampaignTag.objects.filter(tag__store_id__in=stores)
    return dict(found.values_list("tag_id", "campaign_id"))


def campaign_ids(stores: Sequence[int], words: Iterable[str]) -> list[int]:
    """Campaigns by their number or by their name as a slug."""
    known: dict[str, list[int]] = {}
    for pk, name in Campaign.objects.filter(store_id__in=stores).values_list("pk", "name"):
        for word in {str(pk), slugify(name)}:
            known.setdefault(word, []).append(pk)
    return ids_of("Campaign", known, words)


def names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Campaign.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def campaign_labels(stores: Sequence[int], ids: Iterable[int]) -> dict[int, str]:
    """The campaigns' names."""
    return spelled(names(ids), ids, gettext("No campaign"))


def campaign_words(stores: Sequence[int], ids: Iterable[int]) -> dict[int, str]:
    """The campaigns' names as slugs, their numbers where a name has no letters."""
    words = {pk: slugify(name) or str(pk) for pk, name in names(ids).items()}
    return spelled(words, ids, UNKNOWN_WORD)


campaign = Dimension(
    "campaign",
    _("Campaign"),
    "tag",
    campaign_ids,
    campaign_labels,
    campaign_words,
    folded,
    apart=partial(stores_of, Campaign),
)
