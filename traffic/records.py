"""Visits as readers hand them over, before they land. Moments are aware, ids are the source's."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One thing a visitor did. `kind` is a traffic.Kind name in lower case.

    An event is known by `visitor` and `external_id` together.
    """

    visitor: str
    external_id: str
    at: datetime
    kind: str
    channel: str | None = None
    country: str | None = None
    device: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    page: str | None = None
    product_id: str | None = None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One ready-made visit of a source that gives no events. `steps` are traffic.Step bits."""

    visitor: str
    external_id: str
    started_at: datetime
    seconds: int | None = None
    events: int | None = None
    page_views: int | None = None
    product_views: int | None = None
    cart_adds: int | None = None
    checkouts: int | None = None
    purchases: int | None = None
    purchase_value: Decimal | None = None
    steps: int | None = None
    channel: str | None = None
    country: str | None = None
    device: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    landing_page: str | None = None
