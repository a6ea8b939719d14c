"""The rule by which money is rounded, in SQL: half to even, as `core.money` does it."""

from core.money import MONEY_PLACES


def rounded_sql(amount: str, places: int = MONEY_PLACES) -> str:
    """The SQL amount to that many decimals; a tie goes to the even neighbour, whatever its sign.

    Postgres' own `round` takes ties away from zero. Half of a tie lies between two ties, so it can
    be rounded and doubled.
    """
    tie = f"0.{'0' * places}5"
    return (
        f"CASE WHEN abs(({amount}) - round({amount}, {places})) = {tie} "
        f"THEN 2 * round(({amount}) * 0.5, {places}) ELSE round({amount}, {places}) END"
    )


def converted_sql(amount: str, rate: str) -> str:
    """The SQL amount times a rate, rounded; null where either is.

    Most rates are one, and most amounts have no more decimals than are kept: that is quick.
    """
    return (
        f"CASE WHEN {rate} = 1 AND scale({amount}) <= {MONEY_PLACES} THEN {amount} "
        f"ELSE {rounded_sql(f'({amount}) * {rate}')} END"
    )
