"""The rows that are here, by the keys that their source knows them by, with their amounts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from catalog.models import Variant
from connectors.base import Batch
from connectors.models import Source
from sales.models import Customer, Order, OrderLine, Payment, RefundLine

Found = dict[str, tuple[Decimal, bool]]
ZERO = Decimal(0)
AT_ONCE = 5000


@dataclass(frozen=True)
class Told:
    """Rows as the source tells them: each one's key, and its amount where it has one."""

    keys: list[str]
    amounts: list[Decimal | None]


KEYS: dict[str, tuple[str, ...]] = {
    "products": ("variant_id",),
    "customers": ("external_id",),
    "orders": ("external_id",),
    "lines": ("order_id", "external_id"),
    "payments": ("order_id", "external_id"),
    "refunds": ("order_id", "external_id"),
}


def told_by(batch: Batch) -> Told:
    """The keys and amounts of a batch's rows."""
    columns = [batch.table[name].to_pylist() for name in KEYS[batch.stream]]
    keys = ["/".join(str(part) for part in row) for row in zip(*columns, strict=True)]
    return Told(keys, amounts_of(batch))


def amounts_of(batch: Batch) -> list[Decimal | None]:
    table: pa.Table = batch.table
    if batch.stream == "lines":
        prices, pieces = table["unit_price"].to_pylist(), table["quantity"].to_pylist()
        return [price * count for price, count in zip(prices, pieces, strict=True)]
    column = {"orders": "total", "payments": "amount", "refunds": "amount"}.get(batch.stream)
    return table[column].to_pylist() if column else [None] * table.num_rows


def ours(source: Source, stream: str, keys: Sequence[str]) -> Found:
    """Which of the keys are here, with each one's amount and whether it was converted."""
    found: Found = {}
    for first in range(0, len(keys), AT_ONCE):
        found |= READERS[stream](source, keys[first : first + AT_ONCE])
    return found


def _variants(source: Source, keys: Sequence[str]) -> Found:
    rows = Variant.objects.filter(
        store=source.store_id, origin=source.origin_id, external_id__in=keys
    )
    return dict.fromkeys(rows.values_list("external_id", flat=True), (ZERO, False))


def _customers(source: Source, keys: Sequence[str]) -> Found:
    rows = Customer.objects.filter(
        store=source.store_id, origin=source.origin_id, external_id__in=keys
    )
    return dict.fromkeys(rows.values_list("external_id", flat=True), (ZERO, False))


def _orders(source: Source, keys: Sequence[str]) -> Found:
    rows = Order.objects.filter(
        store=source.store_id, origin=source.origin_id, external_id__in=keys
    )
    # The total is kept in the order's own currency, as the source told it.
    return {key: (total, False) for key, total in rows.values_list("external_id", "total")}


def _orders_named(source: Source, keys: Sequence[str]) -> dict[int, tuple[str, bool]]:
    """The orders that the keys' first parts name: key and whether amounts were converted."""
    names = {key.split("/", 1)[0] for key in keys}
    rows = Order.objects.filter(
        store=source.store_id, origin=source.origin_id, external_id__in=names
    )
    return {
        pk: (name, rate != 1)
        for pk, name, rate in rows.values_list("pk", "external_id", "currency_rate")
    }


def _parts(
    source: Source, keys: Sequence[str],
    rows_of: Callable[[Sequence[int]], Iterable[tuple[int, str, Decimal]]],
) -> Found:  # fmt: skip
    orders = _orders_named(source, keys)
    found = {}
    for order, key, amount in rows_of(list(orders)):
        name, is_converted = orders[order]
        found[f"{name}/{key}"] = (amount, is_converted)
    return found


def _lines(source: Source, keys: Sequence[str]) -> Found:
    rows = OrderLine.objects.values_list("order_id", "external_id", "gross")
    return _parts(source, keys, lambda ids: rows.filter(order__in=ids))


def _payments(source: Source, keys: Sequence[str]) -> Found:
    rows = Payment.objects.values_list("order_id", "external_id", "amount")
    return _parts(source, keys, lambda ids: rows.filter(order__in=ids))


def _refunds(source: Source, keys: Sequence[str]) -> Found:
    rows = RefundLine.objects.values_list("refund__order_id", "external_id", "amount")
    return _parts(source, keys, lambda ids: rows.filter(refund__order__in=ids))


READERS: dict[str, Callable[[Source, Sequence[str]], Found]] = {
    "products": _variants,
    "customers": _customers,
    "orders": _orders,
    "lines": _lines,
    "payments": _payments,
    "refunds": _refunds,
}
COMPARED = tuple(READERS)
