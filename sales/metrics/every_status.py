"""The same sums over orders of every status, for reports that do not tell sales from the rest."""

from django.utils.translation import gettext_noop as _

from metrics.declare import Good, Metric, Unit
from sales.metrics.facts import (
    all_gross,
    all_placed,
    all_shipping,
    all_units,
    all_with_lines,
    paid,
)

Metric(
    "gross_sales_all",
    _("Gross sales, every status"),
    Unit.MONEY,
    all_gross,
    _(
        "Quantity times list price over orders of every status, also cancelled, undeliverable and "
        "test orders. For comparison with reports that do not leave them out."
    ),
)
Metric(
    "orders_all",
    _("Orders, every status"),
    Unit.COUNT,
    all_placed,
    _("Orders of every status, also cancelled, undeliverable and test orders."),
)
Metric(
    "orders_with_lines_all",
    _("Orders with goods, every status"),
    Unit.COUNT,
    all_with_lines,
    _("Orders of every status that have at least one line."),
)
Metric(
    "units_all",
    _("Units, every status"),
    Unit.COUNT,
    all_units,
    _("Pieces in orders of every status."),
)
Metric(
    "average_order_all",
    _("Average order value, every status"),
    Unit.MONEY,
    all_gross / all_with_lines,
    _(
        "Gross sales over every status divided by orders of every status that have at least one "
        "line. Discounts are not taken off."
    ),
)
Metric(
    "shipping_charged_all",
    _("Shipping charged, every status"),
    Unit.MONEY,
    all_shipping,
    _("What customers were charged for delivery on orders of every status, before tax."),
    Good.NEITHER,
)
Metric(
    "payments_received",
    _("Payments received"),
    Unit.MONEY,
    paid,
    _(
        "Payments towards orders of every status, tax and shipping included, by the day of "
        "payment, or of the order when the source gives none. Failed, declined, pending and "
        "voided payments are left out; refunds are not deducted."
    ),
)
