"""Stock levels as readers hand them over, before they land."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LevelRecord:
    """How many pieces of a variant a location holds; the variant by its id or by its SKU."""

    location: str
    variant_id: str | None = None
    sku: str | None = None
    on_hand: int | None = None
    committed: int | None = None
    incoming: int | None = None
    as_of: datetime | None = None
