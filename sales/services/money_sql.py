"""Money in SQL: exchange rates of a day, and an amount split so that the parts sum to it."""

from core.money_sql import rounded_sql


def rate_sql(currency: str, to_currency: str, day: str) -> str:
    """The newest rate up to `day` between two currencies, either way round; null when unknown.

    All three are SQL expressions.
    """
    newest = (
        "SELECT {value} FROM stores_exchangerate x WHERE x.currency = {one} "
        "AND x.to_currency = {other} AND x.day <= {day} ORDER BY x.day DESC LIMIT 1"
    )
    direct = newest.format(value="rate", one=currency, other=to_currency, day=day)
    inverse = newest.format(value="round(1 / rate, 10)", one=to_currency, other=currency, day=day)
    return f"CASE WHEN {currency} = {to_currency} THEN 1 ELSE coalesce(({direct}), ({inverse})) END"


def share_sql(total: str) -> str:
    """A row's share of `total` by `weight`, four decimals; `upto` and `whole` sum the weights.

    Each running total is rounded, so the differences sum to `total` exactly.
    """
    upto, before = f"{total} * upto / whole", f"{total} * (upto - weight) / whole"
    return f"{rounded_sql(upto)} - {rounded_sql(before)}"


# Equal weights where nothing has a price. Ordered by the source's id, so that the order in which
# lines arrive does not matter.
WEIGHTS = """
    CASE WHEN paid_for = 0 THEN 1 ELSE worth END AS weight,
    CASE WHEN paid_for = 0 THEN row_number() OVER upto ELSE sum(worth) OVER upto END AS upto,
    CASE WHEN paid_for = 0 THEN pieces ELSE paid_for END AS whole
"""
WEIGHTS_WINDOW = 'WINDOW upto AS (PARTITION BY order_id ORDER BY external_id COLLATE "C")'
