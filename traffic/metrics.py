"""Who visited the shop, and how far they got. The only place these numbers are defined."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from metrics.declare import Dimension, Fact, Good, Metric, Unit, each
from metrics.words import UNKNOWN_LABEL, UNKNOWN_WORD, choices, rows, spelled
from traffic.models import Device, Page, Session, Step, Tag

CORE = ("channel", "country", "device")
DEEP = (*CORE, "tag")

ALL_STEPS = sum(Step.values)


def closed(*steps: Step) -> str:
    """An SQL condition: the session holds all of these steps, in whatever order."""
    wanted = sum(steps)
    matching = [str(bits) for bits in range(ALL_STEPS + 1) if bits & wanted == wanted]
    return f"steps IN ({', '.join(matching)})"


visits = Fact(
    Session,
    "sessions",
    (*DEEP, "landing_page"),
    ((), *each(DEEP), ("landing_page",), CORE, DEEP),
    unique_scopes=CORE,
    unique_cells=CORE,
)
sessions = visits.count("sessions")
visitors = visits.unique("visitors", "visitor")
first_visits = visits.flag("new_visitors", "is_first")
page_views = visits.sum("page_views")
bounces = visits.flag(
    "bounces",
    "events <= 1 OR (page_views = 1 AND product_views <= 1 "
    "AND cart_adds + checkouts + purchases = 0)",
)
seconds = visits.sum("seconds")
product_views = visits.sum("product_views")
purchases = visits.sum("purchases")
purchase_value = visits.own_money("purchase_value")

VIEW, CART, CHECKOUT = Step.PRODUCT_VIEW, Step.ADD_TO_CART, Step.CHECKOUT
viewed = visits.flag("product_view_sessions", closed(VIEW))
carted = visits.flag("add_to_cart_sessions", closed(VIEW, CART))
checked_out = visits.flag("checkout_sessions", closed(VIEW, CART, CHECKOUT))
paying = visits.flag("payment_sessions", closed(VIEW, CART, CHECKOUT, Step.PAYMENT))
bought = visits.flag("purchase_sessions", closed(VIEW, CART, CHECKOUT, Step.PURCHASE))

TRAFFIC, FUNNEL = "Traffic", "Funnel"
SESSION = _(
    "A session is a visitor's events with no pause over 30 minutes, cut at midnight in the store's "
    "zone."
)

Metric("sessions", _("Sessions"), Unit.COUNT, sessions, SESSION, group=TRAFFIC)
Metric(
    "visitors",
    _("Visitors"),
    Unit.COUNT,
    visitors,
    _(
        "Different browsers or devices seen in the period, each counted once however often it came "
        "back. A visitor of two stores counts in both."
    ),
    group=TRAFFIC,
)
Metric(
    "new_visitors",
    _("New visitors"),
    Unit.COUNT,
    first_visits,
    _("Visitors whose first session ever falls in the period."),
    group=TRAFFIC,
)
Metric(
    "page_views",
    _("Page views"),
    Unit.COUNT,
    page_views,
    _("Pages shown, each time they were shown, by the day their session began."),
    group=TRAFFIC,
)
Metric(
    "pages_per_session",
    _("Pages per session"),
    Unit.RATIO,
    page_views / sessions,
    _("Page views divided by sessions."),
    group=TRAFFIC,
)
Metric(
    "bounce_rate",
    _("Bounce rate (one page)"),
    Unit.SHARE,
    bounces / sessions,
    _(
        "Matomo's definition: sessions with one page view, or one event, and nothing else done, "
        "divided by sessions. Google's, one minus engaged sessions, is another number."
    ),
    Good.DOWN,
    TRAFFIC,
)
Metric(
    "time_per_session",
    _("Time per session"),
    Unit.SECONDS,
    seconds / sessions,
    _(
        "Time from a session's first event to its last, divided by sessions. Time on the last page "
        "is unknown and not included."
    ),
    group=TRAFFIC,
)
Metric(
    "product_views",
    _("Product views"),
    Unit.COUNT,
    product_views,
    _("How often a product page was looked at, several times in one session each counted."),
    group=TRAFFIC,
)
Metric(
    "purchase_events",
    _("Purchase events"),
    Unit.COUNT,
    purchases,
    _(
        "Purchases that the tracking reported, repeats and those without an order number included. "
        "For comparison with the tracking's own reports; orders come from the shop."
    ),
    group=TRAFFIC,
)
Metric(
    "purchase_value",
    _("Purchase value by events"),
    Unit.MONEY,
    purchase_value,
    _(
        "The value that tracking reported with purchase events, repeats included, in the store's "
        "own currency only. For comparison; sales come from orders."
    ),
    group=TRAFFIC,
)
Metric(
    "product_view_sessions",
    _("Sessions with a product view"),
    Unit.COUNT,
    viewed,
    _("Sessions in which a product was looked at; seeing a list first is not required."),
    group=FUNNEL,
)
Metric(
    "add_to_cart_sessions",
    _("Sessions with an addition to the cart"),
    Unit.COUNT,
    carted,
    _("Sessions that hold a product view and an addition to the cart, in any order."),
    group=FUNNEL,
)
Metric(
    "checkout_sessions",
    _("Sessions with a checkout"),
    Unit.COUNT,
    checked_out,
    _("Sessions that hold product view, addition to the cart and checkout start, in any order."),
    group=FUNNEL,
)
Metric(
    "payment_sessions",
    _("Sessions with a payment step"),
    Unit.COUNT,
    paying,
    _("Sessions that hold all steps up to checkout start and the payment step."),
    group=FUNNEL,
)
Metric(
    "purchase_sessions",
    _("Sessions with a purchase"),
    Unit.COUNT,
    bought,
    _(
        "Sessions that hold product view, addition to the cart, checkout start and purchase, in "
        "any order. A separate payment step is not required."
    ),
    group=FUNNEL,
)
Metric(
    "product_view_rate",
    _("Product view rate"),
    Unit.SHARE,
    viewed / sessions,
    _("Sessions with a product view divided by sessions."),
    group=FUNNEL,
)
Metric(
    "add_to_cart_rate",
    _("Add-to-cart rate"),
    Unit.SHARE,
    carted / viewed,
    _("Sessions with an addition to the cart divided by sessions with a product view."),
    group=FUNNEL,
)
Metric(
    "checkout_rate",
    _("Checkout rate"),
    Unit.SHARE,
    checked_out / carted,
    _("Sessions with a checkout divided by sessions with an addition to the cart."),
    group=FUNNEL,
)
Metric(
    "payment_rate",
    _("Payment step rate"),
    Unit.SHARE,
    paying / checked_out,
    _("Sessions with a payment step divided by sessions with a checkout."),
    group=FUNNEL,
)
Metric(
    "purchase_rate",
    _("Purchase rate"),
    Unit.SHARE,
    bought / checked_out,
    _("Sessions with a purchase divided by sessions with a checkout."),
    group=FUNNEL,
)
Metric(
    "cart_abandonment",
    _("Cart abandonment"),
    Unit.SHARE,
    1 - bought / carted,
    _("The share of sessions with an addition to the cart that did not end in a purchase."),
    Good.DOWN,
    FUNNEL,
)

device = choices("device", _("Device"), Device)
landing_page = rows("landing_page", _("Landing page"), Page, word="path", name="path")


def groups(stores: Sequence[int]) -> dict[int, int]:
    """The marketing channel of every source tag."""
    return dict(Tag.objects.filter(store_id__in=stores).values_list("pk", "group"))


source = choices("source", _("Source"), Tag.Group, column="tag", fold=groups)


def tag_labels(stores: Sequence[int], ids: Iterable[int]) -> dict[int, str]:
    """Source, medium and campaign of each tag."""
    known = {tag.pk: str(tag) for tag in Tag.objects.filter(pk__in=list(ids))}
    return spelled(known, ids, gettext(UNKNOWN_LABEL))


def tag_words(stores: Sequence[int], ids: Iterable[int]) -> dict[int, str]:
    """A tag has no word of its own but its number."""
    return {pk: str(pk) if pk else UNKNOWN_WORD for pk in ids}


tag = Dimension(
    "tag",
    _("Source tag"),
    "tag",
    rows("tag", _("Source tag"), Tag, word="pk", name="source").ids,
    tag_labels,
    tag_words,
)
