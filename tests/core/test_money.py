"""Money is rounded by one rule, half to even, in Python, in SQL and in columns alike."""

from decimal import Decimal

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import AMOUNT
from core.landing import stored_amounts
from core.money import allot, paid, stored
from core.money_sql import converted_sql, rounded_sql
from sales.services.money_sql import WEIGHTS, WEIGHTS_WINDOW, share_sql

pytestmark = pytest.mark.django_db
D = Decimal
AMOUNTS = st.decimals(D(-(10**12)), D(10**12), places=7, allow_nan=False)
# Ties: an amount of four decimals and half of the fifth, of either sign.
TIES = st.integers(-(10**15), 10**15).map(lambda n: D(2 * n + 1) / D(20_000))


def in_sql(expression: str, *values) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", values)
        return cursor.fetchone()[0]


def rounded_in_sql(amount: Decimal) -> Decimal:
    return in_sql(f"{rounded_sql('x')} FROM (SELECT %s::numeric AS x) t", amount)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.00005", "0.0000"),
        ("0.00015", "0.0002"),
        ("0.00025", "0.0002"),
        ("-0.00005", "0.0000"),
        ("-0.00015", "-0.0002"),
        ("-0.00025", "-0.0002"),
        ("0.000250000001", "0.0003"),
        ("-0.000250000001", "-0.0003"),
        ("12345678901234.00005", "12345678901234.0000"),
        ("12345678901234.00015", "12345678901234.0002"),
        ("7", "7"),
    ],
)
def test_a_tie_goes_to_the_even_neighbour_everywhere(amount, expected):
    column = pa.chunked_array([pa.array([D(amount)], pa.decimal128(38, 12))])

    assert stored(D(amount)) == D(expected)
    assert rounded_in_sql(D(amount)) == D(expected)
    assert stored_amounts(column).to_pylist() == [D(expected)]


@settings(deadline=None)
@given(amount=st.one_of(AMOUNTS, TIES))
def test_python_sql_and_columns_round_alike(amount):
    column = pa.chunked_array([pa.array([amount], AMOUNT)])

    assert rounded_in_sql(amount) == stored(amount)
    assert stored_amounts(column).to_pylist() == [stored(amount)]


@settings(deadline=None)
@given(
    amount=AMOUNTS,
    rate=st.one_of(st.just(D(1)), st.decimals(D("0.0001"), D(5000), places=10), st.just(D("0.5"))),
)
def test_an_amount_is_converted_alike(amount, rate):
    sql = f"{converted_sql('x', 'r')} FROM (SELECT %s::numeric AS x, %s::numeric(20,10) AS r) t"

    # Decimal's own 28 digits would round before we do.
    exact = D(int(amount.scaleb(7)) * int(rate.scaleb(10))).scaleb(-17)
    assert in_sql(sql, amount, rate) == exact.quantize(D("0.0001"), rounding="ROUND_HALF_EVEN")


def test_what_is_unknown_stays_unknown():
    sql = f"{converted_sql('x', 'r')} FROM (SELECT %s::numeric AS x, %s::numeric AS r) t"

    assert in_sql(sql, None, 2) is None
    assert in_sql(sql, D("1.5"), None) is None


@settings(deadline=None)
@given(
    total=st.decimals(D(-(10**6)), D(10**6), places=4),
    weights=st.lists(st.decimals(D(0), D(10**5), places=2), min_size=1, max_size=7),
)
def test_parts_are_the_same_in_python_and_in_sql_and_sum_to_the_whole(total, weights):
    sql = f"""
    WITH valued AS (
        SELECT 1 AS order_id, lpad(n::text, 3, '0') AS external_id, w AS worth,
            sum(w) OVER () AS paid_for, count(*) OVER () AS pieces
        FROM unnest(%s::numeric[]) WITH ORDINALITY t(w, n)
    ), weighed AS (SELECT external_id, {WEIGHTS} FROM valued {WEIGHTS_WINDOW})
    SELECT {share_sql("%s::numeric")} FROM weighed ORDER BY external_id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [weights, *[total] * sql.split("SELECT")[-1].count("%s")])
        found = [row[0] for row in cursor.fetchall()]

    assert found == allot(total, weights)
    assert sum(found) == total


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("2.5", "JPY", "2"),
        ("-2.5", "JPY", "-2"),
        ("1.005", "EUR", "1.00"),
        ("1.0015", "KWD", "1.002"),
    ],
)
def test_what_is_paid_has_the_currencys_own_decimals(amount, currency, expected):
    assert paid(D(amount), currency) == D(expected)
