"""What was done to the simulated shop on purpose: the truth that an analysis must find again.

Dates are counted from the anchor, the day on which the demo was loaded: day -1 is the last full
day of the history. The simulator reads its sizes from this table, and so does docs/demo.md.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from stores.models import CalendarEntry

Kind = CalendarEntry.Kind


@dataclass(frozen=True)
class Cause:
    """One planted cause: from `first` to `last` (days from the anchor, both included).

    `size` multiplies the affected quantity within the scope; `calendar` is the kind of calendar
    entry that a shop's people would have made of it, None for what nobody announced.
    """

    slug: str
    first: int
    last: int | None
    size: float
    what: str
    scope: str
    effect: str
    title: str = ""
    calendar: CalendarEntry.Kind | None = None

    def is_on(self, day_from_anchor: int) -> bool:
        return self.first <= day_from_anchor and (self.last is None or day_from_anchor <= self.last)

    def starts_on(self, anchor: date) -> date:
        return anchor + timedelta(days=self.first)

    def ends_on(self, anchor: date) -> date | None:
        return None if self.last is None else anchor + timedelta(days=self.last)


CAUSES: dict[str, Cause] = {
    cause.slug: cause
    for cause in (
        Cause(
            "bad_batch", -100, -87, 5.0, "Bad supplier batch",
            "orders placed on these days with goods of the brand Fernholm",
            "share of lines refunded × 5, reason “Damaged”",
        ),
        Cause(
            "price_rise", -75, None, 1.12, "Price rise",
            "all products under Coffee & tea",
            "list prices × 1.12, add-to-cart rate × 0.80",
            "Coffee & tea prices up 12%", Kind.PRICE,
        ),
        Cause(
            "slow_release", -66, -61, 1.35, "Release that slows pages",
            "all visits to shop and app",
            "bounce rate × 1.35",
            "New shop front", Kind.RELEASE,
        ),
        Cause(
            "campaign_launch", -52, -39, 0.14, "Campaign launch",
            "paid social campaign new-season (Meta Ads)",
            "visits of the store + 14%, all of them with the new tag; its spend begins",
            "Campaign new-season", Kind.CAMPAIGN,
        ),
        Cause(
            "competitor_promotion", -47, -41, 0.6, "Competitor's promotion",
            "visits that look at products under Bedroom first",
            "add-to-cart rate × 0.60",
        ),
        Cause(
            "tracking_break", -38, -32, 0.1, "Tracking tags break",
            "visits from Meta (facebook / paid_social)",
            "9 of 10 arrive without their tag, as (direct) / (none)",
        ),
        Cause(
            "review_drop", -33, -13, 0.5, "Reviews turn bad",
            "eight well-selling products of the brand Koru",
            "add-to-cart rate × 0.50",
        ),
        Cause(
            "holiday", -30, -27, 0.45, "Long holiday weekend",
            "visitors in Austria",
            "visits × 0.45",
            "Long weekend in Austria", Kind.HOLIDAY,
        ),
        Cause(
            "stock_out", -24, -16, 0.0, "Best sellers out of stock",
            "the six best-selling products",
            "none can be added to the cart; they are still looked at",
        ),
        Cause(
            "overspend", -19, -14, 2.8, "Overspend",
            "campaign generic (Google Ads)",
            "spend × 2.8, without more visits",
        ),
        Cause(
            "payment_broken", -11, -10, 0.15, "Payment step broken",
            "mobile visits that reach the payment step",
            "purchases per payment step × 0.15",
        ),
        Cause(
            "payment_declines", -8, -4, 10.0, "Payments declined",
            "payments from France",
            "share of declined payments × 10 (3% → 30%)",
        ),
    )
}  # fmt: skip


def size_of(slug: str, day_from_anchor: int, otherwise: float = 1.0) -> float:
    """The cause's size on a day on which it is on, else `otherwise`."""
    cause = CAUSES[slug]
    return cause.size if cause.is_on(day_from_anchor) else otherwise


def days_in_words(cause: Cause) -> str:
    """The days of a cause as docs/demo.md counts them: `−24 … −16`, or `−75 …` when it goes on."""
    first = f"−{-cause.first}"
    return f"{first} …" if cause.last is None else f"{first} … −{-cause.last}"


def table_rows() -> list[str]:
    """The rows of the table in docs/demo.md, in order of time."""
    return [
        f"| {days_in_words(cause)} | {cause.what} | {cause.scope} | {cause.effect} | "
        f"{'yes' if cause.calendar else 'no'} |"
        for cause in CAUSES.values()
    ]
