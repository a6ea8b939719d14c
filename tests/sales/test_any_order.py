"""Whatever order rows come in, and however often, the same rows stand in the end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales.models import Customer, Order
from sales.records import LineRecord, OrderRecord
from tests.facts import facts_of
from tests.landings import land

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
D = Decimal


def telling(key: str, hour: int, **fields) -> OrderRecord:
    return OrderRecord(key, NOON, updated_at=NOON + timedelta(hours=hour), **fields)


ORDERS = [telling("1", 1, status="open"), telling("1", 2, status="paid", discount=D(3)),
          telling("1", 2, status="paid", discount=D(4)), telling("2", 1, country="FR"),
          telling("2", 3, country="DE", customer_id="c")]  # fmt: skip
LINES = [LineRecord("1", "a", 1, D(price), updated_at=NOON + timedelta(hours=hour))
         for price, hour in ((9, 1), (8, 2), (7, 3))]  # fmt: skip
LINES += [LineRecord("1", "b", 2, D("3.33"), updated_at=NOON)]


@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.data())
def test_newer_tellings_win_in_any_order(store, origin, data):
    land(store, origin, *ORDERS, *LINES)
    wanted = facts_of(store)
    Order.objects.all().delete()
    Customer.objects.all().delete()

    land(store, origin, *data.draw(st.permutations(ORDERS[:2])))
    for record in data.draw(st.permutations([*ORDERS, *LINES, *ORDERS])):
        land(store, origin, record)
    land(store, origin, *LINES, *ORDERS)

    found = facts_of(store)
    assert {name: found[name] for name in ("orders", "lines")} == {
        name: wanted[name] for name in ("orders", "lines")
    }
    Order.objects.all().delete()
    Customer.objects.all().delete()
