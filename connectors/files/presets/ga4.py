"""Google Analytics 4 events as its BigQuery export writes them: Parquet or JSON lines, nested."""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.addresses import with_address_parts
from connectors.files.mapping import FieldFrom, Mapping, Part, StreamFrom
from connectors.files.presets.words import DEVICE
from core.tabular.model import ROW
from core.tabular.rules import plain

KINDS = {
    "page_view": "page_view", "view_item": "product_view", "add_to_cart": "add_to_cart",
    "begin_checkout": "checkout", "add_payment_info": "payment", "purchase": "purchase",
    "view_search_results": "search", "view_promotion": "promotion",
}  # fmt: skip
NOT_SET = "(not set)"
PLACEHOLDERS = (NOT_SET, "(data deleted)", "<Other>", "Not available in demo dataset", "(none)")
PARAMS = pa.list_(
    pa.struct(
        {
            "key": pa.string(),
            "value": pa.struct({"string_value": pa.string(), "int_value": pa.int64()}),
        }
    )
)
ITEM = pa.struct(
    {"item_id": pa.string(), "item_name": pa.string(), "item_category": pa.string(),
     "price": pa.float64(), "quantity": pa.int64()}
)  # fmt: skip
SCHEMA = pa.schema(
    {
        "event_timestamp": pa.int64(),
        "event_name": pa.string(),
        "event_bundle_sequence_id": pa.int64(),
        "user_pseudo_id": pa.string(),
        "event_params": PARAMS,
        "device": pa.struct({"category": pa.string()}),
        "geo": pa.struct({"country": pa.string()}),
        "traffic_source": pa.struct(
            {"medium": pa.string(), "name": pa.string(), "source": pa.string()}
        ),
        "platform": pa.string(),
        "ecommerce": pa.struct(
            {"purchase_revenue": pa.float64(), "shipping_value": pa.float64(),
             "tax_value": pa.float64(), "transaction_id": pa.string()}
        ),
        "items": pa.list_(ITEM),
    }
)  # fmt: skip


def flat(table: pa.Table) -> dict[str, pa.Table]:
    """Events with their nested cells laid out; purchases with a real id as orders with lines."""
    events = _events(table)
    real = pc.and_(
        pc.equal(events["event_name"], "purchase"),
        pc.invert(
            pc.is_in(events["transaction"], value_set=pa.array([None, "", NOT_SET], pa.string()))
        ),
    )
    # Of a transaction's repeats the earliest is the order.
    orders = events.filter(real).sort_by("event_timestamp")
    return {"": events, "orders": orders, "lines": _lines(orders), "products": _products(orders)}


class Purchases:
    """Counts what became of the purchase events of a whole file."""

    def __init__(self) -> None:
        self.events = self.unset = self.without = 0
        self.ids: set[str] = set()

    def add(self, table: pa.Table) -> None:
        """Count the purchases among these raw rows."""
        ids = pc.struct_field(plain(table["ecommerce"]), "transaction_id")
        found = ids.filter(pc.equal(plain(table["event_name"]), "purchase"))
        self.events += len(found)
        self.unset += pc.sum(pc.equal(found, NOT_SET)).as_py() or 0
        self.without += found.null_count
        self.ids.update(pc.unique(found.drop_null()).to_pylist())

    def notes(self) -> list[str]:
        """What to tell about it."""
        orders = len(self.ids - {NOT_SET})
        repeats = self.events - self.unset - self.without - orders
        if not self.events:
            return []
        return [
            (
                f"{self.events:,} purchase events became {orders:,} orders. {repeats:,} repeats of "
                f"a transaction, {self.unset:,} “{NOT_SET}” and {self.without:,} without an id "
                "count as purchase events, not as orders."
            )
        ]


def _events(table: pa.Table) -> pa.Table:
    ecommerce, source = plain(table["ecommerce"]), plain(table["traffic_source"])
    columns = {
        ROW: table[ROW],
        "event_name": table["event_name"],
        "event_timestamp": table["event_timestamp"],
        "bundle": pc.fill_null(plain(table["event_bundle_sequence_id"]), 0),
        "visitor": table["user_pseudo_id"],
        "at": plain(table["event_timestamp"]).cast(pa.timestamp("us", "UTC")),
        "device": pc.struct_field(plain(table["device"]), "category"),
        "country": pc.struct_field(plain(table["geo"]), "country"),
        "source": pc.struct_field(source, "source"),
        "medium": pc.struct_field(source, "medium"),
        "campaign": pc.struct_field(source, "name"),
        "transaction": pc.struct_field(ecommerce, "transaction_id"),
        "revenue": pc.struct_field(ecommerce, "purchase_revenue"),
        "shipping": pc.struct_field(ecommerce, "shipping_value"),
        "tax": pc.struct_field(ecommerce, "tax_value"),
        "url": _param(table, "page_location"),
        "items": table["items"],
        "product": _first_item(plain(table["items"])),
    }
    return with_address_parts(pa.table(columns), "url").drop_columns(
        ["utm_source", "utm_medium", "utm_campaign", "utm_content"]
    )


def _param(table: pa.Table, key: str) -> pa.Array:
    """One event parameter's text for each event."""
    params = plain(table["event_params"])
    flat_params = pc.list_flatten(params)
    wanted = pc.equal(pc.struct_field(flat_params, "key"), key)
    owners = pc.list_parent_indices(params).filter(wanted)
    texts = pc.struct_field(pc.struct_field(flat_params, "value"), "string_value").filter(wanted)
    at = pc.index_in(pa.array(range(len(params)), pa.int64()), value_set=owners.cast(pa.int64()))
    return texts.take(at)


