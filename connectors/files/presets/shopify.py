"""Shopify's exports: orders, products, customers, inventory. Columns as its admin writes them."""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.cells import Columns
from connectors.files.mapping import FieldFrom, Mapping, Part, StreamFrom
from connectors.files.presets.words import ORDER_STATUS
from core.tabular.rules import plain

WRITTEN = ("%Y-%m-%d %H:%M:%S %z", "iso")
OPTIONS = ("Option1 Value", "Option2 Value", "Option3 Value")


def orders(table: pa.Table) -> dict[str, pa.Table]:
    """Each order's state in one word, its customer by e-mail, and the date of its refund."""
    cells = Columns(table)
    cancelled = _filled(cells.column("Cancelled at"))
    financial = pc.utf8_lower(pc.fill_null(cells.column("Financial Status"), ""))
    shipped = pc.equal(cells.column("Fulfillment Status"), "fulfilled")
    is_paid = pc.is_in(financial, value_set=pa.array(["paid", "partially_refunded"]))
    status = pc.if_else(pc.and_(pc.fill_null(shipped, False), is_paid), "shipped", financial)
    table = table.append_column("status", pc.if_else(cancelled, "cancelled", status))
    table = table.append_column("customer", pc.utf8_lower(cells.column("Email")))
    given = pc.if_else(cancelled, cells.column("Cancelled at"), cells.column("Created at"))
    refunded = pc.invert(pc.match_substring_regex(cells.column("Refunded Amount"), r"^[0.\s]*$"))
    table = table.append_column("refund", pc.if_else(pc.fill_null(refunded, False), "yes", ""))
    return {"": table.append_column("refunded at", given)}


def products(table: pa.Table) -> dict[str, pa.Table]:
    """Variants by their product's handle and options: the export has no ids."""
    return {"": table.append_column("variant", variant_of(table))}


def variant_of(table: pa.Table) -> pa.Array:
    """The handle and the options that are given, joined by slashes."""
    cells = Columns(table)
    found = cells.column("Handle")
    for name in OPTIONS:
        option = pc.fill_null(cells.column(name), "")
        joined = pc.binary_join_element_wise(found, option, "/")
        found = pc.if_else(_filled(option), joined, found)
    return found


def customers(table: pa.Table) -> dict[str, pa.Table]:
    """Customers by e-mail, as the orders export names them; without one, by their number."""
    cells = Columns(table)
    email = pc.utf8_lower(cells.column("Email"))
    known = pc.if_else(_filled(email), email, cells.column("Customer ID"))
    names = pc.binary_join_element_wise(
        pc.fill_null(cells.column("First Name"), ""),
        pc.fill_null(cells.column("Last Name"), ""),
        " ",
    )
    table = table.append_column("known by", known)
    return {"": table.append_column("name", pc.utf8_trim_whitespace(names))}


def inventory(table: pa.Table) -> dict[str, pa.Table]:
    """Levels of variants that the location stocks."""
    cells = Columns(table)
    table = table.append_column("variant", variant_of(table))
    held = next(
        (n for n in ("On hand", "On hand (current)") if n in table.column_names), "Available"
    )
    pieces = cells.column(held)
    stocked = pc.not_equal(pc.utf8_lower(pc.fill_null(pieces, "")), "not stocked")
    table = table.append_column("pieces", pieces)
    return {"": table.filter(stocked)}


def _filled(column: pa.Array) -> pa.Array:
    return pc.not_equal(pc.fill_null(plain(column), ""), "")


SHAPES = {
    "shopify_orders": orders,
    "shopify_products": products,
    "shopify_customers": customers,
    "shopify_inventory": inventory,
}

