"""Rollup tables follow the declarations."""

import pytest
from django.db import connection

from core.models import Outbox
from metrics import tasks
from metrics.audit import audit
from metrics.declare import facts
from metrics.models import RollupState
from metrics.rebuild import build_fact
from metrics.refresh import drain
from metrics.sql import Rollup, gap_state, rollup_table, unique_measures
from metrics.tables import built_tables, declared, sync
from tests.factories.orders import customer, sell

pytestmark = pytest.mark.django_db


def test_every_declared_rollup_has_its_table_and_counts_as_built_while_empty():
    tables = {name for name in declared() if name.startswith("rollup_")}

    assert tables <= set(connection.introspection.table_names())
    assert built_tables() == declared().keys()


def test_a_second_synchronisation_changes_nothing():
    done = sync()

    assert (done.made, done.dropped, done.to_build) == ([], [], [])


def test_a_changed_declaration_makes_the_table_anew_and_is_not_read_until_built():
    table = "rollup_orders_day_channel"
    RollupState.objects.filter(table=table).update(signature="another")

    assert table not in built_tables()
    assert sync().made == [table, "rollup_orders_month_channel"]
    assert table in built_tables()


def test_a_year_is_made_anew_whenever_its_months_are():
    RollupState.objects.filter(table="rollup_lines_month_product").update(signature="another")

    assert sync().made == ["rollup_lines_month_product", "rollup_lines_year_product"]


def test_a_table_that_vanished_is_made_again():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE rollup_orders_day")

    assert sync().made == ["rollup_orders_day", "rollup_orders_month"]


def test_a_rollup_that_is_no_longer_declared_is_dropped():
    RollupState.objects.create(table="rollup_orders_day_moon", fact="orders", signature="old")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE rollup_orders_day_moon (day date)")

    assert sync().dropped == ["rollup_orders_day_moon"]
    assert "rollup_orders_day_moon" not in connection.introspection.table_names()


def test_a_table_made_anew_over_rows_is_built_by_a_job_and_not_read_before(origin):
    sell(origin, customer(origin), "2026-01-10", channel=3)
    drain()
    changed = ["rollup_orders_day_channel", gap_state(unique_measures(facts["orders"])[0])]
    RollupState.objects.filter(table__in=changed).update(signature="another")

    assert sync().to_build == ["orders"]
    assert not set(changed) & built_tables()
    (job,) = Outbox.objects.filter(task="metrics.tasks.build_fact")
    tasks.build_fact.run(**job.kwargs)

    assert set(changed) <= built_tables()
    assert [found for found in audit(name="orders") if found.differing] == []
    assert sum(found.checked for found in audit(name="orders")) > 0


def test_a_refresh_meanwhile_goes_into_the_unbuilt_table(origin):
    sell(origin, None, "2026-01-10", channel=3)
    drain()
    RollupState.objects.filter(table="rollup_orders_day_channel").update(signature="another")
    sync()
    sell(origin, None, "2026-01-20", channel=3)
    drain()
    build_fact("orders")

    assert [found for found in audit(name="orders") if found.differing] == []


def test_a_coarse_rollup_is_added_up_from_the_next_finer_one():
    orders = facts["orders"]

    parent = Rollup(orders, ("channel",), "day").parent

    assert parent == Rollup(orders, ("channel", "country", "device"), "day")
    assert Rollup(orders, ("channel",), "month").parent == Rollup(orders, ("channel",), "day")


def test_names_stay_within_what_the_database_keeps():
    long = rollup_table(
        facts["refund_lines_by_order_day"],
        ("channel", "country", "device", "tag", "customer_type"),
        "month",
    )

    assert len(long) == 63
    assert rollup_table(facts["orders"], ("channel",), "month") == "rollup_orders_month_channel"
