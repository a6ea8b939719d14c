"""Numbers that need sales and traffic or marketing together."""

from django.utils.translation import gettext_noop as _

from campaigns.metrics import known_spend
from metrics.declare import Metric, Of, Unit, only, ratio
from sales.metrics.facts import discount, gross, placed, refunded_by_order_day
from stores.metrics import UNSEEN_KINDS
from traffic.metrics import sessions

seen_orders = placed - only(placed, "channel_kind", *UNSEEN_KINDS)
PAID_SOURCES = ("paid_search", "paid_social", "display", "affiliate")
paid_sales = only(gross - discount - refunded_by_order_day, "source", *PAID_SOURCES)

Metric(
    "conversion_rate",
    _("Conversion rate"),
    Unit.SHARE,
    seen_orders / sessions,
    _(
        "Orders divided by sessions, without the orders of marketplaces and points of sale, whose "
        "visits nobody tracks. Orders come from the shop and sessions from tracking, so other "
        "orders without a tracked visit count too."
    ),
    group="Funnel",
)
Metric(
    "sales_per_session",
    _("Sales per session"),
    Unit.MONEY,
    ratio("net_sales", "sessions"),
    _("Net sales divided by sessions."),
    group="Funnel",
)
Metric(
    "paid_sales",
    _("Sales from paid sources"),
    Unit.MONEY,
    paid_sales,
    _(
        "Gross sales less discounts and less later refunds of the same orders, for orders whose "
        "source is paid search, paid social, display or affiliate: the last source known before "
        "the order gets all of it."
    ),
    group="Marketing",
)
Metric(
    "roas",
    _("Return on ad spend"),
    Unit.RATIO,
    paid_sales / known_spend,
    _(
        "Sales from paid sources divided by ad spend. Asked by campaign or source, both sides are "
        "those of that campaign or source."
    ),
    group="Marketing",
)
Metric(
    "marketing_efficiency",
    _("Marketing efficiency"),
    Unit.RATIO,
    Of("net_sales") / Of("ad_spend"),
    _("All net sales divided by all ad spend, whatever brought the orders."),
    group="Marketing",
)