ORDERS = Mapping(
    slug="shopify_orders",
    label="Shopify orders export",
    origin="shopify",
    dates=WRITTEN,
    notes=(
        (
            "The export names no date for refunds: they are dated to the order's cancellation, "
            "else to the order itself, and hold tax and shipping too."
        ),
    ),
    parts=(
        Part(
            needs=("Name", "Created at", "Lineitem quantity", "Lineitem price", "Financial Status"),
            group_by="Name",
            fill=("Id", "Created at", "Cancelled at", "Financial Status", "Currency"),
            shape="shopify_orders",
            streams=(
                StreamFrom(
                    "customers",
                    filled="customer",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "customer"),
                        FieldFrom("email", "customer"),
                        FieldFrom("name", "Billing Name"),
                        FieldFrom("phone", "Billing Phone"),
                        FieldFrom("city", "Billing City"),
                        FieldFrom("country", "Billing Country"),
                        FieldFrom("accepts_marketing", "Accepts Marketing"),
                    ),
                ),
                StreamFrom(
                    "orders",
                    filled="Total",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "Id"),
                        FieldFrom("number", "Name"),
                        FieldFrom("placed_at", "Created at"),
                        FieldFrom("status", "status", choices=ORDER_STATUS, empty="paid"),
                        FieldFrom("source_status", "Financial Status"),
                        FieldFrom("customer_id", "customer"),
                        FieldFrom("country", "Shipping Country"),
                        FieldFrom("currency", "Currency"),
                        FieldFrom("shipping", "Shipping"),
                        FieldFrom("discount", "Discount Amount"),
                        FieldFrom("tax", "Taxes"),
                        FieldFrom("total", "Total"),
                    ),
                ),
                StreamFrom(
                    "lines",
                    filled="Lineitem quantity",
                    fields=(
                        FieldFrom("order_id", "Id"),
                        FieldFrom("external_id", "{#line}"),
                        FieldFrom("quantity", "Lineitem quantity"),
                        FieldFrom("unit_price", "Lineitem price"),
                        FieldFrom("sku", "Lineitem sku"),
                        FieldFrom("title", "Lineitem name"),
                        FieldFrom("discount", "Lineitem discount"),
                    ),
                ),
                StreamFrom(
                    "refunds",
                    when="refund",
                    values=("yes",),
                    fields=(
                        FieldFrom("order_id", "Id"),
                        FieldFrom("refund_id", "export-{Id}"),
                        FieldFrom("external_id", "export-{Id}"),
                        FieldFrom("refunded_at", "refunded at"),
                        FieldFrom("amount", "Refunded Amount"),
                    ),
                ),
            ),
        ),
    ),
)

PRODUCTS = Mapping(
    slug="shopify_products",
    label="Shopify products export",
    origin="shopify",
    parts=(
        Part(
            needs=("Handle", "Title", "Variant Price", "Variant SKU"),
            group_by="Handle",
            fill=("Title", "Body (HTML)", "Vendor", "Type", "Tags", "Status", "Published"),
            shape="shopify_products",
            streams=(
                StreamFrom(
                    "products",
                    filled="Variant Price",
                    fields=(
                        FieldFrom("product_id", "Handle"),
                        FieldFrom("variant_id", "variant"),
                        FieldFrom("title", "Title"),
                        FieldFrom("handle", "Handle"),
                        FieldFrom("description", "Body (HTML)"),
                        FieldFrom("status", "Status", empty="active"),
                        FieldFrom("category", "Type"),
                        FieldFrom("brand", "Vendor"),
                        FieldFrom("image_url", "Image Src"),
                        FieldFrom("tags", "Tags"),
                        FieldFrom("variant_title", "Option1 Value"),
                        FieldFrom("sku", "Variant SKU"),
                        FieldFrom("barcode", "Variant Barcode"),
                        FieldFrom("price", "Variant Price"),
                        FieldFrom("compare_price", "Variant Compare At Price"),
                        FieldFrom("cost", "Cost per item"),
                        FieldFrom("weight_g", "Variant Grams"),
                    ),
                ),
            ),
        ),
    ),
)

CUSTOMERS = Mapping(
    slug="shopify_customers",
    label="Shopify customers export",
    origin="shopify",
    parts=(
        Part(
            needs=("First Name", "Last Name", "Email", "Total Spent"),
            shape="shopify_customers",
            streams=(
                StreamFrom(
                    "customers",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "known by"),
                        FieldFrom("email", "Email"),
                        FieldFrom("name", "name"),
                        FieldFrom("phone", "Phone"),
                        FieldFrom("city", "Default Address City"),
                        FieldFrom("country", "Default Address Country Code"),
                        FieldFrom("accepts_marketing", "Accepts Email Marketing"),
                    ),
                ),
            ),
        ),
    ),
)

INVENTORY = Mapping(
    slug="shopify_inventory",
    label="Shopify inventory export",
    origin="shopify",
    parts=(
        Part(
            needs=("Handle", "SKU", "Location", "Committed"),
            shape="shopify_inventory",
            streams=(
                StreamFrom(
                    "levels",
                    fields=(
                        FieldFrom("location", "Location"),
                        FieldFrom("variant_id", "variant"),
                        FieldFrom("sku", "SKU"),
                        FieldFrom("on_hand", "pieces"),
                        FieldFrom("committed", "Committed"),
                        FieldFrom("incoming", "Incoming"),
                    ),
                ),
            ),
        ),
    ),
)

MAPPINGS = (ORDERS, PRODUCTS, CUSTOMERS, INVENTORY)
