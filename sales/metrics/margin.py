"""What is left of sales once the goods are paid for."""

from django.utils.translation import gettext_noop as _

from metrics.declare import Given, Good, Metric, Unit
from sales.metrics.facts import (
    cost,
    cost_back,
    costed,
    costed_back,
    costed_lines,
    discount,
    gross,
    sold_lines,
)

GROUP = "Margin"
RIGHT = "see_costs"
MARGIN = costed - cost - (costed_back - cost_back)

Metric(
    "cost_of_goods",
    _("Cost of goods"),
    Unit.MONEY,
    Given(cost - cost_back, known=costed_lines, among=sold_lines),
    _(
        "What the pieces sold had cost at the time of sale, less the cost of pieces that came back "
        "into stock. Lines without a known cost are left out; nothing is shown while no cost is "
        "known."
    ),
    Good.NEITHER,
    GROUP,
    RIGHT,
)
Metric(
    "gross_margin",
    _("Gross margin"),
    Unit.MONEY,
    Given(MARGIN, known=costed_lines, among=sold_lines),
    _(
        "Net sales less cost of goods, over those lines and refunds whose cost is known: compare "
        "the share of sales with known cost. Shipping, payment fees and marketing are not "
        "deducted. Nothing is shown while no cost is known."
    ),
    Good.UP,
    GROUP,
    RIGHT,
)
Metric(
    "gross_margin_share",
    _("Gross margin share"),
    Unit.SHARE,
    Given(MARGIN / (costed - costed_back), known=costed_lines, among=sold_lines),
    _(
        "Gross margin divided by the net sales of the same lines and refunds: only those whose "
        "cost is known."
    ),
    Good.UP,
    GROUP,
    RIGHT,
)
Metric(
    "costed_share",
    _("Sales with known cost"),
    Unit.SHARE,
    costed / (gross - discount),
    _("The share of sales after discounts whose cost is known, on which margins are based."),
    Good.UP,
    GROUP,
    RIGHT,
)
