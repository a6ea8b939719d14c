"""The audit passes what is right and finds what was damaged, in every kind of table."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Notification
from core.models import Outbox
from metrics.audit import audit
from metrics.models import Mark
from metrics.refresh import drain
from metrics.tasks import audit_sample
from tests.factories.orders import customer, refund, sell
from tests.factories.traffic import event
from traffic.models import Kind
from traffic.services.partitions import make_partitions

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(store, origin):
    """A little of everything, refreshed."""
    make_partitions([date(2026, 1, 1)])
    buyer = customer(origin)
    refund(sell(origin, buyer, "2026-01-10", "30"), "10")
    sell(origin, buyer, "2026-01-20", "20")
    event(store, 1, "2026-01-05 10:00", Kind.PRODUCT_VIEW)
    event(store, 1, "2026-01-09 10:00")
    drain()
    return store


def run(*words: str) -> str:
    out = StringIO()
    call_command("rollups", *words, stdout=out)
    return out.getvalue()


def damage(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount > 0


def test_sound_tables_pass_and_the_rows_checked_are_told(shop):
    said = run("audit")

    assert f"rollup_lines_day (store {shop.pk}): 2 rows checked: equal" in said
    assert f"traffic_session (store {shop.pk}): 2 rows checked: equal" in said
    assert "ad_spend: no store has rows" in said
    assert said.endswith("0 rows differ.\n")


PLANTED = [
    ("rollup_lines_day", "UPDATE rollup_lines_day SET gross = gross + 0.01"),
    ("rollup_lines_month", "UPDATE rollup_lines_month SET gross_reporting = 0"),
    ("rollup_lines_year_product", "UPDATE rollup_lines_year_product SET gross = gross + 1"),
    ("rollup_refund_lines_year_product", "DELETE FROM rollup_refund_lines_year_product"),
    ("rollup_orders_day_channel", "DELETE FROM rollup_orders_day_channel"),
    (
        "rollup_orders_month",
        (
            "INSERT INTO rollup_orders_month SELECT store_id, day + 31, orders, orders_with_lines,"
            " new_customers, shipping, shipping_reporting, shipping_tax, shipping_tax_reporting,"
            " unrated FROM rollup_orders_month"
        ),
    ),
    ("traffic_session", "UPDATE traffic_session SET seconds = 1 WHERE day = '2026-01-05'"),
    ("traffic_session", "DELETE FROM traffic_session WHERE day = '2026-01-09'"),
    ("traffic_session first", "UPDATE traffic_session SET is_first = true"),
    ("traffic_firstsession", "DELETE FROM traffic_firstsession"),
    ("metrics_presence visitors", "DELETE FROM metrics_presence WHERE day = '2026-01-05'"),
    ("metrics_gap visitors", "UPDATE metrics_gap SET n = 2 WHERE measure = 'visitors'"),
    ("metrics_gap customers", "DELETE FROM metrics_gap WHERE measure = 'customers'"),
    ("metrics_cell visitors", "DELETE FROM metrics_cell"),
    ("sales_customer figures", "UPDATE sales_customer SET net_spent = 41"),
    ("sales_order customer types", "UPDATE sales_order SET customer_type = 1"),
    ("sales_orderline customer types", "UPDATE sales_orderline SET customer_type = 0"),
    ("sales_cohort", "UPDATE sales_cohort SET orders = 7"),
]


@pytest.mark.slow
def test_planted_damage_is_found_in_every_kind_of_table(shop):
    missed = []
    for table, planted in PLANTED:
        with transaction.atomic():
            damage(planted)
            if table not in {found.table for found in audit() if found.differing}:
                missed.append(table)
            transaction.set_rollback(True)

    assert missed == []


def test_the_command_fails_when_a_row_differs(shop):
    damage("UPDATE rollup_lines_day SET gross = gross + 0.01")

    with pytest.raises(CommandError, match="4 rows differ"):
        run("audit", "--fact", "lines")


def test_days_that_wait_for_a_refresh_are_left_out_and_said(shop, origin):
    sell(origin, None, "2026-01-10", "5")

    said = run("audit", "--fact", "lines")

    assert f"rollup_lines_day (store {shop.pk}): 1 rows checked, 1 days wait" in said
    assert "0 rows differ" in said


def test_a_fact_and_a_store_can_be_named(shop):
    assert "rollup_orders_day" not in run("audit", "--fact", "lines", "--store", shop.slug)
    with pytest.raises(CommandError, match="no store called nowhere"):
        run("audit", "--store", "nowhere")


def test_the_nightly_sample_has_damage_repaired_and_told_to_the_managers(shop, alice, bob):
    damage("UPDATE rollup_lines_day SET gross = 0")

    audit_sample()
    for row in Outbox.objects.filter(done_at=None).order_by("pk"):
        call_queued(row)

    assert run("audit").endswith("0 rows differ.\n")
    assert list(Notification.objects.values_list("user__email", flat=True)) == [alice.email]


def call_queued(row: Outbox) -> None:
    from django.utils.module_loading import import_string

    import_string(row.task).run(**row.kwargs)


def test_status_tells_what_waits(shop):
    Mark.objects.create(fact="orders", store_id=shop.pk, day=date(2026, 1, 10))

    lines = run("status").splitlines()

    assert any(line.split()[:3] == ["orders", "1", "1"] for line in lines)
    assert "Not built: none." in lines


def test_status_raises_an_alarm_for_rows_without_a_month_table(shop):
    event(shop, 3, "2033-01-05 10:00")

    assert "ALARM: 1 rows of traffic_event have no month table." in run("status")


def test_refresh_and_rebuild_say_what_they_did(shop, origin):
    sell(origin, None, "2026-01-11", "5")

    assert run("refresh", "--fact", "lines") == "1 days refreshed.\n"
    assert run("rebuild", "--fact", "lines") == f"lines: store {shop.pk} rebuilt.\n"
