"""Rows that a person can add up in their head, put in as they would land."""

import itertools
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

from core.periods import Period
from metrics.answers import ask
from metrics.declare import facts
from metrics.models import RollupState
from metrics.query import Query, Scope
from metrics.refresh import recompute
from metrics.tables import declared
from sales.models import Order, OrderLine, Refund, RefundLine
from stores.models import Origin, Store
from traffic.models import Session

DAY = date(2026, 5, 4)
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
numbers = itertools.count(1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def origin_of(store: Store) -> Origin:
    known = Origin.objects.filter(store=store).first()
    if known:
        return known
    channel = store.channels.create(slug="web", name="Online shop")
    return Origin.objects.create(store=store, slug="shop", label="Shop", channel=channel)


def sell(store: Store, day: date = DAY, *lines: dict, **fields) -> Order:
    """One order; each line has at least `gross`. Reporting amounts are the same unless given."""
    fields.setdefault("status", "paid")
    fields.setdefault("is_sale", fields["status"] not in Order.NOT_SALES)
    shipping = Decimal(fields.pop("shipping", 0))
    order = Order.objects.create(
        store=store,
        origin=origin_of(store),
        external_id=str(next(numbers)),
        day=day,
        placed_at=noon(day),
        currency=store.currency,
        shipping=shipping,
        shipping_reporting=fields.pop("shipping_reporting", shipping),
        shipping_tax_reporting=Decimal(fields.get("shipping_tax", 0)),
        line_count=len(lines),
        **fields,
    )
    for line in lines:
        add_line(order, **line)
    return order


def dims_of(order: Order) -> dict:
    names = ("channel", "country", "device", "tag", "customer_type", "is_sale")
    return {name: getattr(order, name) for name in names}


def add_line(order: Order, gross, **fields) -> OrderLine:
    gross = Decimal(gross)
    discount, tax = Decimal(fields.pop("discount", 0)), Decimal(fields.pop("tax", 0))
    cost = fields.pop("cost", None)
    quantity = fields.pop("quantity", 1)
    return OrderLine.objects.create(
        store=order.store,
        order=order,
        day=order.day,
        external_id=str(next(numbers)),
        quantity=quantity,
        unit_price=gross / quantity,
        gross=gross,
        discount=discount,
        tax=tax,
        cost=cost,
        **{
            "gross_reporting": gross,
            "discount_reporting": discount,
            "tax_reporting": tax,
            "cost_reporting": cost,
            **fields,
        },
        **dims_of(order),
    )


def give_back(order: Order, day: date, amount, *, shipping=0, tax=0, cost=None, **fields) -> Refund:
    """One refund of the order with one line."""
    refund = Refund.objects.create(
        store=order.store,
        order=order,
        external_id=str(next(numbers)),
        refunded_at=noon(day),
        day=day,
        order_day=order.day,
        shipping=shipping,
        shipping_reporting=shipping,
        **dims_of(order),
    )
    RefundLine.objects.create(
        store=order.store,
        refund=refund,
        external_id=str(next(numbers)),
        day=day,
        order_day=order.day,
        quantity=1,
        amount=amount,
        amount_reporting=amount,
        tax=tax,
        tax_reporting=tax,
        cost=cost,
        cost_reporting=cost,
        **fields,
        **dims_of(order),
    )
    return refund


def visit(store: Store, day: date = DAY, visitor: int = 0, **fields) -> Session:
    """One session; of a visitor of its own unless told whose."""
    return Session.objects.create(
        store_id=store.pk,
        day=day,
        key=uuid.uuid4(),
        started_at=noon(day),
        visitor=visitor or next(numbers),
        origin=0,
        **fields,
    )


def use_facts() -> None:
    """Read the rows themselves."""
    RollupState.objects.update(is_built=False)


def use_rollups(*stores: Store, only: tuple[str, ...] = ()) -> None:
    """Build all rollups of the stores, or those of some facts, and read from them."""
    for store in stores:
        for name in only or facts:
            recompute(name, store.pk, None)
    RollupState.objects.bulk_create(
        (
            RollupState(table=table, fact=fact.name, signature=signature, is_built=True)
            for table, (fact, signature) in declared().items()
        ),
        update_conflicts=True,
        unique_fields=["table"],
        update_fields=["is_built", "signature"],
    )


def scope_of(*stores: Store, **fields) -> Scope:
    return Scope(
        store_ids=tuple(store.pk for store in stores),
        zones=tuple(store.zone for store in stores),
        currency="EUR",
        reporting=len(stores) > 1,
        **{"rights": frozenset({"see_costs"}), "today": date(2026, 11, 22), **fields},
    )


def figures(store: Store, *slugs: str, period: Period = MAY, **asked):
    """The answer for one store in May."""
    return ask(Query(slugs, scope_of(store), period, **asked))


def figure(store: Store, slug: str, period: Period = MAY, **asked):
    """One total."""
    return figures(store, slug, period=period, **asked)[slug].value
