"""Exchange rates as readers hand them over, before they land."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RateRecord:
    """What one unit of `currency` was worth in `to_currency` on `day`."""

    day: date
    currency: str
    to_currency: str
    rate: Decimal
