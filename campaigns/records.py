"""Ad spend as readers hand it over, before it lands."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SpendRecord:
    """One ad on one day. `spend` is in `currency` (the store's when empty)."""

    day: date
    platform: str
    external_id: str
    campaign: str | None = None
    ad_group: str | None = None
    ad: str | None = None
    spend: Decimal | None = None
    impressions: int | None = None
    clicks: int | None = None
    currency: str | None = None
    country: str | None = None
    device: str | None = None
    source: str | None = None
    medium: str | None = None
    content: str | None = None
