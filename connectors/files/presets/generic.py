"""Plain tables with the columns of one of our streams, under any of their usual names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields

from connectors.files.mapping import FieldFrom, Mapping, Part, StreamFrom
from connectors.files.presets.words import DEVICE, EVENT_KIND, ORDER_STATUS, REQUEST_KIND
from connectors.streams import STREAMS
from core.columns import required_of
from core.errors import Refused

# Names are compared without case, spaces, dots, dashes and underscores.
SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "": {
        "source": ("utm_source",), "medium": ("utm_medium",),
        "campaign": ("utm_campaign", "campaign_name"), "content": ("utm_content",),
        "country": ("country_code", "shipping_country", "billing_country", "ship_country"),
        "device": ("device_type", "device_category"), "channel": ("sales_channel",),
        "updated_at": ("modified_at", "last_modified"), "currency": ("currency_code",),
    },
    "orders": {
        "external_id": ("order_id", "id", "order", "order_number"),
        "number": ("order_number", "order_name", "name"),
        "placed_at": ("created_at", "order_date", "ordered_at", "date", "purchase_date", "time"),
        "status": ("order_status", "state"), "source_status": ("order_status", "status"),
        "customer_id": ("customer", "customer_number", "user_id", "buyer_id"),
        "shipping": ("shipping_cost", "shipping_amount", "freight", "order_shipping"),
        "discount": ("order_discount", "discount_amount", "total_discount"),
        "tax": ("order_tax", "total_tax", "vat"), "total": ("order_total", "total_price", "amount"),
    },
    "lines": {
        "order_id": ("order", "order_number"),
        "external_id": ("line_id", "order_item_id", "item_id", "line_number", "line", "position"),
        "quantity": ("qty", "units", "pieces", "amount"),
        "unit_price": ("price", "item_price", "unit_cost_price", "net_price"),
        "product_id": ("product",), "variant_id": ("variant",),
        "sku": ("item_sku", "article", "article_number"),
        "title": ("product_name", "item_name", "name", "description", "product_title"),
        "discount": ("line_discount",), "tax": ("line_tax",),
        "cost": ("cogs", "cost_of_goods", "line_cost"), "shipping": ("line_shipping",),
    },
    "refunds": {
        "order_id": ("order", "order_number"),
        "refund_id": ("refund", "refund_number", "credit_note", "id"),
        "external_id": ("refund_line_id", "refund_id", "line_id", "id"),
        "refunded_at": ("date", "created_at", "refund_date"),
        "line_id": ("order_line_id", "item_id"), "quantity": ("qty",),
        "amount": ("refund_amount", "refunded"), "is_restocked": ("restocked",),
    },
    "payments": {
        "order_id": ("order", "order_number"),
        "external_id": ("payment_id", "id", "transaction_id"),
        "amount": ("payment_value", "paid"), "method": ("payment_type", "payment_method"),
        "paid_at": ("date", "created_at"),
    },
    "customers": {
        "external_id": ("customer_id", "id", "customer_number", "email"),
        "email": ("e_mail", "mail"), "name": ("customer_name", "full_name"),
        "created_at": ("registered_at", "signup_date", "since"),
        "accepts_marketing": ("newsletter", "opt_in", "marketing"),
    },
    "products": {
        "product_id": ("id", "handle", "product"),
        "variant_id": ("variant", "sku", "product_id", "id"),
        "title": ("product_name", "name", "product_title"),
        "category": ("product_category", "type"),
        "brand": ("vendor", "manufacturer"), "barcode": ("ean", "gtin", "upc"),
        "compare_price": ("compare_at_price", "rrp", "msrp"),
        "cost": ("unit_cost", "cost_per_item"),
        "weight_g": ("weight", "grams"), "image_url": ("image", "image_src"),
    },
    "levels": {
        "location": ("warehouse", "store"), "on_hand": ("stock", "quantity", "qty", "inventory"),
        "committed": ("reserved",), "variant_id": ("variant",), "as_of": ("date", "counted_at"),
    },
    "events": {
        "visitor": ("visitor_id", "user_id", "client_id", "user_pseudo_id", "anonymous_id"),
        "external_id": ("event_id", "id", "message_id"),
        "at": ("timestamp", "ts", "time", "event_time", "occurred_at", "date"),
        "kind": ("event", "event_name", "event_type", "type"), "page": ("path", "url", "page_path"),
        "product_id": ("product", "item_id"), "value": ("revenue", "amount", "price"),
    },
    "sessions": {
        "visitor": ("visitor_id", "user_id", "client_id"), "external_id": ("session_id", "id"),
        "started_at": ("start", "start_time", "timestamp", "date"), "seconds": ("duration",),
        "page_views": ("pageviews", "views"), "landing_page": ("landing_path", "entry_page"),
    },
    "ad_spend": {
        "day": ("date", "period", "report_date"), "platform": ("network", "ad_platform", "channel"),
        "external_id": ("ad_id", "id", "campaign_id"), "campaign": ("campaign_name",),
        "ad_group": ("adset", "ad_set", "ad_group_name", "adset_name"), "ad": ("ad_name",),
        "spend": ("cost", "amount_spent", "costs"), "impressions": ("imps", "views"),
    },
    "rates": {"day": ("date",), "to_currency": ("to", "quote"), "currency": ("from", "base"),
              "rate": ("exchange_rate", "value")},
    "catalogue_requests": {
        "external_id": ("request_id", "id"), "requested_at": ("date", "created_at", "timestamp"),
        "kind": ("type", "format"), "quantity": ("copies", "count"),
    },
}  # fmt: skip
CHOICES = {
    ("orders", "status"): (ORDER_STATUS, None),
    ("events", "kind"): (EVENT_KIND, "other"),
    ("catalogue_requests", "kind"): (REQUEST_KIND, "print"),
}
LABELS = {
    "orders": "Orders", "lines": "Order lines", "refunds": "Refunds", "payments": "Payments",
    "customers": "Customers", "products": "Products", "levels": "Stock levels",
    "events": "Traffic events", "sessions": "Sessions", "ad_spend": "Ad spend",
    "rates": "Exchange rates", "catalogue_requests": "Catalogue requests",
    "order_lines": "Orders with their lines in one table",
}  # fmt: skip
# Columns that stand in for an id that the table does not have.
INSTEAD = {
    ("lines", "external_id"): "{#line}",
    ("ad_spend", "external_id"): "{platform}/{campaign}/{ad_group}/{ad}",
    ("products", "variant_id"): "product_id",
}
PREFIX = "generic_"


def generic(slug: str, headers: Sequence[str]) -> Mapping:
    """A mapping for a plain table of one kind, by its headers. Raises Refused for what lacks."""
    kind = slug.removeprefix(PREFIX)
    streams = ("orders", "lines") if kind == "order_lines" else (kind,)
    if any(stream not in STREAMS for stream in streams):
        raise Refused(f"“{slug}” is not a known mapping.")
    found = tuple(stream_from(stream, headers) for stream in streams)
    for stream in found:
        _require(stream, headers)
    key = next((f.column for f in found[-1].fields if f.to == "order_id"), "")
    numbered = any(f.column == "{#line}" for f in found[-1].fields)
    part = Part(streams=found, group_by=key if len(found) > 1 or numbered else "")
    return Mapping(PREFIX + kind, LABELS[kind], (part,))


def stream_from(stream: str, headers: Sequence[str]) -> StreamFrom:
    """The stream's fields from the columns whose names fit."""
    by_name = {_key(header): header for header in headers}
    found = []
    for target in fields(STREAMS[stream]):
        column = column_for(stream, target.name, by_name)
        if column:
            choices, otherwise = CHOICES.get((stream, target.name), ({}, None))
            if target.name == "device":
                choices, otherwise = DEVICE, ""
            empty = "paid" if (stream, target.name) == ("orders", "status") else ""
            found.append(
                FieldFrom(target.name, column, choices=choices, otherwise=otherwise, empty=empty)
            )
    once = ("external_id",) if stream in {"orders", "customers"} else ()
    return StreamFrom(stream, tuple(found), once_by=once)


