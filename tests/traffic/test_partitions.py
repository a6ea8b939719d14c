"""Month tables of events and sessions."""

from datetime import date

import pytest
from django.db import connection

from metrics.refresh import drain
from tests.factories.traffic import event
from traffic.models import DroppedMonth, Event, Session
from traffic.services.partitions import (
    default_rows,
    drop_events_before,
    make_partitions,
    partitions,
)

pytestmark = pytest.mark.django_db


def table_of(model: type[Event | Session]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT tableoid::regclass::text FROM {model._meta.db_table}")
        return cursor.fetchone()[0]


def test_days_get_the_tables_of_their_months_once():
    days = [date(2031, 1, 5), date(2031, 1, 6)]

    assert make_partitions(days) == ["traffic_event_2031_01", "traffic_session_2031_01"]
    assert make_partitions(days) == []


def test_rows_that_fell_into_the_default_table_move_into_their_month(store):
    event(store, 1, "2031-02-03 10:00")
    assert default_rows() == {"traffic_event": 1, "traffic_session": 0}

    make_partitions([date(2031, 2, 1)])

    assert default_rows() == {"traffic_event": 0, "traffic_session": 0}
    assert table_of(Event) == "traffic_event_2031_02"


def test_dropped_events_leave_sessions_that_later_refreshes_do_not_touch(store):
    make_partitions([date(2021, 1, 1), date(2021, 2, 1)])
    event(store, 1, "2021-01-31 10:00")
    event(store, 1, "2021-02-01 10:00")
    drain()

    assert date(2021, 1, 1) in drop_events_before(date(2021, 2, 15))
    event(store, 1, "2021-01-31 12:00")
    drain()

    assert DroppedMonth.objects.get(month=date(2021, 1, 1)).rows == 1
    assert sorted(Session.objects.values_list("day", "events")) == [
        (date(2021, 1, 31), 1),
        (date(2021, 2, 1), 1),
    ]


def test_a_dropped_month_gets_no_table_for_events_again(store):
    make_partitions([date(2021, 1, 1)])
    drop_events_before(date(2021, 2, 1))

    assert make_partitions([date(2021, 1, 1)]) == []
    assert "traffic_session_2021_01" in partitions()


def test_events_whose_sessions_still_wait_are_not_dropped(store):
    make_partitions([date(2021, 1, 1)])
    event(store, 1, "2021-01-31 10:00")

    assert date(2021, 1, 1) not in drop_events_before(date(2021, 2, 15))
    assert Event.objects.count() == 1
