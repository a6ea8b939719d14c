"""Who bought, for the first time or again, and who asked for a catalogue."""

from django.utils.translation import gettext_noop as _

from metrics.declare import YEAR_DAYS, Good, Metric, Part, Unit
from sales.metrics.facts import (
    copies,
    customers,
    first_orders,
    repeaters,
    requested,
)

GROUP = "Customers"
YEAR_CUSTOMERS = Part(customers, days=YEAR_DAYS)

Metric(
    "customers",
    _("Customers"),
    Unit.COUNT,
    customers,
    _(
        "Different customers who placed an order that counts. Orders without a known customer are "
        "left out; a customer of two stores counts in both."
    ),
    group=GROUP,
)
Metric(
    "new_customers",
    _("New customers"),
    Unit.COUNT,
    first_orders,
    _("Customers whose first order ever that counts falls in the period."),
    group=GROUP,
)
Metric(
    "returning_customers",
    _("Returning customers"),
    Unit.COUNT,
    customers - first_orders,
    _("Customers of the period who placed their first order before it."),
    group=GROUP,
)
Metric(
    "new_customer_share",
    _("New-customer share"),
    Unit.SHARE,
    first_orders / customers,
    _("New customers divided by all customers of the period."),
    Good.NEITHER,
    GROUP,
)
Metric(
    "repeat_rate",
    _("Repeat rate"),
    Unit.SHARE,
    repeaters / YEAR_CUSTOMERS,
    _(
        "Of the customers who ordered in the 365 days that end with the period, the share who "
        "ordered at least twice in these days."
    ),
    group=GROUP,
)
Metric(
    "catalogue_requests",
    _("Catalogue requests"),
    Unit.COUNT,
    requested,
    _("Requests for a printed or PDF catalogue, a brochure or a sample, each counted once."),
    group="Marketing",
)
Metric(
    "catalogues_ordered",
    _("Catalogues ordered"),
    Unit.COUNT,
    copies,
    _("Copies and samples asked for, several in one request each counted."),
    group="Marketing",
)
