"""What the shop sold, took back and charged."""

from django.utils.translation import gettext_noop as _

from metrics.declare import Good, Metric, Unit
from sales.metrics.facts import (
    discount,
    gross,
    line_tax,
    placed,
    refunded,
    refunded_by_order_day,
    shipping,
    shipping_back,
    shipping_tax,
    tax_back,
    units_back,
    units_sold,
)

Metric(
    "gross_sales",
    _("Gross sales"),
    Unit.MONEY,
    gross,
    _(
        "Quantity times list price of everything sold, before discounts, tax and shipping. Orders "
        "that were cancelled, could not be delivered or are tests are left out; refunds are not "
        "taken off."
    ),
)
Metric(
    "discounts",
    _("Discounts"),
    Unit.MONEY,
    discount,
    _(
        "Everything taken off list prices: discounts on lines and on whole orders, the latter "
        "allotted to the lines. Before tax; discounts on shipping are not included."
    ),
    Good.NEITHER,
)
Metric(
    "refunds",
    _("Refunds"),
    Unit.MONEY,
    refunded,
    _(
        "Money given back for goods, before tax, on the day it was given. Shipping and tax given "
        "back are not included."
    ),
    Good.DOWN,
)
Metric(
    "refunds_by_order_day",
    _("Refunds by order day"),
    Unit.MONEY,
    refunded_by_order_day,
    _(
        "Money given back for goods, before tax, counted on the day of the order that it belongs "
        "to. Recent days still grow as refunds arrive."
    ),
    Good.DOWN,
)
Metric(
    "net_sales",
    _("Net sales"),
    Unit.MONEY,
    gross - discount - refunded,
    _(
        "Turnover: gross sales less discounts and refunds, before tax and shipping; a refund "
        "counts on the day it was made."
    ),
)
Metric(
    "shipping_charged",
    _("Shipping charged"),
    Unit.MONEY,
    shipping,
    _("What customers were charged for delivery, before tax; shipping given back is not deducted."),
    Good.NEITHER,
)
Metric(
    "refunded_shipping",
    _("Shipping refunded"),
    Unit.MONEY,
    shipping_back,
    _("Delivery charges given back, before tax, on the day they were given back."),
    Good.DOWN,
)
Metric(
    "tax",
    _("Tax"),
    Unit.MONEY,
    line_tax + shipping_tax,
    _("Tax charged on goods and shipping; tax given back is not deducted."),
    Good.NEITHER,
)
Metric(
    "refunded_tax",
    _("Tax refunded"),
    Unit.MONEY,
    tax_back,
    _("Tax given back with refunded goods, on the day it was given back."),
    Good.NEITHER,
)
Metric(
    "total_sales",
    _("Total sales"),
    Unit.MONEY,
    gross - discount - refunded + shipping + line_tax + shipping_tax - shipping_back - tax_back,
    _(
        "Revenue generated: net sales plus shipping charged and tax, less shipping and tax given "
        "back. Has no breakdown by product or category, because shipping belongs to whole orders."
    ),
)
Metric(
    "orders",
    _("Orders"),
    Unit.COUNT,
    placed,
    _(
        "Orders placed, by the day they were placed. Cancelled, undeliverable and test orders are "
        "left out."
    ),
)
Metric(
    "units",
    _("Units sold"),
    Unit.COUNT,
    units_sold,
    _("Pieces in the orders that count; pieces sent back are not deducted."),
)
Metric(
    "units_returned",
    _("Units refunded"),
    Unit.COUNT,
    units_back,
    _("Pieces for which money was given back, on the day it was given."),
    Good.DOWN,
)
Metric(
    "average_order",
    _("Average order value"),
    Unit.MONEY,
    (gross - discount) / placed,
    _("Gross sales less discounts, divided by orders. Refunds, tax and shipping play no part."),
)
Metric(
    "units_per_order",
    _("Units per order"),
    Unit.RATIO,
    units_sold / placed,
    _("Pieces sold divided by orders."),
)
Metric(
    "discount_rate",
    _("Discount rate"),
    Unit.SHARE,
    discount / gross,
    _("Discounts divided by gross sales."),
    Good.DOWN,
)
Metric(
    "refund_rate",
    _("Refund rate"),
    Unit.SHARE,
    refunded / gross,
    _(
        "Refunds made in the period divided by gross sales of the period: both by their own day, "
        "so a refund may belong to an earlier sale."
    ),
    Good.DOWN,
)
