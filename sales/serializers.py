"""Orders and customers as the REST API shows them. Money is text with up to four decimals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.countries import country_code
from core.rest import ListParameters
from core.sheets import Value
from sales.models import Customer, Order, OrderLine, Payment, Refund, RefundLine
from sales.queries import CUSTOMER_SORTS, ORDER_SORTS, sums_of
from stores.models import Permission
from traffic.models import Device


class OrderParameters(ListParameters):
    """How a list of orders is narrowed and sorted."""

    store = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Store slugs, with commas."
    )
    status = serializers.MultipleChoiceField(
        choices=Order.Status.choices, required=False, default=set()
    )
    placed_from = serializers.DateField(required=False, default=None, help_text="Local day.")
    placed_to = serializers.DateField(required=False, default=None, help_text="Local day.")
    customer = serializers.IntegerField(required=False, default=None)
    product = serializers.IntegerField(required=False, default=None)
    search = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    sort = serializers.ChoiceField(list(ORDER_SORTS), required=False, default="-placed_at")


class CustomerParameters(ListParameters):
    """How a list of customers is narrowed and sorted."""

    store = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Store slugs, with commas."
    )
    segment = serializers.ChoiceField(
        ["", "new", "returning", "none"], required=False, default="", allow_blank=True
    )
    search = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    sort = serializers.ChoiceField(list(CUSTOMER_SORTS), required=False, default="-last_order")


class Guarded(serializers.ModelSerializer[Any]):
    """Leaves out fields that the caller's role may not see in the row's store."""

    guarded: dict[str, tuple[str, ...]] = {}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        viewer = self.context.get("viewer")
        for permission, names in self.guarded.items():
            if viewer is None or not viewer.can(permission, instance.store_id):
                for name in names:
                    shown.pop(name, None)
        return shown


@extend_schema_field(str)
class CountryField(serializers.Field[Any, Any, Any, Any]):
    """ISO 3166 alpha-2, or null."""

    def to_representation(self, value: int) -> str | None:
        return country_code(value) or None


class CustomerOut(Guarded):
    """One customer. E-mail, name and phone need the right to see personal data.

    So does a key that is an e-mail address: it is empty without the right.
    """

    guarded = {Permission.SEE_PERSONAL_DATA: ("email", "name", "phone", "city")}
    store = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]
    country = CountryField(read_only=True)

    class Meta:
        model = Customer
        fields = ["id", "store", "external_id", "email", "name", "phone", "country", "city",
                  "accepts_marketing", "created_at", "first_order_at", "last_order_at",
                  "order_count", "net_spent", "version"]  # fmt: skip

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if "email" not in shown and instance.is_known_by_email:
            shown["external_id"] = ""
        return shown


class OrderOut(serializers.ModelSerializer[Order]):
    """One order in a list."""

    store = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]
    country = CountryField(read_only=True)
    device = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["id", "store", "external_id", "number", "status", "source_status", "is_sale",
                  "placed_at", "day", "customer_id", "country", "device", "currency",
                  "line_count", "shipping", "total", "version"]  # fmt: skip

    def get_device(self, order: Order) -> str:
        return Device(order.device).name.lower()


class LineOut(Guarded):
    """One product within an order, before tax. `cost` needs the right to see costs."""

    guarded = {Permission.SEE_COSTS: ("cost",)}

    class Meta:
        model = OrderLine
        fields = ["id", "external_id", "product", "variant_id", "sku", "title", "quantity",
                  "unit_price", "gross", "discount", "tax", "cost"]  # fmt: skip


class PaymentOut(serializers.ModelSerializer[Payment]):
    """One payment towards the order."""

    class Meta:
        model = Payment
        fields = ["id", "external_id", "method", "status", "paid_at", "amount"]


class RefundLineOut(serializers.ModelSerializer[RefundLine]):
    """What went back for one product."""

    class Meta:
        model = RefundLine
        fields = ["id", "line_id", "quantity", "is_restocked", "amount", "tax"]


class RefundOut(serializers.ModelSerializer[Refund]):
    """Money given back on one occasion."""

    lines = RefundLineOut(many=True)

    class Meta:
        model = Refund
        fields = ["id", "external_id", "refunded_at", "day", "reason", "shipping", "lines"]


class SumsOut(serializers.Serializer[Any]):
    """What the order comes to, in the store's currency."""

    gross = serializers.DecimalField(18, 4)
    discount = serializers.DecimalField(18, 4)
    shipping = serializers.DecimalField(18, 4)
    tax = serializers.DecimalField(18, 4)
    total = serializers.DecimalField(18, 4)
    refunded = serializers.DecimalField(18, 4)
    paid = serializers.DecimalField(18, 4)


class OrderDetailOut(OrderOut):
    """One order with its lines, payments and refunds."""

    lines = LineOut(many=True)
    payments = PaymentOut(many=True)
    refunds = RefundOut(many=True)
    sums = serializers.SerializerMethodField()

    class Meta(OrderOut.Meta):
        fields = [*OrderOut.Meta.fields, "sums", "lines", "payments", "refunds"]

    def get_sums(self, order: Order) -> dict[str, Any]:
        return dict(SumsOut(sums_of(order)).data)


def local(moment: datetime | None, zone: str) -> datetime | None:
    """The moment on the store's clock."""
    return moment.astimezone(ZoneInfo(zone)) if moment else None


@dataclass(frozen=True)
class OrderCells:
    """Orders as rows; a customer's name only for stores where the viewer may see people."""

    people_in: Collection[int]
    channels: Mapping[int, str]

    def of(self, order: Order, columns: Sequence[str]) -> tuple[Value, ...]:
        found: dict[str, Value] = {
            "order": order.number,
            "placed": local(order.placed_at, order.store.zone),
            "status": order.get_status_display(),
            "customer": self.customer(order),
            "country": country_code(order.country),
            "channel": self.channels.get(order.channel, ""),
            "lines": order.line_count,
            "discount": order.order_discount,
            "shipping": order.shipping,
            "total": order.total,
        }
        return (*(found[name] for name in columns), order.currency, order.store.name)

    def customer(self, order: Order) -> str:
        if order.customer_id is None:
            return ""
        if order.store_id in self.people_in:
            return str(order.customer)
        return _("Customer %(pk)s") % {"pk": order.customer_id}


@dataclass(frozen=True)
class CustomerCells:
    """Customers as rows; who they are only for stores where the viewer may see people."""

    people_in: Collection[int]

    def of(self, customer: Customer, columns: Sequence[str]) -> tuple[Value, ...]:
        zone = customer.store.zone
        is_open = customer.store_id in self.people_in
        spent: Decimal = customer.net_spent
        found: dict[str, Value] = {
            "customer": str(customer) if is_open else _("Customer %(pk)s") % {"pk": customer.pk},
            "country": country_code(customer.country),
            "city": customer.city if is_open else "",
            "consent": {True: _("Yes"), False: _("No"), None: ""}[customer.accepts_marketing],
            "orders": customer.order_count,
            "spent": spent,
            "first_order": local(customer.first_order_at, zone),
            "last_order": local(customer.last_order_at, zone),
        }
        return (*(found[name] for name in columns), customer.store.currency, customer.store.name)
