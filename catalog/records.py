"""Products as readers hand them over, before they land."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """One variant with its product's fields repeated; a product without variants is one row.

    `category` is a path, branches parted by " > ". Money is in the store's currency.
    """

    product_id: str
    variant_id: str
    title: str
    handle: str | None = None
    description: str | None = None
    status: str | None = None
    category: str | None = None
    brand: str | None = None
    image_url: str | None = None
    tags: str | None = None
    variant_title: str | None = None
    sku: str | None = None
    barcode: str | None = None
    price: Decimal | None = None
    compare_price: Decimal | None = None
    cost: Decimal | None = None
    weight_g: int | None = None
    updated_at: datetime | None = None
