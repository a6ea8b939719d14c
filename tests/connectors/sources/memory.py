"""A source that lives in the test: records by stream, handed out in pages of a few."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pyarrow as pa

from campaigns.records import SpendRecord
from catalog.records import ProductRecord
from connectors.base import Batch, Connector, Page, Position, Rejected, Shop, Window
from connectors.streams import STREAMS
from core.columns import table_of
from inventory.records import LevelRecord
from sales.records import (
    CatalogueRequestRecord,
    CustomerRecord,
    LineRecord,
    OrderRecord,
    PaymentRecord,
    RefundRecord,
)
from stores.records import RateRecord
from traffic.records import EventRecord, SessionRecord

START = datetime(2024, 3, 30, 21, tzinfo=UTC)
D = Decimal
PAGE_ROWS = 9


def records() -> dict[str, list]:
    """A small shop in which everything refers to something else."""
    return known() | sold()


def sold() -> dict[str, list]:
    orders, lines, payments, refunds, events = [], [], [], [], []
    for n in range(12):
        key, at = f"o{n}", START + timedelta(hours=7 * n)
        orders.append(
            OrderRecord(
                key, at, customer_id=f"c{n % 5}", status="cancelled" if n == 7 else "paid",
                country="DE" if n % 2 else "FR", device="mobile", source="google", medium="cpc",
                campaign="Spring" if n % 3 else None, discount=D(n % 4), tax=D("1.9"),
                currency="USD" if n == 4 else None, shipping=D("4.9"), updated_at=at,
            )
        )  # fmt: skip
        lines += [
            LineRecord(key, f"l{m}", m + 1, D("9.99"), product_id=f"p{m}", sku=f"S{m}",
                       discount=D("0.5"), updated_at=at)
            for m in range(n % 3 + 1)
        ]  # fmt: skip
        payments.append(PaymentRecord(key, f"pay{n}", D("12.5"), "card"))
        if n % 4 == 0:
            refunds.append(
                RefundRecord(key, f"r{n}", f"rl{n}", at + timedelta(days=9), "l0", 1, D(5))
            )
        events += [
            EventRecord(f"v{n % 4}", f"e{n}-{m}", at + timedelta(minutes=m), kind, page="/",
                        product_id="p1", source="news", medium="email")
            for m, kind in enumerate(("page_view", "product_view", "purchase"))
        ]  # fmt: skip
    return {
        "orders": orders, "lines": lines, "payments": payments, "refunds": refunds,
        "events": events,
    }  # fmt: skip


def known() -> dict[str, list]:
    return {
        "rates": [RateRecord(date(2024, 3, 29), "USD", "EUR", D("0.92"))],
        "products": [
            ProductRecord(f"p{m}", f"p{m}", f"Thing {m}", sku=f"S{m}", category=f"Home > Room {m}",
                          brand="Acme", cost=D(3), price=D("9.99"), updated_at=START)
            for m in range(3)
        ],
        "levels": [LevelRecord("Main", sku=f"s{m}", on_hand=m, as_of=START) for m in range(3)],
        "customers": [
            CustomerRecord(f"c{n}", f"C{n}@shop.example", f"Cleo {n}", country="DE", updated_at=START)
            for n in range(5)
        ],
        "catalogue_requests": [CatalogueRequestRecord("q1", START, email="c1@shop.example")],
        "sessions": [SessionRecord("w1", "s1", START, seconds=60, events=3, page_views=2)],
        "ad_spend": [
            SpendRecord(date(2024, 3, 30) + timedelta(n), "Google", f"ad{n}", "Spring", spend=D(20),
                        impressions=900, clicks=30)
            for n in range(3)
        ],
    }  # fmt: skip


class Memory(Connector):
    """Hands out the records that `config` points at, a few in a page."""

    slug: ClassVar[str] = "memory"
    label: ClassVar[str] = "Memory"
    streams: ClassVar[tuple[str, ...]] = tuple(STREAMS)
    held: ClassVar[dict[str, list]] = {}
    parked: ClassVar[list[Rejected]] = []

    def __init__(self, config, shop: Shop) -> None:
        super().__init__(config, shop)

    def check(self) -> None:
        return None

    def pull(
        self, stream: str | None, cursor: Position | None, window: Window | None
    ) -> Iterator[Page]:
        rows = self.held.get(stream, [])
        start = cursor["after"] if cursor else 0
        for first in range(start, len(rows), PAGE_ROWS):
            some = rows[first : first + PAGE_ROWS]
            numbers = pa.array(range(first + 1, first + len(some) + 1), pa.int64())
            batch = Batch(stream, table_of(STREAMS[stream], some), numbers)
            yield Page([batch], {"after": first + len(some)}, total=len(rows))


def config(folder) -> dict:
    Memory.held = records()
    return {}
