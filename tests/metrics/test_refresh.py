"""Marks become rollups: exactly, once, newest first."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.audit import audit
from metrics.models import Mark, Version
from metrics.rebuild import rebuild_all
from metrics.refresh import drain, next_batch, refresh
from sales.models import Order
from tests.factories.orders import customer, refund, sell
from tests.factories.traffic import event, imported_session, key_of
from traffic.models import Event, Kind
from traffic.services.partitions import make_partitions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months(db: None) -> None:
    make_partitions([date(2026, month, 1) for month in (1, 2, 3)])


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def differing() -> list[tuple[str, int]]:
    return [(found.table, found.differing) for found in audit() if found.differing]


def unique_visitors(start: str, end: str, scope: str = "", val: int = 0) -> int:
    return rows(
        f"SELECT coalesce(sum(n), 0) FROM metrics_gap WHERE measure = 'visitors' "
        f"AND scope = '{scope}' AND val = {val} "
        f"AND day BETWEEN '{start}' AND '{end}' AND prev < '{start}'"
    )[0][0]


def test_days_and_months_add_up_what_was_sold(origin):
    sell(origin, None, "2026-01-10", "10", channel=1)
    sell(origin, None, "2026-01-10", "20", channel=2)
    sell(origin, None, "2026-01-31", "5", channel=1)
    sell(origin, None, "2026-01-31", "99", channel=1, status="cancelled", is_sale=False)
    drain()

    assert rows("SELECT day, channel, gross FROM rollup_lines_day_channel ORDER BY 1, 2") == [
        (date(2026, 1, 10), 1, Decimal(10)),
        (date(2026, 1, 10), 2, Decimal(20)),
        (date(2026, 1, 31), 1, Decimal(5)),
    ]
    assert rows("SELECT day, gross, gross_reporting FROM rollup_lines_month") == [
        (date(2026, 1, 1), Decimal(35), Decimal(35))
    ]
    assert rows("SELECT sum(gross) FROM rollup_all_lines_month") == [(Decimal(134),)]


def test_a_refund_counts_on_its_own_day_and_again_on_the_order_s(origin):
    refund(sell(origin, None, "2026-01-31", "10"), "4", days_later=2)
    drain()

    assert rows("SELECT day, amount FROM rollup_refund_lines_day") == [(date(2026, 2, 2), 4)]
    assert rows("SELECT day, amount FROM rollup_refund_lines_by_order_day_day") == [
        (date(2026, 1, 31), 4)
    ]


def test_a_row_that_disappears_takes_its_figures_along(origin):
    order = sell(origin, None, "2026-01-10", channel=7)
    drain()
    Order.objects.filter(pk=order.pk).update(is_sale=False)
    Mark.objects.create(fact="orders", store_id=order.store_id, day=order.day)
    drain()

    assert rows("SELECT * FROM rollup_orders_day_channel") == []
    assert rows("SELECT * FROM rollup_orders_month") == []


def test_a_refresh_without_marks_does_nothing_and_counts_no_version(origin):
    order = sell(origin, None, "2026-01-10")
    drain()
    before = list(Version.objects.values_list("fact", "day", "n").order_by("fact"))

    assert refresh("orders", order.store_id, [order.day]) == 0
    assert list(Version.objects.values_list("fact", "day", "n").order_by("fact")) == before


def test_a_second_refresh_of_the_same_facts_changes_only_the_version(origin):
    order = sell(origin, customer(origin), "2026-01-10")
    drain()
    before = rows("SELECT * FROM rollup_orders_day"), rows("SELECT * FROM metrics_gap")
    Mark.objects.create(fact="orders", store_id=order.store_id, day=order.day)
    drain()

    assert (rows("SELECT * FROM rollup_orders_day"), rows("SELECT * FROM metrics_gap")) == before
    assert Version.objects.get(fact="orders").n == 2


def test_an_unchanged_row_is_not_written_again(origin):
    sell(origin, None, "2026-01-10", channel=1)
    drain()
    before = rows("SELECT ctid FROM rollup_orders_day_channel WHERE channel = 1")
    sell(origin, None, "2026-01-10", channel=2)
    drain()

    assert rows("SELECT ctid FROM rollup_orders_day_channel WHERE channel = 1") == before


def test_unique_visitors_are_exact_over_any_range_and_scope(store):
    for visitor, day, channel in (
        (1, "2026-01-05", 1), (1, "2026-01-20", 2), (1, "2026-02-03", 1), (2, "2026-01-20", 1),
    ):  # fmt: skip
        event(store, visitor, f"{day} 10:00", channel=channel)
    drain()

    assert unique_visitors("2026-01-01", "2026-02-28") == 2
    assert unique_visitors("2026-01-06", "2026-02-28") == 2
    assert unique_visitors("2026-02-01", "2026-02-28") == 1
    assert unique_visitors("2026-01-01", "2026-01-31", "channel", 1) == 2
    assert unique_visitors("2026-01-01", "2026-01-31", "channel", 2) == 1


def test_a_late_visit_in_between_splits_the_gap(store):
    event(store, 1, "2026-01-05 10:00")
    event(store, 1, "2026-01-25 10:00")
    drain()
    event(store, 1, "2026-01-15 10:00")
    drain()

    assert rows("SELECT day, prev, n FROM metrics_gap WHERE scope = '' AND prev <> '-infinity'"
                " ORDER BY 1") == [
        (date(2026, 1, 15), date(2026, 1, 5), 1),
        (date(2026, 1, 25), date(2026, 1, 15), 1),
    ]  # fmt: skip
    assert differing() == []


def test_a_visitor_whose_events_go_leaves_the_sets(store):
    gone = event(store, 1, "2026-01-05 10:00")
    event(store, 2, "2026-01-05 10:00")
    drain()
    Event.objects.filter(key=gone.key).delete()
    Mark.objects.create(fact="sessions", store_id=store.pk, day=gone.day)
    drain()

    assert unique_visitors("2026-01-01", "2026-01-31") == 1
    assert differing() == []


def test_the_newest_days_come_first_and_the_rest_by_month(store):
    today = timezone.now().date()
    days = [today, today - timedelta(days=1), date(2025, 3, 2), date(2025, 3, 9), date(2025, 1, 7)]
    for day in days:
        Mark.objects.create(fact="orders", store_id=store.pk, day=day)

    seen = []
    while batch := next_batch("orders", store.pk):
        seen.append(batch.days)
        refresh(batch.fact, batch.store_id, batch.days)

    assert seen == [
        (today - timedelta(days=1), today),
        (date(2025, 3, 2), date(2025, 3, 9)),
        (date(2025, 1, 7),),
    ]


def told(row):
    """A row as text; sets of bytes by what they hold, not by where they lie."""
    return str([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row])


def test_a_rebuild_gives_what_refreshes_gave(origin, store):
    buyer = customer(origin)
    refund(sell(origin, buyer, "2026-01-10", "30"), "10")
    sell(origin, buyer, "2026-02-10", "20")
    event(store, 1, "2026-01-05 10:00", Kind.PURCHASE, value=Decimal(5))
    drain()
    tables = ("rollup_lines_day", "rollup_sessions_month_channel", "metrics_gap", "metrics_cell")
    before = [sorted(map(told, rows(f"SELECT * FROM {table}"))) for table in tables]

    rebuild_all()

    assert [sorted(map(told, rows(f"SELECT * FROM {table}"))) for table in tables] == before
    assert differing() == []


day_numbers = st.integers(0, 45)
steps = st.one_of(
    st.tuples(st.just("visit"), st.integers(1, 4), day_numbers, st.integers(0, 1439)),
    st.tuples(st.just("import"), st.integers(1, 4), day_numbers, st.integers(0, 1439)),
    st.tuples(st.just("sell"), st.integers(1, 3), day_numbers, st.integers(1, 3)),
    st.tuples(st.just("return"), st.integers(0, 9), st.just(0), st.just(0)),
    st.tuples(st.just("refresh"), st.integers(1, 5), st.just(0), st.just(0)),
)


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(steps, min_size=3, max_size=14))
def test_any_history_of_writes_and_refreshes_ends_equal_to_the_facts(store, origin, history):
    with transaction.atomic():
        buyers = {n: customer(origin) for n in (1, 2, 3)}
        orders = []
        for turn, (what, who, number, detail) in enumerate(history):
            day = date(2026, 1, 1) + timedelta(days=number)
            at = f"{day} {detail // 60:02d}:{detail % 60:02d}:{turn:02d}"
            if what == "visit":
                event(store, who, at, key=key_of(turn), channel=detail % 3, country=who)
            elif what == "import":
                imported_session(store, who, at)
            elif what == "sell":
                orders.append(sell(origin, buyers[who], str(day), channel=detail))
            elif what == "return" and orders:
                refund(orders[who % len(orders)], "1", days_later=who)
            elif what == "refresh" and (mark := Mark.objects.order_by("-day", "fact").first()):
                refresh(mark.fact, mark.store_id, [mark.day])
        drain()

        assert differing() == []
        transaction.set_rollback(True)
