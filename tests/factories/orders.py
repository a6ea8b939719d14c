"""Minimal orders with lines and refunds, settled and marked as a landing does it."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from metrics.marks import mark, mark_column
from sales.models import Customer, Order, OrderLine, Payment, Refund, RefundLine
from sales.services.customers import settle_customers
from stores.models import Origin

numbers = count(1)
PROCESS = os.getpid()


def customer(origin: Origin, name: str = "") -> Customer:
    return Customer.objects.create(
        store=origin.store, origin=origin, external_id=name or f"customer-{PROCESS}-{next(numbers)}"
    )


def sell(origin: Origin, who: Customer | None, day: str, amount: str = "10", **columns) -> Order:
    """One order with one line of this amount on a local day, at noon UTC."""
    number = f"order-{PROCESS}-{next(numbers)}"
    placed_at = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=UTC)
    order = Order.objects.create(
        store=origin.store,
        origin=origin,
        external_id=number,
        number=number,
        customer=who,
        placed_at=placed_at,
        day=placed_at.date(),
        currency="EUR",
        line_count=1,
        shipping_reporting=Decimal(0),
        shipping_tax_reporting=Decimal(0),
        total=Decimal(amount),
        **columns,
    )
    dims = {"day": order.day, "channel": order.channel, "is_sale": order.is_sale}
    line = OrderLine.objects.create(
        store=order.store,
        order=order,
        external_id="1",
        quantity=1,
        unit_price=Decimal(amount),
        gross=Decimal(amount),
        gross_reporting=Decimal(amount),
        discount_reporting=Decimal(0),
        tax_reporting=Decimal(0),
        **dims,
    )
    paid = {"amount": Decimal(amount), "amount_reporting": Decimal(amount)}
    Payment.objects.create(store=order.store, order=order, external_id="1", **paid, **dims)
    for model in (Order, type(line), Payment):
        mark(model, order.store_id, [order.day])
    settle_customers(order.store_id, [who.pk] if who else [])
    order.refresh_from_db()
    return order


def refund(order: Order, amount: str, days_later: int = 1) -> Refund:
    """Give part of an order's goods back some days later."""
    day = order.day + timedelta(days=days_later)
    number = str(next(numbers))
    shared = {"day": day, "order_day": order.day, "channel": order.channel}
    made = Refund.objects.create(
        store=order.store,
        order=order,
        external_id=number,
        refunded_at=order.placed_at + timedelta(days=days_later),
        shipping_reporting=Decimal(0),
        **shared,
    )
    RefundLine.objects.create(
        store=order.store,
        refund=made,
        external_id="1",
        amount=Decimal(amount),
        amount_reporting=Decimal(amount),
        tax_reporting=Decimal(0),
        **shared,
    )
    mark(Refund, order.store_id, [day])
    mark(RefundLine, order.store_id, [day])
    mark_column(RefundLine, "order_day", order.store_id, [order.day])
    settle_customers(order.store_id, [order.customer_id] if order.customer_id else [])
    return made
