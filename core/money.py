"""Currencies: minor digits, rounding, and splitting an amount into parts that sum to it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

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

    Remainders go to the largest parts first; equal weights when all weights are zero.
    """
    if not weights:
        return []
    whole = sum(weights, Decimal(0))
    shares = [w / whole for w in weights] if whole else [Decimal(1) / len(weights)] * len(weights)
    parts = [stored(total * share) for share in shares]
    rest = stored(total) - sum(parts, Decimal(0))
    step = STORED_PLACES if rest > 0 else -STORED_PLACES
    order = sorted(range(len(parts)), key=lambda i: shares[i], reverse=True)
    for position in range(int(abs(rest) / STORED_PLACES)):
        parts[order[position % len(parts)]] += step
    return parts
