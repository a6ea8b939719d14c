"""One page of a source becomes rows: everything it brought, and the cursor, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.models import F

from campaigns.services.landing import follow_rates as follow_rates_of_spend
from campaigns.services.landing import land_spend, map_tags
from catalog.services.landing import LandedProducts, land_products
from catalog.services.matching import sku_key
from connectors.base import Batch, Page, Position
from connectors.checks import cleaned, rows_checked
from connectors.models import Cursor, Drift, ParkedRow, Payload, Run, Source
from connectors.parking import Refusal, park, read_again, refused, unread, waiting_for
from connectors.payloads import note_landed
from connectors.streams import STREAMS
from core.landing import Landed, WaitingRow, accepted
from core.outbox import enqueue
from core.staging import joined_in_bulk
from inventory.services.landing import land_levels
from sales.services.customers import settle_customers
from sales.services.follow import follow_products, follow_rates
from sales.services.landing_customers import land_customers
from sales.services.landing_lines import land_lines
from sales.services.landing_orders import land_orders
from sales.services.landing_payments import land_payments
from sales.services.landing_refunds import land_refunds
from sales.services.landing_requests import land_catalogue_requests
from stores.models import Store
from stores.services import land_rates
from traffic.services.landing import land_events, land_sessions

LANDINGS: dict[str, Callable[..., Landed]] = {
    "rates": land_rates,
    "products": land_products,
    "levels": land_levels,
    "customers": land_customers,
    "orders": land_orders,
    "lines": land_lines,
    "payments": land_payments,
    "refunds": land_refunds,
    "catalogue_requests": land_catalogue_requests,
    "events": land_events,
    "sessions": land_sessions,
    "ad_spend": land_spend,
}
# Which names in these streams other rows wait for.
NAMES: dict[str, Callable[[dict[str, list[Any]]], list[str]]] = {
    "orders": lambda c: [f"order:{key}" for key in c["external_id"]],
    "lines": lambda c: [
        f"line:{o}/{k}" for o, k in zip(c["order_id"], c["external_id"], strict=True)
    ],
    "products": lambda c: [f"sku:{sku_key(sku)}" for sku in set(c["sku"]) if sku],
    "rates": lambda c: sorted({f"rate:{m}" for m in c["currency"] + c["to_currency"]}),
}
NAMED_BY = {"orders": ["external_id"], "lines": ["order_id", "external_id"], "products": ["sku"],
            "rates": ["currency", "to_currency"]}  # fmt: skip
SALES = ("rates", "products", "customers", "orders", "lines", "payments", "refunds")
# Visits wait for no other row, and none waits for them.
TRAFFIC = {"events", "sessions"}
SERIALISE = "SELECT pg_advisory_xact_lock(hashtext(%s), %s)"
SALES_TABLES = ("sales_customer", "sales_order", "sales_orderline", "sales_payment", "sales_refund",
                "sales_refundline")  # fmt: skip
MAX_NOTES = 100


class Stopped(Exception):
    """The run was stopped or paused by a person: nothing of the page was taken."""


@dataclass
class Tally:
    """What one page did, stream by stream."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    customers: set[int] = field(default_factory=set)
    applied: list[int] = field(default_factory=list)

    def add(self, batch: Batch, landed: Landed) -> None:
        mine = self.counts.setdefault(batch.stream, dict.fromkeys(landed.counts(), 0))
        for name, number in landed.counts().items():
            mine[name] += number
        self.refusals += refused(batch, landed)
        self.customers |= set(getattr(landed, "customers", ()))


@dataclass(frozen=True)
class Place:
    """Where a page's cursor is kept: the source's own, or a backfill's in its run."""

    stream: str
    in_run: str = ""


@transaction.atomic
def land_page(
    *, source: Source, run: Run, page: Page, place: Place, payload: Payload | None = None
) -> Tally:
    """Take in all of a page, and its cursor, or nothing at all.

    `payload` is the kept copy of what the source sent. Raises Stopped when the run is not running
    any more.
    """
    take_turn(source.origin_id, {batch.stream for batch in page.batches})
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status != Run.Status.RUNNING:
        raise Stopped
    tally = Tally(refusals=unread(page.parked))
    for refusal in tally.refusals:
        mine = tally.counts.setdefault(refusal.stream, dict.fromkeys(Landed().counts(), 0))
        mine["read"] += 1
        mine["parked"] += 1
    land_batches(source, page.batches, tally)
    park(source, run, tally.refusals)
    ParkedRow.objects.filter(pk__in=tally.applied).update(status=ParkedRow.Status.APPLIED)
    _note_drift(source, page)
    _save_progress(source, run, page, place, tally)
    note_landed(run, page, payload)
    return tally


