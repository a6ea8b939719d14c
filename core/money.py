"""Currencies: minor digits, rounding, and splitting an amount into parts that sum to it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import accumulate, pairwise

from babel.numbers import get_currency_precision, list_currencies

STORED_PLACES = Decimal("0.0001")
MONEY_DIGITS, MONEY_PLACES = 18, 4


def is_currency(code: str) -> bool:
    """Whether `code` is a known ISO 4217 currency, in capitals."""
    return code in list_currencies()


def minor_digits(currency: str) -> int:
    """Decimals that the currency is paid in: JPY 0, EUR 2, KWD 3."""
    return get_currency_precision(currency)


def stored(amount: Decimal) -> Decimal:
    """The amount as it is kept: four decimals, half to even."""
    return amount.quantize(STORED_PLACES, rounding=ROUND_HALF_EVEN)


def paid(amount: Decimal, currency: str) -> Decimal:
    """The amount in the currency's own minor unit, half to even."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_EVEN)


def allot(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` split by `weights` to four decimals; the parts sum to `total` exactly.

    Each part is the difference of two rounded running totals, as the landing of orders does it in
    SQL. Equal weights when all weights are zero.
    """
    if not sum(weights, Decimal(0)):
        weights = [Decimal(1)] * len(weights)
    whole = sum(weights, Decimal(0))
    upto = [stored(total * part / whole) for part in accumulate(weights)]
    return [after - before for before, after in pairwise([Decimal(0), *upto])]
