"""Rows of orders and what belongs to them, as readers hand them over, before they land.

One dataclass is one flat table. Ids are the source's own, as text. Money is Decimal in `currency`
(the store's when empty), before tax. Moments are aware. None means "the source did not say".
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """One customer as the source knows them."""

    external_id: str
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    country: str | None = None
    city: str | None = None
    accepts_marketing: bool | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order without its lines. `country` is ISO 3166 alpha-2, `device` a traffic.Device name.

    `status` is one of sales.Order.Status; `source_status` keeps the source's own word.
    `discount` is on the whole order and is allotted to the lines, as is `tax` when lines have none.
    """

    external_id: str
    placed_at: datetime
    number: str | None = None
    status: str = "paid"
    source_status: str | None = None
    customer_id: str | None = None
    channel: str | None = None
    country: str | None = None
    device: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    currency: str | None = None
    shipping: Decimal | None = None
    shipping_tax: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One product within an order; all but `unit_price` is for all its pieces together."""

    order_id: str
    external_id: str
    quantity: int
    unit_price: Decimal
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    title: str | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    cost: Decimal | None = None
    shipping: Decimal | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """One payment towards an order."""

    order_id: str
    external_id: str
    amount: Decimal
    method: str | None = None
    status: str | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """One line of a refund; `line_id` is the order line's, empty if only shipping went back."""

    order_id: str
    refund_id: str
    external_id: str
    refunded_at: datetime
    line_id: str | None = None
    quantity: int | None = None
    amount: Decimal | None = None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    is_restocked: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogueRequestRecord:
    """Someone asked for a catalogue, brochure or sample."""

    external_id: str
    requested_at: datetime
    kind: str = "print"
    email: str | None = None
    country: str | None = None
    quantity: int | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