def take_turn(origin_id: int, streams: set[str]) -> None:
    """Let the account's other pages of these kinds land first.

    Two sources of one outside account must see what the other parked; visits alone need not wait
    for the account's orders.
    """
    turns = [("connectors landing", not streams or streams - TRAFFIC),
             ("connectors traffic", streams & TRAFFIC)]  # fmt: skip
    with connection.cursor() as cursor:
        for name, is_needed in turns:
            if is_needed:
                cursor.execute(SERIALISE, [name, origin_id])


def land_batches(source: Source, batches: Sequence[Batch], tally: Tally) -> None:
    """Land the batches in the streams' order, and the rows that waited for them."""
    store = source.store
    by_stream = merged(batches)
    sold = sum(batch.table.num_rows for stream, batch in by_stream.items() if stream in SALES)
    with joined_in_bulk(sold, "sales_orderline", store.pk):
        _land_sales(source, by_stream, tally)
        if tally.customers:
            settle_customers(store.pk, sorted(tally.customers))
            tally.customers.clear()
    for stream in STREAMS:
        if stream not in SALES and stream in by_stream:
            _land(source, by_stream[stream], tally)
    if by_stream.keys() & {"orders", "events", "sessions", "catalogue_requests"}:
        map_tags(store=store)
    if any(mine["landed"] for mine in tally.counts.values()):
        enqueue("metrics.tasks.refresh_store", unique_key=f"refresh {store.pk}", store_id=store.pk)


def _land_sales(source: Source, by_stream: dict[str, Batch], tally: Tally) -> None:
    for stream in STREAMS:
        if stream not in SALES or stream not in by_stream:
            continue
        lines = by_stream.get("lines") if stream == "orders" else None
        _land(source, by_stream[stream], tally, **({"lines": lines.table} if lines else {}))
        if lines:
            by_stream["lines"] = without_refused(by_stream["orders"], lines, tally)


def without_refused(orders: Batch, lines: Batch, tally: Tally) -> Batch:
    """The lines without those of orders that were not taken: these wait for their order."""
    told = Counter(orders.table["external_id"].to_pylist()) if tally.refusals else Counter[str]()
    told.subtract(
        str(row.raw.get("external_id")) for row in tally.refusals if row.stream == "orders"
    )
    held = [key for key, tellings in told.items() if tellings <= 0]
    is_held = pc.is_in(lines.table["order_id"], value_set=pa.array(held, pa.string()))
    if not held or not pc.any(is_held).as_py():
        return lines
    places = pc.indices_nonzero(is_held).to_pylist()
    keys = lines.table.select(["order_id", "external_id"]).take(places).to_pylist()
    waiting = [
        WaitingRow(place, f"{key['order_id']}/{key['external_id']}", f"order:{key['order_id']}")
        for place, key in zip(places, keys, strict=True)
    ]
    tally.add(lines, Landed(read=len(waiting), waiting=waiting))
    return kept(lines, pc.invert(is_held))


def kept(batch: Batch, mask: pa.ChunkedArray) -> Batch:
    """The batch's rows where the mask is true."""
    numbers = None if batch.rows is None else batch.rows.filter(pa.array(mask.to_pylist()))
    return Batch(batch.stream, batch.table.filter(mask), numbers)


def merged(batches: Sequence[Batch]) -> dict[str, Batch]:
    """One batch for each stream, its rows in the order in which they came."""
    found: dict[str, list[Batch]] = defaultdict(list)
    for batch in batches:
        if batch.table.num_rows:
            found[batch.stream].append(batch)
    return {
        stream: parts[0]
        if len(parts) == 1
        else Batch(stream, pa.concat_tables([p.table for p in parts]), _numbers(parts))
        for stream, parts in found.items()
    }


