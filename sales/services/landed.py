"""What came of a batch of sales rows."""

from dataclasses import dataclass, field

from core.landing import Landed


@dataclass(frozen=True)
class LandedSales(Landed):
    """`customers` are those whose figures the caller settles when all of the page is in."""

    customers: list[int] = field(default_factory=list)
