"""What was bought, by whom, and what came back.

Money stands twice: in the store's currency as the source gave it, and as `…_reporting` in the
workspace's currency at the rate of the order's day (null while no rate is known).
Lines, refunds and payments carry their order's dimensions, so figures never join.
"""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Upper

from catalog.models import Variant
from stores.models import Origin, Store


def money(**options: Any) -> Any:
    """A stored amount: NUMERIC(18,4), zero unless the column says otherwise."""
    if not options.get("null"):
        options.setdefault("default", 0)
    return models.DecimalField(max_digits=18, decimal_places=4, **options)


ZERO = Value(0, output_field=models.DecimalField(max_digits=18, decimal_places=4))


class CustomerType(models.IntegerChoices):
    """Whether an order is its customer's first that counts. 0 is unknown."""

    UNKNOWN = 0, "Unknown"
    NEW = 1, "New"
    RETURNING = 2, "Returning"


class DimensionColumns(models.Model):
    """What every sales fact is grouped by: small integers, 0 is unknown."""

    day = models.DateField(help_text="Local day in the store's zone")
    channel = models.IntegerField(default=0, help_text="stores.Channel")
    country = models.SmallIntegerField(default=0, help_text="ISO 3166-1 numeric")
    device = models.SmallIntegerField(default=0, help_text="traffic.Device")
    tag = models.IntegerField(default=0, help_text="traffic.Tag")
    customer_type = models.SmallIntegerField(choices=CustomerType, default=CustomerType.UNKNOWN)
    is_sale = models.BooleanField(default=True, help_text="Whether the order's status counts")

    class Meta:
        abstract = True