def _numbers(parts: Sequence[Batch]) -> pa.Array:
    numbers = [
        p.rows if p.rows is not None else pa.nulls(p.table.num_rows, pa.int64()) for p in parts
    ]
    chunks = [
        chunk
        for column in numbers
        for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    return pa.concat_arrays([chunk.cast(pa.int64()) for chunk in chunks])


def _land(source: Source, batch: Batch, tally: Tally, **extra: Any) -> None:
    batch = replace(batch, table=cleaned(batch.table))
    odd = rows_checked(batch.stream, STREAMS[batch.stream], batch.table)
    if odd:
        tally.add(batch, Landed(read=len({row.position for row in odd}), rejected=odd))
        kept = accepted(batch.table, odd)[1]
        numbers = (
            batch.rows.take(kept["place"].combine_chunks()) if batch.rows is not None else None
        )
        batch = Batch(batch.stream, kept.drop_columns(["place"]), numbers)
    if not batch.table.num_rows:
        return
    land = LANDINGS[batch.stream]
    landed = land(store=source.store, origin=source.origin, table=batch.table, **extra)
    tally.add(batch, landed)
    _follow(source.store, batch.stream, landed)
    _wake(source, taken(batch, landed), tally)


def _follow(store: Store, stream: str, landed: Landed) -> None:
    if isinstance(landed, LandedProducts):
        follow_products(store=store, product_ids=landed.touched)
    if stream == "rates" and landed.landed:
        # Rates are shared: every store's amounts follow.
        for each in Store.objects.order_by("pk"):
            follow_rates(store=each)
            follow_rates_of_spend(store=each)


def taken(batch: Batch, landed: Landed) -> Batch:
    """The batch's rows that are rows of ours now."""
    others = {bad.position for bad in landed.rejected} | {late.position for late in landed.waiting}
    if not others:
        return batch
    mask = [position not in others for position in range(batch.table.num_rows)]
    return kept(batch, pa.chunked_array([pa.array(mask)]))


def _wake(source: Source, batch: Batch, tally: Tally) -> None:
    """Land the rows that waited for what the batch brought."""
    if batch.stream not in NAMES or not waiting_for(source.origin_id, None).exists():
        return
    columns = {name: batch.table[name].to_pylist() for name in NAMED_BY[batch.stream]}
    woken = list(waiting_for(source.origin_id, NAMES[batch.stream](columns)).select_for_update())
    by_stream: dict[str, list[ParkedRow]] = defaultdict(list)
    for row in woken:
        by_stream[row.stream].append(row)
    for stream in STREAMS:
        if stream in by_stream:
            apply_parked(source, stream, by_stream[stream], tally)


def apply_parked(source: Source, stream: str, parked: list[ParkedRow], tally: Tally) -> list[int]:
    """Land parked rows again; returns the keys of those that are rows of their own now."""
    batch = read_again(stream, parked)
    landed = LANDINGS[stream](store=source.store, origin=source.origin, table=batch.table)
    stuck = {row.position for row in landed.rejected}
    for late in landed.waiting:
        stuck.add(late.position)
        ParkedRow.objects.filter(pk=parked[late.position].pk).update(waits_for=late.waits_for)
    for bad in landed.rejected:
        ParkedRow.objects.filter(pk=parked[bad.position].pk).update(
            status=ParkedRow.Status.PARKED, waits_for="", column=bad.column, value=bad.value,
            reason=bad.reason, remedy=bad.remedy,
        )  # fmt: skip
    done = [row.pk for position, row in enumerate(parked) if position not in stuck]
    tally.applied += done
    counts = tally.counts.setdefault(stream, dict.fromkeys(Landed().counts(), 0))
    counts["landed"] += landed.landed
    tally.customers |= set(getattr(landed, "customers", ()))
    _wake(source, taken(batch, landed), tally)
    return done


def _note_drift(source: Source, page: Page) -> None:
    Drift.objects.bulk_create(
        [
            Drift(source=source, stream=d.stream, column=d.column[:200], change=d.change)
            for d in page.drift
        ],
        ignore_conflicts=True,
    )


def _save_progress(source: Source, run: Run, page: Page, place: Place, tally: Tally) -> None:
    for stream, mine in tally.counts.items():
        whole = run.counts.setdefault(stream, dict.fromkeys(mine, 0))
        for name, number in mine.items():
            whole[name] = whole.get(name, 0) + number
    run.notes = list(dict.fromkeys([*run.notes, *page.notes]))[:MAX_NOTES]
    run.rows_total = page.total or run.rows_total
    if page.next is not None:
        _save_cursor(source, run, page.next, place)
    run.save(update_fields=["counts", "notes", "rows_total", "params"])
    sums = {
        name: sum(mine[name] for mine in tally.counts.values())
        for name in ("read", "landed", "unchanged", "parked")
    }
    Run.objects.filter(pk=run.pk).update(
        **{f"rows_{name}": F(f"rows_{name}") + number for name, number in sums.items()}
    )


def _save_cursor(source: Source, run: Run, position: Position, place: Place) -> None:
    if place.in_run:
        run.params.setdefault("positions", {})[place.in_run] = position
        return
    Cursor.objects.update_or_create(
        source=source, stream=place.stream, defaults={"position": position}
    )
