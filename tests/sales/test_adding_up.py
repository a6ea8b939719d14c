"""An order whose parts do not come to its total is set aside with its lines."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.records import SYSTEM
from connectors.base import Batch, Page
from connectors.landing import Place, land_page
from connectors.models import ParkedRow, Run
from connectors.services import SourceSettings, connect_source, retry_parked
from core.columns import table_of
from sales.models import Order, OrderLine
from sales.records import LineRecord, OrderRecord
from stores.records import RateRecord

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
D = Decimal
STREAMS = {RateRecord: "rates", OrderRecord: "orders", LineRecord: "lines"}


@pytest.fixture
def source(store):
    return connect_source(viewer=SYSTEM, store=store, settings=SourceSettings("files", "Shop"))


def paged(source, *records):
    """Land all records as one page, as a connector would."""
    run = Run.objects.create(source=source, store=source.store, status=Run.Status.RUNNING)
    batches = [
        Batch(stream, table_of(kind, [r for r in records if isinstance(r, kind)]))
        for kind, stream in STREAMS.items()
    ]
    return land_page(source=source, run=run, page=Page(batches), place=Place("all"))


def order(key="1", total="0", **fields) -> OrderRecord:
    return OrderRecord(key, NOON, total=None if total is None else D(total), **fields)


def line(order_id="1", key="1", price="10", quantity=1, **fields) -> LineRecord:
    return LineRecord(order_id, key, quantity, D(price), **fields)


PARTS = {"shipping": D("4.90"), "discount": D(5), "tax": D("3.80"), "shipping_tax": D("0.93")}


@pytest.mark.parametrize(
    ("total", "is_taken"),
    [
        ("24.90", True),  # prices hold the tax
        ("28.70", True),  # without the tax on shipping
        ("29.63", True),  # with it
        ("29.65", True),  # each line was rounded once
        ("29.66", False),
        ("34.63", False),  # the discount is missing
        ("19.99", False),
        (None, True),
    ],
)
def test_a_total_is_what_its_parts_come_to(source, total, is_taken):
    paged(source, order(total=total, **PARTS), line(), line(key="2", price="7.50", quantity=2))

    assert Order.objects.exists() is is_taken
    assert OrderLine.objects.count() == (2 if is_taken else 0)


def test_what_is_set_aside_says_why_and_can_be_taken_as_it_is(source):
    told = [order(total="41"), line(price="30"), order("2", "10"), line("2")]

    tally = paged(source, *told)

    row = ParkedRow.objects.get(stream="orders")
    assert list(Order.objects.values_list("external_id", flat=True)) == ["2"]
    assert (row.column, row.value, row.status) == ("total", "41", "parked")
    assert row.reason == "The order's parts come to 30.00 before tax, which its total does not fit."
    assert "taken as it is" in row.remedy
    assert ParkedRow.objects.get(stream="lines").waits_for == "order:1"
    assert tally.counts["lines"] == {"read": 2, "landed": 1, "unchanged": 0, "parked": 1}

    retry_parked(viewer=SYSTEM, row=row)

    assert (Order.objects.count(), OrderLine.objects.count()) == (2, 2)
    assert set(ParkedRow.objects.values_list("status", flat=True)) == {"applied"}
    # Told again just so, what a person let in stays in.
    assert paged(source, *told).counts["orders"]["unchanged"] == 2
    assert set(ParkedRow.objects.values_list("status", flat=True)) == {"applied"}


def test_a_wrong_telling_leaves_the_known_order_and_its_lines_as_they_are(source):
    paged(source, order(total="10"), line())

    paged(source, order(total="90"), line(price="20"))
    assert (Order.objects.get().total, OrderLine.objects.get().gross) == (10, 10)
    assert ParkedRow.objects.count() == 2

    paged(source, order(total="20"), line(price="20"))
    assert (Order.objects.get().total, OrderLine.objects.get().gross) == (20, 20)


@pytest.mark.parametrize(
    ("currency", "total", "is_taken"),
    [("JPY", "1001", True), ("JPY", "1002", False), ("KWD", "1000.001", True),
     ("KWD", "1000.002", False)],
)  # fmt: skip
def test_the_tolerance_is_the_currencys_minor_unit(source, currency, total, is_taken):
    rate = RateRecord(NOON.date(), currency, "EUR", D("0.5"))
    told = order(total=total, currency=currency, tax=D("0.0001"))

    paged(source, rate, told, line(price="1000"))

    assert Order.objects.exists() is is_taken


def test_without_any_tax_a_total_may_hold_as_much_as_the_highest(source):
    paged(source, order("a", "12.70"), line("a"), order("b", "13.50"), line("b"))

    assert list(Order.objects.values_list("external_id", flat=True)) == ["a"]


def test_what_comes_without_lines_is_cancelled_or_told_twice_is_not_judged(source):
    twice = line("twice")
    paged(source, order("bare", "50"), order("void", "0", status="cancelled"), line("void"),
          order("twice", "10"), twice, replace(twice, title="again"))  # fmt: skip

    assert Order.objects.count() == 3