class Customer(models.Model):
    """Someone who buys, as one source knows them."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="customers")
    origin = models.ForeignKey(Origin, models.PROTECT)
    external_id = models.CharField(max_length=120)
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    country = models.SmallIntegerField(default=0)
    city = models.CharField(max_length=120, blank=True)
    accepts_marketing = models.BooleanField(null=True)
    created_at = models.DateTimeField(null=True, help_text="When the source first knew them")
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    order_count = models.PositiveIntegerField(default=0, help_text="Orders that count as sales")
    net_spent = money(help_text="Gross less discounts and refunds, store currency")
    source_updated_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=32, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "origin", "external_id"], name="customer_known_once"
            )
        ]
        indexes = [
            models.Index(fields=["store", "-last_order_at", "-id"], name="customer_newest"),
            models.Index(
                "store", OpClass(Upper("email"), "text_pattern_ops"), name="customer_by_email"
            ),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="customer_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id

    @property
    def is_known_by_email(self) -> bool:
        """Whether the source knows the person by no other key than an e-mail address."""
        return "@" in self.external_id


class Order(DimensionColumns):
    """A customer's purchase, as the shop reported it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        SHIPPED = "shipped", "Shipped"
        DELIVERED = "delivered", "Delivered"
        CANCELLED = "cancelled", "Cancelled"
        UNAVAILABLE = "unavailable", "Unavailable"
        TEST = "test", "Test order"

    NOT_SALES = (Status.CANCELLED, Status.UNAVAILABLE, Status.TEST)

    # Where an index of several columns begins with a key, the key needs none of its own.
    store = models.ForeignKey(Store, models.CASCADE, related_name="orders", db_index=False)
    origin = models.ForeignKey(Origin, models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=120)
    number = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=Status, default=Status.PAID)
    source_status = models.CharField(max_length=60, blank=True)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, related_name="orders", db_index=False
    )
    placed_at = models.DateTimeField()
    first_day = models.DateField(null=True, help_text="Day of the customer's first sale")
    currency = models.CharField(max_length=3, help_text="What the customer paid in")
    currency_rate = models.DecimalField(max_digits=20, decimal_places=10, default=1)
    reporting_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    line_count = models.PositiveIntegerField(default=0)
    shipping = money()
    shipping_reporting = money(null=True)
    shipping_tax = money()
    shipping_tax_reporting = money(null=True)
    order_discount = money(help_text="Discount on the whole order, allotted to its lines")
    order_tax = money(null=True, help_text="Tax on the whole order, allotted when lines have none")
    order_shipping = money(null=True, help_text="Null when the source gives shipping by line")
    total = money(help_text="What the source says the customer owes in all, in `currency`")
    session_key = models.UUIDField(null=True)
    source_updated_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=32, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "origin", "external_id"], name="order_known_once"
            )
        ]
        indexes = [
            models.Index(fields=["store", "-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["store", "day"], name="order_by_day"),
            models.Index(
                "store", OpClass(Upper("number"), "text_pattern_ops"), name="order_by_number"
            ),
            models.Index(fields=["customer", "placed_at"], name="order_of_customer"),
            models.Index(fields=["store", "first_day"], name="order_by_cohort"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(DimensionColumns):
    """One product within an order. `gross` is quantity times list price, before tax."""

    # The order is checked to be there, and its store with it: a second check would cost as much.
    store = models.ForeignKey(
        Store, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    external_id = models.CharField(max_length=120)
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="lines")
    product = models.BigIntegerField(default=0, help_text="catalog.Product")
    category = models.BigIntegerField(default=0, help_text="catalog.Category")
    sku = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300, blank=True)
    quantity = models.IntegerField()
    unit_price = money()
    gross = money()
    gross_reporting = money(null=True)
    discount = money(help_text="Line discount plus its share of the order's")
    discount_reporting = money(null=True)
    own_discount = money(help_text="The part of the discount given on the line itself")
    own_tax = money(null=True, help_text="Tax the source gives on the line itself")
    tax = money()
    tax_reporting = money(null=True)
    own_shipping = money(null=True, help_text="The order's shipping, where given by line")
    cost = money(null=True, help_text="Cost of the goods at the time of sale, all pieces")
    cost_reporting = money(null=True)
    costed = models.GeneratedField(
        expression=Case(When(cost=None, then=ZERO), default=F("gross") - F("discount")),
        output_field=models.DecimalField(max_digits=18, decimal_places=4),
        db_persist=True,
    )
    costed_reporting = models.GeneratedField(
        expression=Case(
            When(cost=None, then=ZERO), default=F("gross_reporting") - F("discount_reporting")
        ),
        output_field=models.DecimalField(max_digits=18, decimal_places=4, null=True),
        db_persist=True,
    )

    source_updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_positive"),
            models.UniqueConstraint(fields=["order", "external_id"], name="line_known_once"),
        ]
        indexes = [models.Index(fields=["store", "day"], name="line_by_day")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title or self.sku}"


class Refund(DimensionColumns):
    """Money given back on one occasion; `day` is the day it was given."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="refunds")
    external_id = models.CharField(max_length=120)
    refunded_at = models.DateTimeField()
    order_day = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    shipping = money(help_text="Shipping given back")
    shipping_reporting = money(null=True)
    content_hash = models.CharField(max_length=32, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="refund_known_once")
        ]
        indexes = [models.Index(fields=["store", "day"], name="refund_by_day")]

    def __str__(self) -> str:
        return f"Refund of {self.order}"


class RefundLine(DimensionColumns):
    """The part of a refund for one product. `amount` is goods before tax, after discounts."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.SET_NULL, null=True, related_name="refund_lines")
    external_id = models.CharField(max_length=120)
    order_day = models.DateField()
    product = models.BigIntegerField(default=0)
    category = models.BigIntegerField(default=0)
    quantity = models.IntegerField(default=0)
    is_restocked = models.BooleanField(default=False)
    amount = money()
    amount_reporting = money(null=True)
    tax = money()
    tax_reporting = money(null=True)
    own_shipping = money(help_text="The refund's shipping, by line")
    cost = money(null=True, help_text="Cost that came back into stock")
    cost_reporting = money(null=True)
    costed = models.GeneratedField(
        expression=Case(When(cost=None, then=ZERO), default=F("amount")),
        output_field=models.DecimalField(max_digits=18, decimal_places=4),
        db_persist=True,
    )
    costed_reporting = models.GeneratedField(
        expression=Case(When(cost=None, then=ZERO), default=F("amount_reporting")),
        output_field=models.DecimalField(max_digits=18, decimal_places=4, null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "external_id"], name="refund_line_known_once")
        ]
        indexes = [
            models.Index(fields=["store", "day"], name="refund_line_by_day"),
            models.Index(fields=["store", "order_day"], name="refund_line_by_order_day"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} back"


class Cohort(models.Model):
    """Customers whose first sale fell in one month, and what they bought in that or a later one.

    `channel` is where the first sale was made, so customers add up over channels. `net` is gross
    less discounts and less refunds by order day.
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    first_month = models.DateField()
    month = models.DateField()
    channel = models.IntegerField(default=0)
    customers = models.PositiveIntegerField()
    orders = models.PositiveIntegerField()
    net = money()
    net_reporting = money()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "first_month", "month", "channel"], name="cohort_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_month:%Y-%m} in {self.month:%Y-%m}"


class Payment(DimensionColumns):
    """One payment towards an order; `day` is the order's day when the source gives no moment."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    external_id = models.CharField(max_length=120)
    method = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=30, default="captured")
    paid_at = models.DateTimeField(null=True)
    amount = money()
    amount_reporting = money(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="payment_known_once")
        ]
        indexes = [models.Index(fields=["store", "day"], name="payment_by_day")]

    def __str__(self) -> str:
        return f"{self.amount} by {self.method}"


class CatalogueRequest(DimensionColumns):
    """Someone asked for a catalogue, a brochure or a sample."""

    class Kind(models.TextChoices):
        PRINT = "print", "Printed catalogue"
        PDF = "pdf", "PDF"
        SAMPLE = "sample", "Sample"

    store = models.ForeignKey(Store, models.CASCADE, related_name="catalogue_requests")
    origin = models.ForeignKey(Origin, models.PROTECT)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PRINT)
    requested_at = models.DateTimeField()
    email = models.CharField(max_length=254, blank=True)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True)
    quantity = models.PositiveIntegerField(default=1)
    content_hash = models.CharField(max_length=32, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "origin", "external_id"], name="catalogue_request_known_once"
            )
        ]
        indexes = [models.Index(fields=["store", "day"], name="catalogue_request_by_day")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.get_kind_display()}"