def column_for(stream: str, name: str, by_name: dict[str, str]) -> str:
    """The header that fits the field: its own name, then its usual other names."""
    own = f"{stream.removesuffix('s')}_{name}"
    names = (name, own, *SYNONYMS[stream].get(name, ()), *SYNONYMS[""].get(name, ()))
    for candidate in names:
        if _key(candidate) in by_name:
            return by_name[_key(candidate)]
    return _instead(stream, name, by_name)


def fit(slug: str, headers: Sequence[str]) -> float:
    """Share of the headers that the plain table of this kind would use; 0 when it lacks one."""
    try:
        mapping = generic(slug, headers)
    except Refused:
        return 0.0
    used = {f.column for part in mapping.parts for s in part.streams for f in s.fields}
    return len(used & set(headers)) / max(len(headers), 1)


def generic_slugs() -> list[str]:
    return [PREFIX + kind for kind in LABELS]


def _require(stream: StreamFrom, headers: Sequence[str]) -> None:
    given = {f.to for f in stream.fields}
    for name in required_of(STREAMS[stream.stream]):
        if name not in given:
            others = ", ".join(_usual(stream.stream, name))
            raise Refused(
                f"No column gives “{name}” of {stream.stream}. It may be called: {others}. "
                f"The file has: {', '.join(headers[:20])}."
            )


def _usual(stream: str, name: str) -> Iterable[str]:
    return (name, *SYNONYMS[stream].get(name, ())[:4])


def _instead(stream: str, name: str, by_name: dict[str, str]) -> str:
    wanted = INSTEAD.get((stream, name), "")
    if stream != "ad_spend":
        return wanted if wanted.startswith("{#") else by_name.get(_key(wanted), "")
    if not wanted:
        return ""
    columns = [column_for(stream, part, by_name) for part in re.findall(r"\{(\w+)\}", wanted)]
    return "/".join("{" + column + "}" for column in columns if column)


def _key(name: str) -> str:
    return re.sub(r"[\s._\-/]+", "", name).casefold()
