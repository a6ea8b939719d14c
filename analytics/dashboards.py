"""What the pages show when nobody has chosen: the cards, the breakdowns, the strip of Home."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

CARDS = (
    "net_sales",
    "orders",
    "conversion_rate",
    "average_order",
    "gross_margin_share",
    "ad_spend",
    "marketing_efficiency",
    "refund_rate",
    "sessions",
    "units",
)
CARD_COUNT = 8
MAX_CARDS = 24
STRIP = (
    "net_sales",
    "orders",
    "conversion_rate",
    "average_order",
    "gross_margin_share",
    "ad_spend",
)
PACE = "net_sales"


@dataclass(frozen=True)
class Slot:
    """One breakdown card: the dimensions it can show, the first one unless the address says."""

    id: str
    dimensions: tuple[str, ...]
    span: int
    companions: tuple[str, ...] = ()
    top: int = 8
    is_chart: bool = False


SLOTS = (
    Slot("source", ("source", "channel"), 4, top=6, is_chart=True),
    Slot("place", ("country", "device", "customer_type"), 7, ("conversion_rate",)),
    Slot("goods", ("category", "product"), 5, ("gross_margin_share",)),
    Slot("campaign", ("campaign",), 7, ("roas",)),
    Slot("landing", ("landing_page",), 5, ("bounce_rate",)),
)
FILTERS = ("channel", "source", "country", "device", "category", "campaign", "customer_type")


@dataclass(frozen=True)
class Preset:
    """One named range of the date popover and the key that chooses it there."""

    name: str
    label: StrOrPromise
    key: str


PRESETS = (
    Preset("today", _("Today"), "T"),
    Preset("yesterday", _("Yesterday"), "E"),
    Preset("last7", _("Last 7 days"), "W"),
    Preset("last30", _("Last 30 days"), "D"),
    Preset("month", _("This month"), "M"),
    Preset("quarter", _("This quarter"), "Q"),
    Preset("year", _("This year"), "Y"),
)
