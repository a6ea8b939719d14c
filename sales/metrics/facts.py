"""The tables that sales are measured on, and what is added up over each."""

from django.db.models import Q

from metrics.declare import Fact, each
from sales.models import (
    CatalogueRequest,
    CustomerType,
    Order,
    OrderLine,
    Payment,
    Refund,
    RefundLine,
)

CORE = ("channel", "country", "device")
DEEP = (*CORE, "tag", "customer_type")
SALES_ROLLUPS = ((), *each(DEEP), CORE, DEEP)
GOODS_ROLLUPS = (
    *SALES_ROLLUPS[:-1],
    ("category",),
    ("product",),
    ("channel", "country", "category"),
    DEEP,
)
BY_PRODUCT = (("product",),)
FEW_ROLLUPS = ((), ("channel",), ("country",))
IS_SALE = Q(is_sale=True)
NOT_RECEIVED = ("failed", "declined", "pending", "voided", "cancelled", "expired", "authorized")

orders = Fact(Order, "orders", DEEP, SALES_ROLLUPS, IS_SALE, unique_scopes=(*CORE, "customer_type"))
placed = orders.count("orders")
with_lines = orders.flag("orders_with_lines", "line_count > 0")
first_orders = orders.flag("new_customers", f"customer_type = {CustomerType.NEW.value}")
shipping = orders.money("shipping")
shipping_tax = orders.money("shipping_tax")
orders.flag("unrated", "shipping_reporting IS NULL")
customers = orders.unique("customers", "customer_id")
repeaters = orders.repeat("repeat_customers", "customer_id")

all_orders = Fact(Order, "all_orders", DEEP, FEW_ROLLUPS)
all_placed = all_orders.count("orders")
all_with_lines = all_orders.flag("orders_with_lines", "line_count > 0")
all_shipping = all_orders.money("shipping")
all_orders.flag("unrated", "shipping_reporting IS NULL")

lines = Fact(
    OrderLine,
    "lines",
    (*DEEP, "category", "product"),
    GOODS_ROLLUPS,
    IS_SALE,
    yearly=BY_PRODUCT,
)
sold_lines = lines.count("lines")
gross = lines.money("gross")
discount = lines.money("discount")
units_sold = lines.sum("units", "quantity")
line_tax = lines.money("tax")
costed = lines.money("costed")
cost = lines.money("cost")
costed_lines = lines.flag("costed_lines", "cost IS NOT NULL")
lines.flag("unrated", "gross_reporting IS NULL")

all_lines = Fact(
    OrderLine,
    "all_lines",
    (*DEEP, "category", "product"),
    (*FEW_ROLLUPS, ("category",)),
)
all_lines.count("lines")
all_gross = all_lines.money("gross")
all_units = all_lines.sum("units", "quantity")
all_lines.flag("unrated", "gross_reporting IS NULL")

refund_lines = Fact(
    RefundLine,
    "refund_lines",
    (*DEEP, "category", "product"),
    GOODS_ROLLUPS,
    IS_SALE,
    yearly=BY_PRODUCT,
)
refund_lines.count("lines")
refunded = refund_lines.money("amount")
units_back = refund_lines.sum("units", "quantity")
tax_back = refund_lines.money("tax")
costed_back = refund_lines.money("costed")
cost_back = refund_lines.money("cost")
refund_lines.flag("unrated", "amount_reporting IS NULL")

refund_lines_by_order_day = Fact(
    RefundLine,
    "refund_lines_by_order_day",
    (*DEEP, "category", "product"),
    GOODS_ROLLUPS,
    IS_SALE,
    day="order_day",
)
refund_lines_by_order_day.count("lines")
refunded_by_order_day = refund_lines_by_order_day.money("amount")
refund_lines_by_order_day.flag("unrated", "amount_reporting IS NULL")

refund_events = Fact(Refund, "refunds", DEEP, SALES_ROLLUPS, IS_SALE)
refund_events.count("refunds")
shipping_back = refund_events.money("shipping")
refund_events.flag("unrated", "shipping_reporting IS NULL")

payments = Fact(Payment, "payments", DEEP, FEW_ROLLUPS, ~Q(status__in=NOT_RECEIVED))
payments.count("payments")
paid = payments.money("amount")
payments.flag("unrated", "amount_reporting IS NULL")

requests = Fact(CatalogueRequest, "catalogue_requests", DEEP, SALES_ROLLUPS)
requested = requests.count("requests")
copies = requests.sum("copies", "quantity")
