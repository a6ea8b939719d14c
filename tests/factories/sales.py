"""Minimal valid orders and what belongs to them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from sales.models import Customer, Order, OrderLine, Payment, Refund, RefundLine
from tests.factories.stores import OriginFactory, StoreFactory

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = date(2026, 5, 4)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    store = factory.SubFactory(StoreFactory)
    origin = factory.SubFactory(OriginFactory, store=factory.SelfAttribute("..store"))
    external_id = factory.Sequence(lambda n: f"customer-{n}")
    name = factory.Sequence(lambda n: f"Customer {n}")
    email = factory.Sequence(lambda n: f"customer{n}@mail.example")


class OrderFactory(DjangoModelFactory):
    class Meta:
        model = Order

    store = factory.SubFactory(StoreFactory)
    origin = factory.SubFactory(OriginFactory, store=factory.SelfAttribute("..store"))
    external_id = factory.Sequence(lambda n: f"order-{n}")
    number = factory.Sequence(lambda n: f"#{1000 + n}")
    placed_at = NOON
    day = DAY
    currency = factory.SelfAttribute("store.currency")


class OrderLineFactory(DjangoModelFactory):
    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory)
    store = factory.SelfAttribute("order.store")
    external_id = factory.Sequence(lambda n: f"line-{n}")
    day = factory.SelfAttribute("order.day")
    title = "Mug"
    quantity = 1
    unit_price = Decimal(10)
    gross = factory.LazyAttribute(lambda line: line.quantity * line.unit_price)


class RefundFactory(DjangoModelFactory):
    class Meta:
        model = Refund

    order = factory.SubFactory(OrderFactory)
    store = factory.SelfAttribute("order.store")
    external_id = factory.Sequence(lambda n: f"refund-{n}")
    refunded_at = NOON
    day = DAY
    order_day = factory.SelfAttribute("order.day")


class RefundLineFactory(DjangoModelFactory):
    class Meta:
        model = RefundLine

    refund = factory.SubFactory(RefundFactory)
    store = factory.SelfAttribute("refund.store")
    line = factory.SubFactory(OrderLineFactory, order=factory.SelfAttribute("..refund.order"))
    external_id = factory.Sequence(lambda n: f"refund-line-{n}")
    day = factory.SelfAttribute("refund.day")
    order_day = factory.SelfAttribute("refund.order_day")
    quantity = 1
    amount = Decimal(10)


class PaymentFactory(DjangoModelFactory):
    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory)
    store = factory.SelfAttribute("order.store")
    external_id = factory.Sequence(lambda n: f"payment-{n}")
    day = factory.SelfAttribute("order.day")
    amount = Decimal(10)
