"""A clothing shop's event export: events with detail files beside them, orders, ad results."""

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.addresses import with_address_parts
from connectors.files.cells import Columns
from connectors.files.mapping import FieldFrom, Lookup, Mapping, Part, StreamFrom

KINDS = {
    "page": "page_view", "product viewed": "product_view", "product added": "add_to_cart",
    "checkout started": "checkout", "order completed": "purchase",
}  # fmt: skip
ITEMS = tuple(f"variant_item_{n}" for n in range(1, 6))
CENT4 = Decimal("0.0001")


def orders(table: pa.Table) -> dict[str, pa.Table]:
    """Orders, and a line for each item: the order's goods shared evenly, as none has a price."""
    lines: dict[str, list[object]] = {
        name: [] for name in ("#row", "order", "item", "price", "sku")
    }
    for row in table.to_pylist():
        items = [row[name] for name in ITEMS if row.get(name) and row[name] != "null"] or [""]
        goods = _amount(row["total_price"]) + _amount(row["total_discounts"])
        share = (goods / len(items)).quantize(CENT4)
        prices = [goods - share * (len(items) - 1)] + [share] * (len(items) - 1)
        for number, (sku, price) in enumerate(zip(items, prices, strict=True), start=1):
            cells = (row["#row"], row["id"], str(number), str(price), sku)
            for name, value in zip(lines, cells, strict=True):
                lines[name].append(value)
    return {"": table, "items": pa.table(lines)}


def events(table: pa.Table) -> dict[str, pa.Table]:
    """Events with where they came from and what they were about."""
    cells = Columns(table)
    value = pc.coalesce(
        *(cells.column(name) for name in ("viewed at", "added at", "checkout", "paid"))
    )
    sku = pc.coalesce(cells.column("viewed"), cells.column("added"))
    table = with_address_parts(table, "url")
    table = table.append_column("product", sku).append_column("value", value)
    return {"": table}


def _amount(text: str | None) -> Decimal:
    try:
        return Decimal(text or "0")
    except ArithmeticError:
        return Decimal(0)  # the order's own total is refused with its reason


SHAPES = {"shapees_orders": orders, "shapees_events": events}

SHAPEES = Mapping(
    slug="shapees",
    label="Shapees web events and ads (folder)",
    origin="shapees",
    currency="USD",
    zone="UTC",
    nulls=("null", "NaN"),
    notes=(
        "The orders file has no line prices: an order's goods are shared evenly over its items.",
        "An event is known by user and event id together; exact repeats count once.",
        "The ads file has no cost column: no cost in source, so spend stays unknown.",
    ),
    parts=(
        Part(
            file="*order_completed*",
            needs=("id", "total_price", "total_discounts", "shipping_country"),
            shape="shapees_orders",
            lookups=(
                Lookup(file="*events*", key="event_id", on="id", columns=(("user_id", "user"),)),
            ),
            streams=(
                StreamFrom(
                    "customers",
                    filled="user",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "user"),
                        FieldFrom("country", "shipping_country"),
                    ),
                ),
                StreamFrom(
                    "orders",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "id"),
                        FieldFrom("placed_at", "timestamp"),
                        FieldFrom("customer_id", "user"),
                        FieldFrom("country", "shipping_country"),
                        FieldFrom("discount", "total_discounts"),
                        FieldFrom("total", "total_price"),
                    ),
                ),
                StreamFrom(
                    "lines",
                    table="items",
                    fields=(
                        FieldFrom("order_id", "order"),
                        FieldFrom("external_id", "item"),
                        FieldFrom("quantity", constant="1"),
                        FieldFrom("unit_price", "price"),
                        FieldFrom("sku", "sku"),
                        FieldFrom("title", "sku"),
                    ),
                ),
            ),
        ),
        Part(
            file="*events*",
            needs=("user_id", "event_type", "event_id", "ts"),
            shape="shapees_events",
            lookups=(
                Lookup(file="*first_pages*", key="id", on="event_id", columns=(("url", "url"),)),
                Lookup(
                    file="*product_viewed*", key="id", on="event_id",
                    columns=(("variant", "viewed"), ("price", "viewed at")),
                ),
                Lookup(
                    file="*product_added*", key="id", on="event_id",
                    columns=(("variant", "added"), ("price", "added at")),
                ),
                Lookup(
                    file="*checkout_started*", key="id", on="event_id",
                    columns=(("total_price", "checkout"),),
                ),
                Lookup(
                    file="*order_completed*", key="id", on="event_id",
                    columns=(("total_price", "paid"), ("shipping_country", "country")),
                ),
            ),
            streams=(
                StreamFrom(
                    "events",
                    once_by=("visitor", "external_id"),
                    fields=(
                        FieldFrom("visitor", "user_id"),
                        FieldFrom("external_id", "event_id"),
                        FieldFrom("at", "ts"),
                        FieldFrom("kind", "event_type", choices=KINDS, otherwise="other"),
                        FieldFrom("source", "utm_source"),
                        FieldFrom("medium", "utm_medium"),
                        FieldFrom("campaign", "utm_campaign"),
                        FieldFrom("content", "utm_content"),
                        FieldFrom("page", "path"),
                        FieldFrom("product_id", "product"),
                        FieldFrom("value", "value", read="rounded_amount"),
                    ),
                ),
            ),
        ),
        Part(
            file="*ads_metrics*",
            needs=("period", "campaign_id", "adset_id", "ad_id", "impressions"),
            optional=True,
            streams=(
                StreamFrom(
                    "ad_spend",
                    fields=(
                        FieldFrom("day", "period"),
                        FieldFrom("platform", "channel"),
                        FieldFrom("external_id", "{campaign_id}/{adset_id}/{ad_id}"),
                        FieldFrom("campaign", "campaign_id", read="id"),
                        FieldFrom("ad_group", "adset_id", read="id"),
                        FieldFrom("ad", "ad_id", read="id"),
                        FieldFrom("impressions", "impressions"),
                        FieldFrom("clicks", "clicks"),
                        FieldFrom("source", "channel"),
                        FieldFrom("medium", constant="paid_social"),
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip

MAPPINGS = (SHAPEES,)