def _first_item(items: pa.Array) -> pa.Array:
    """The product of events about one product."""
    one = pc.equal(pc.list_value_length(items), 1)
    return (
        pc.struct_field(pc.list_element(pc.if_else(one, items, None), 0), "item_id")
        if (pc.any(one).as_py())
        else pa.nulls(len(items), pa.string())
    )


def _lines(orders: pa.Table) -> pa.Table:
    """One line for each item, and one more where the items do not sum to the order's revenue.

    The source rounds; what items lack of the revenue is a line of its own, what they have too
    much is the order's discount, so that net sales are the source's revenue to the cent.
    """
    found: dict[str, list[object]] = {
        name: []
        for name in (ROW, "transaction", "number", "quantity", "price", "id", "title", "discount")
    }
    for row in orders.select([ROW, "transaction", "revenue", "items"]).to_pylist():
        items = [
            (item["quantity"] or 1, item["price"] or 0.0, item["item_id"], item["item_name"])
            for item in row["items"] or []
        ]
        listed = sum(quantity * price for quantity, price, _, _ in items)
        lacking = round((row["revenue"] or 0.0) - listed, 4)
        if lacking > 0:
            items.append((1, lacking, None, "Not itemised by the source"))
        over = -min(lacking, 0.0)
        for number, (quantity, price, code, title) in enumerate(items, start=1):
            own = round(min(over, quantity * price), 4)
            over = round(over - own, 4)
            cells = (row[ROW], row["transaction"], str(number), quantity, price, code, title, own)
            for name, value in zip(found, cells, strict=True):
                found[name].append(value)
    types = (
        pa.int64(),
        pa.string(),
        pa.string(),
        pa.int64(),
        pa.float64(),
        pa.string(),
        pa.string(),
        pa.float64(),
    )
    arrays = [pa.array(values, kind) for values, kind in zip(found.values(), types, strict=True)]
    return pa.table(arrays, names=list(found))


def _products(orders: pa.Table) -> pa.Table:
    """The products that were bought, as their lines name them."""
    items = plain(orders["items"])
    flat_items = pc.list_flatten(items)
    owners = pc.list_parent_indices(items)
    return pa.table(
        {
            ROW: plain(orders[ROW]).take(owners),
            "id": pc.struct_field(flat_items, "item_id"),
            "title": pc.struct_field(flat_items, "item_name"),
            "category": pc.struct_field(flat_items, "item_category"),
            "price": pc.struct_field(flat_items, "price"),
        }
    )


SHAPES = {"ga4": flat}
TALLIES = {"ga4": Purchases}
SCHEMAS = {"ga4": SCHEMA}
FROM_WHERE = (
    FieldFrom("device", "device", choices=DEVICE, otherwise=""),
    FieldFrom("country", "country"),
    FieldFrom("source", "source"),
    FieldFrom("medium", "medium"),
    FieldFrom("campaign", "campaign"),
)
GA4 = Mapping(
    slug="ga4_events",
    label="Google Analytics 4 events (BigQuery export)",
    origin="ga4",
    currency="USD",
    zone="UTC",
    nulls=(*PLACEHOLDERS, ""),
    notes=(
        (
            "An order is a purchase event with a transaction id; repeats of an id count once. "
            "Where the items do not sum to the revenue, which the source rounds, a line “Not "
            "itemised by the source” or a discount makes up the difference."
        ),
    ),
    parts=(
        Part(
            needs=("event_timestamp", "event_name", "user_pseudo_id", "event_params"),
            shape="ga4",
            streams=(
                StreamFrom(
                    "products",
                    table="products",
                    once_by=("product_id",),
                    filled="id",
                    fields=(
                        FieldFrom("product_id", "id"),
                        FieldFrom("variant_id", "id"),
                        FieldFrom("title", "title", empty="Product without a name"),
                        FieldFrom("category", "category"),
                    ),
                ),
                StreamFrom(
                    "orders",
                    table="orders",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "transaction"),
                        FieldFrom("placed_at", "at"),
                        FieldFrom("total", "revenue"),
                        FieldFrom("shipping", "shipping"),
                        FieldFrom("tax", "tax"),
                        *FROM_WHERE,
                    ),
                ),
                StreamFrom(
                    "lines",
                    table="lines",
                    once_by=("order_id", "external_id"),
                    fields=(
                        FieldFrom("order_id", "transaction"),
                        FieldFrom("external_id", "number"),
                        FieldFrom("quantity", "quantity"),
                        FieldFrom("unit_price", "price"),
                        FieldFrom("product_id", "id"),
                        FieldFrom("title", "title"),
                        FieldFrom("discount", "discount"),
                    ),
                ),
                StreamFrom(
                    "events",
                    fields=(
                        FieldFrom("visitor", "visitor"),
                        FieldFrom("external_id", "{event_timestamp}-{event_name}-{bundle}"),
                        FieldFrom("at", "at"),
                        FieldFrom("kind", "event_name", choices=KINDS, otherwise="other"),
                        FieldFrom("page", "path"),
                        FieldFrom("product_id", "product"),
                        FieldFrom("value", "revenue"),
                        *FROM_WHERE,
                    ),
                ),
            ),
        ),
    ),
)
MAPPINGS = (GA4,)
