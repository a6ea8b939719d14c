"""WooCommerce: its own product export, and orders as Advanced Order Export writes them."""

from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.cells import Columns
from connectors.files.mapping import FieldFrom, Lookup, Mapping, Part, StreamFrom
from connectors.files.presets.words import ORDER_STATUS


def products(table: pa.Table) -> dict[str, pa.Table]:
    """Variations take the title and categories of their parent; prices and weights are settled."""
    cells = Columns(table)
    parent = pc.replace_substring_regex(pc.fill_null(cells.column("Parent"), ""), "^id:", "")
    by_sku = cells.column("parent by sku")
    product = pc.coalesce(by_sku, pc.if_else(pc.equal(parent, ""), cells.column("ID"), parent))
    categories = pc.coalesce(cells.column("parent categories"), cells.column("Categories"))
    sale, regular = cells.column("Sale price"), cells.column("Regular price")
    on_sale = pc.not_equal(pc.fill_null(sale, ""), "")
    images = pc.replace_substring_regex(pc.fill_null(cells.column("Images"), ""), ",.*$", "")
    added = {
        "product": product,
        "product title": pc.coalesce(cells.column("parent title"), cells.column("Name")),
        "category": pc.replace_substring_regex(pc.fill_null(categories, ""), ",.*$", ""),
        "price": pc.if_else(on_sale, sale, regular),
        "compare": pc.if_else(on_sale, regular, ""),
        "image": images,
        "kind": pc.replace_substring_regex(pc.utf8_lower(cells.column("Type")), ",.*$", ""),
        "grams": _grams(cells.column("Weight (kg)")),
    }
    for name, column in added.items():
        table = table.append_column(name, column)
    return {"": table}


def orders(table: pa.Table) -> dict[str, pa.Table]:
    """What was kept of each order: its quantities are those after refunds, so its total is too."""
    cells = Columns(table)
    pieces = pc.fill_null(cells.column("Quantity (- Refund)"), "")
    none_left = pc.match_substring_regex(pieces, r"^[0.,\s]*$")
    table = table.append_column("pieces", pc.if_else(none_left, "", pieces))
    back = pc.fill_null(cells.column("Order Refund Amount"), "")
    is_whole = pc.match_substring_regex(back, r"^[0.,\s]*$")
    pairs = zip(cells.column("Order Total Amount").to_pylist(), back.to_pylist(), strict=True)
    left = pa.array([_less(total, refunded) for total, refunded in pairs], pa.string())
    table = table.append_column("total left", left)
    tax = pc.if_else(is_whole, cells.column("Order Total Tax Amount"), None)
    return {"": table.append_column("tax left", tax)}


def _less(total: str | None, refunded: str) -> str | None:
    try:
        return str(Decimal(total or "") - abs(Decimal(refunded.strip() or "0")))
    except InvalidOperation:
        return total


def _grams(column: pa.Array) -> pa.Array:
    fits = pc.match_substring_regex(column, r"^[0-9]{1,6}(\.[0-9]+)?$")
    kilos = pc.if_else(pc.fill_null(fits, False), column, None).cast(pa.float64())
    return pc.round(pc.multiply(kilos, 1000.0)).cast(pa.int64())


PUBLISHED = {"1": "active", "0": "draft", "-1": "draft"}
SHAPES = {"woocommerce_products": products, "woocommerce_orders": orders}

PRODUCTS = Mapping(
    slug="woocommerce_products",
    label="WooCommerce products export",
    origin="woocommerce",
    parts=(
        Part(
            needs=("ID", "Type", "SKU", "Regular price", "Parent"),
            lookups=(
                Lookup(
                    file="", key="SKU", on="Parent",
                    columns=(("ID", "parent by sku"), ("Name", "parent title"),
                             ("Categories", "parent categories")),
                ),
            ),
            shape="woocommerce_products",
            streams=(
                StreamFrom(
                    "products",
                    when="kind",
                    values=("simple", "variation", "external"),
                    fields=(
                        FieldFrom("product_id", "product"),
                        FieldFrom("variant_id", "ID"),
                        FieldFrom("title", "product title"),
                        FieldFrom("description", "Description"),
                        FieldFrom("status", "Published", choices=PUBLISHED, empty="active"),
                        FieldFrom("category", "category"),
                        FieldFrom("image_url", "image"),
                        FieldFrom("tags", "Tags"),
                        FieldFrom("variant_title", "Name"),
                        FieldFrom("sku", "SKU"),
                        FieldFrom("price", "price"),
                        FieldFrom("compare_price", "compare"),
                        FieldFrom("weight_g", "grams"),
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip

ORDERS = Mapping(
    slug="woocommerce_orders",
    label="WooCommerce orders (Advanced Order Export)",
    origin="woocommerce",
    dates=("iso", "%Y-%m-%d %H:%M"),
    notes=(
        (
            "The export takes refunds off the quantities: such orders come as what was kept of "
            "them, without their tax."
        ),
    ),
    parts=(
        Part(
            needs=("Order Number", "Order Status", "Order Date", "Item Name", "Item Cost"),
            group_by="Order Number",
            fill=("Order Date", "Order Status", "Email (Billing)"),
            shape="woocommerce_orders",
            streams=(
                StreamFrom(
                    "customers",
                    filled="Email (Billing)",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "Email (Billing)"),
                        FieldFrom("email", "Email (Billing)"),
                        FieldFrom("name", "{First Name (Billing)} {Last Name (Billing)}"),
                        FieldFrom("phone", "Phone (Billing)"),
                        FieldFrom("city", "City (Billing)"),
                        FieldFrom("country", "Country Code (Billing)"),
                    ),
                ),
                StreamFrom(
                    "orders",
                    filled="Order Total Amount",
                    once_by=("external_id",),
                    fields=(
                        FieldFrom("external_id", "Order Number"),
                        FieldFrom("number", "Order Number"),
                        FieldFrom("placed_at", "Order Date"),
                        FieldFrom("status", "Order Status", choices=ORDER_STATUS),
                        FieldFrom("source_status", "Order Status"),
                        FieldFrom("customer_id", "Email (Billing)"),
                        FieldFrom("country", "Country Code (Billing)"),
                        FieldFrom("shipping", "Order Shipping Amount"),
                        FieldFrom("discount", "Cart Discount Amount"),
                        FieldFrom("tax", "tax left"),
                        FieldFrom("total", "total left"),
                    ),
                ),
                StreamFrom(
                    "lines",
                    filled="pieces",
                    fields=(
                        FieldFrom("order_id", "Order Number"),
                        FieldFrom("external_id", "{#line}"),
                        FieldFrom("quantity", "pieces"),
                        FieldFrom("unit_price", "Item Cost"),
                        FieldFrom("sku", "SKU"),
                        FieldFrom("title", "Item Name"),
                    ),
                ),
            ),
        ),
    ),
)

MAPPINGS = (PRODUCTS, ORDERS)
