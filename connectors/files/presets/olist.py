"""Olist's marketplace tables as published: a folder of CSV or Parquet files."""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.cells import Columns
from connectors.files.mapping import FieldFrom, Lookup, Mapping, Part, StreamFrom

STATUS = {
    "created": "open", "approved": "paid", "invoiced": "paid", "processing": "paid",
    "shipped": "shipped", "delivered": "delivered", "canceled": "cancelled",
    "unavailable": "unavailable",
}  # fmt: skip
CURRENCY, ZONE = "BRL", "America/Sao_Paulo"

PRODUCTS = Part(
    file="*products*",
    needs=("product_id", "product_category_name"),
    lookups=(
        Lookup(
            file="*category_name_translation*",
            key="product_category_name",
            on="product_category_name",
            columns=(("product_category_name_english", "category"),),
        ),
    ),
    shape="olist_products",
    streams=(
        StreamFrom(
            "products",
            fields=(
                FieldFrom("product_id", "product_id"),
                FieldFrom("variant_id", "product_id"),
                FieldFrom("title", "title"),
                FieldFrom("category", "category"),
                FieldFrom("weight_g", "product_weight_g"),
            ),
        ),
    ),
    optional=True,
)
LINES = StreamFrom(
    "lines",
    fields=(
        FieldFrom("order_id", "order_id"),
        FieldFrom("external_id", "order_item_id"),
        FieldFrom("quantity", constant="1"),
        FieldFrom("unit_price", "price"),
        FieldFrom("product_id", "product_id"),
        FieldFrom("variant_id", "product_id"),
        FieldFrom("shipping", "freight_value"),
    ),
)
PAYMENTS = Part(
    file="*order_payments*",
    needs=("order_id", "payment_sequential", "payment_value"),
    optional=True,
    streams=(
        StreamFrom(
            "payments",
            fields=(
                FieldFrom("order_id", "order_id"),
                FieldFrom("external_id", "payment_sequential"),
                FieldFrom("amount", "payment_value"),
                FieldFrom("method", "payment_type"),
            ),
        ),
    ),
)

OLIST = Mapping(
    slug="olist",
    label="Olist marketplace (folder)",
    notes=(
        "Freight is charged for each item and added up to the order's shipping.",
        "A customer is a person (customer_unique_id), not one row for each order.",
    ),
    parts=(
        PRODUCTS,
        Part(
            file="*customers*",
            needs=("customer_id", "customer_unique_id"),
            streams=(
                StreamFrom(
                    "customers",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "customer_unique_id"),
                        FieldFrom("city", "customer_city"),
                        FieldFrom("country", constant="BR"),
                    ),
                ),
            ),
        ),
        Part(
            file="*orders_dataset*",
            needs=("order_id", "customer_id", "order_status", "order_purchase_timestamp"),
            lookups=(
                Lookup(
                    file="*customers*", key="customer_id", on="customer_id", optional=False,
                    columns=(("customer_unique_id", "person"),),
                ),
            ),
            streams=(
                StreamFrom(
                    "orders",
                    fields=(
                        FieldFrom("external_id", "order_id"),
                        FieldFrom("placed_at", "order_purchase_timestamp"),
                        FieldFrom("status", "order_status", choices=STATUS),
                        FieldFrom("source_status", "order_status"),
                        FieldFrom("customer_id", "person"),
                        FieldFrom("country", constant="BR"),
                    ),
                ),
            ),
        ),
        Part(
            file="*order_items*",
            needs=("order_id", "order_item_id", "price", "freight_value"),
            streams=(LINES,),
        ),
        PAYMENTS,
    ),
    origin="olist",
    currency=CURRENCY,
    zone=ZONE,
)  # fmt: skip

ITEMS_ONLY = Mapping(
    slug="olist_items_only",
    label="Olist items without their orders (folder)",
    notes=(
        (
            "The orders table is missing: an order is made of its items, dated by its first item's "
            "limit for shipping, which lies some days after the purchase. Its status is not known."
        ),
    ),
    parts=(
        PRODUCTS,
        Part(
            file="*order_items*",
            needs=("order_id", "order_item_id", "price", "freight_value", "shipping_limit_date"),
            group_by="order_id",
            streams=(
                StreamFrom(
                    "orders",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "order_id"),
                        FieldFrom("placed_at", "shipping_limit_date"),
                        FieldFrom("source_status", constant="unknown"),
                        FieldFrom("country", constant="BR"),
                    ),
                ),
                LINES,
            ),
        ),
        PAYMENTS,
    ),
    origin="olist",
    currency=CURRENCY,
    zone=ZONE,
)


def products(table: pa.Table) -> dict[str, pa.Table]:
    """Products have no names: one is made of the category and the beginning of the id."""
    cells = Columns(table)
    own = cells.column("product_category_name")
    own = pc.if_else(pc.equal(own, ""), None, own)
    category = pc.coalesce(cells.column("category"), own)
    ids = pc.utf8_slice_codeunits(cells.column("product_id"), 0, 8)
    title = pc.binary_join_element_wise(pc.coalesce(category, "product"), ids, " ")
    weight = cells.column("product_weight_g")
    if pa.types.is_floating(weight.type):
        weight = pc.round(weight)
    table = _replaced(table, "product_weight_g", weight)
    table = _replaced(table, "category", category)
    return {"": table.append_column("title", title)}


def _replaced(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    if name in table.column_names:
        table = table.drop_columns([name])
    return table.append_column(name, column)


SHAPES = {"olist_products": products}
MAPPINGS = (OLIST, ITEMS_ONLY)
