"""Whether an order's total is what its parts come to, before it is taken in."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.landing import BadRow
from core.money import minor_digits
from core.staging import one_row_per_key
from sales.models import Order

# No country taxes sales by more: 27 % is the most. A source that names no tax may hide that much.
HIGHEST_TAX = 0.30
REMEDY = "Correct the order in its source. Tried again here, it is taken as it is."


def totals_checked(orders: pa.Table, lines: pa.Table, store_currency: str) -> list[BadRow]:
    """The orders whose lines, discount, shipping and tax do not come to their total.

    `orders` have a `place`. A total may hold the tax or not, as prices may. Every line may be off
    by one minor unit of the currency, as every line was rounded once. Orders without a total or
    without lines here, and orders or lines that are told twice, are not judged.
    """
    if not one_row_per_key(orders, ["external_id"]):
        return []
    lines = _told_once(lines)
    at = pc.index_in(lines["order_id"], value_set=orders["external_id"].combine_chunks())
    lines, at = lines.filter(pc.is_valid(at)), at.drop_null()
    if not lines.num_rows:
        return []
    of, count = np.asarray(at), orders.num_rows
    pieces = np.bincount(of, minlength=count)
    least, most = _bounds(orders, lines, of)
    total = _numbers(orders, "total", np.nan)
    slack = _minor_units(orders, store_currency) * pieces + 1e-9
    is_off = np.min([np.abs(total - sum_) for sum_ in least], axis=0) > slack
    is_off &= (total < least[0] - slack) | (total > most + slack)
    is_off &= (pieces > 0) & ~np.isnan(total) & ~_is_void(orders, total)
    return [_bad_row(orders, at, least[0][at]) for at in np.flatnonzero(is_off).tolist()]


def _bounds(
    orders: pa.Table, lines: pa.Table, of: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """What the total may be, the first without tax; and the most it may be if no tax is named."""

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(of, weights=values, minlength=orders.num_rows)

    worth = _numbers(lines, "quantity") * _numbers(lines, "unit_price")
    goods = summed(worth - _numbers(lines, "discount")) - _numbers(orders, "discount")
    shipping = _numbers(orders, "shipping", np.nan)
    net = goods + np.where(np.isnan(shipping), summed(_numbers(lines, "shipping")), shipping)
    line_tax, order_tax = summed(_numbers(lines, "tax")), _numbers(orders, "tax")
    shipping_tax = _numbers(orders, "shipping_tax")
    found = [net]
    found += [net + tax + extra for tax in (line_tax, order_tax) for extra in (0, shipping_tax)]
    is_untaxed = (line_tax == 0) & (order_tax == 0) & (shipping_tax == 0)
    return found, np.where(is_untaxed, net * (1 + HIGHEST_TAX), net)


def _told_once(lines: pa.Table) -> pa.Table:
    """The lines without those of orders one of whose lines is told more than once."""
    keys = ["order_id", "external_id"]
    if one_row_per_key(lines, keys):
        return lines
    told = lines.group_by(keys).aggregate([([], "count_all")])
    doubled = told.filter(pc.greater(told["count_all"], 1))["order_id"].combine_chunks()
    return lines.filter(pc.invert(pc.is_in(lines["order_id"], value_set=doubled)))


def _minor_units(orders: pa.Table, store_currency: str) -> np.ndarray:
    money = pc.utf8_upper(pc.fill_null(orders["currency"], store_currency)).to_numpy()
    units = np.empty(len(money))
    for code in np.unique(money.astype(str)):
        units[money == code] = 10.0 ** -minor_digits(str(code))
    return units


def _is_void(orders: pa.Table, total: np.ndarray) -> np.ndarray:
    """Cancelled orders that their source set to zero."""
    words = pa.array([str(status) for status in Order.NOT_SALES])
    is_void: np.ndarray = np.asarray(pc.is_in(orders["status"], value_set=words)) & (total == 0)
    return is_void


def _numbers(table: pa.Table, name: str, empty: float = 0.0) -> np.ndarray:
    # Only compared, never stored: doubles hold a trillion to the cent.
    return np.asarray(pc.fill_null(table[name].cast(pa.float64()), empty))


def _bad_row(orders: pa.Table, position: int, net: float) -> BadRow:
    row = orders.slice(position, 1).to_pylist()[0]
    reason = f"The order's parts come to {net:,.2f} before tax, which its total does not fit."
    return BadRow(row["place"], "total", f"{row['total'].normalize():f}", reason, REMEDY)
