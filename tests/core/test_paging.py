import pytest
from django.core import signing

from core.errors import Refused
from core.paging import keyset_page
from sales.models import Order
from tests.factories.sales import OrderFactory

ORDER = ("-total", "-id")


@pytest.fixture
def orders(store, origin):
    totals = [5, 3, 3, 3, 1]
    return [OrderFactory(store=store, origin=origin, total=total) for total in totals]


def test_pages_follow_each_other_without_gap_or_repeat_where_values_are_equal(orders):
    seen, cursor = [], ""
    for _ in range(3):
        page = keyset_page(Order.objects.all(), ORDER, cursor, size=2)
        seen += [order.pk for order in page.rows]
        cursor = page.after

    assert seen == [orders[i].pk for i in (0, 3, 2, 1, 4)]
    assert cursor is None


def test_going_back_shows_the_page_before(orders):
    first = keyset_page(Order.objects.all(), ORDER, "", size=2)
    second = keyset_page(Order.objects.all(), ORDER, first.after, size=2)

    back = keyset_page(Order.objects.all(), ORDER, second.before, size=2)

    assert [o.pk for o in back.rows] == [o.pk for o in first.rows]
    assert first.before is None
    assert back.before is None


def test_a_row_that_arrives_meanwhile_does_not_shift_the_next_page(orders, store, origin):
    first = keyset_page(Order.objects.all(), ORDER, "", size=2)
    OrderFactory(store=store, origin=origin, total=99)

    second = keyset_page(Order.objects.all(), ORDER, first.after, size=2)

    assert [o.pk for o in second.rows] == [orders[2].pk, orders[1].pk]


UNSALTED = signing.dumps(["a", "-total,-id", [1, 2]])


@pytest.mark.parametrize(
    "cursor", ["x", "1:2:3", UNSALTED], ids=["word", "signature", "another purpose"]
)
def test_a_forged_cursor_is_refused(orders, cursor):
    with pytest.raises(Refused, match="not valid any more"):
        keyset_page(Order.objects.all(), ORDER, cursor)


def test_a_cursor_of_another_sorting_is_refused(orders):
    cursor = keyset_page(Order.objects.all(), ORDER, "", size=2).after

    with pytest.raises(Refused, match="another sorting"):
        keyset_page(Order.objects.all(), ("placed_at", "id"), cursor)
