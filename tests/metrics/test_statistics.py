import pytest
from django.db import connection

from metrics.statistics import keep_statistics

pytestmark = pytest.mark.django_db


def test_a_table_that_has_outgrown_its_statistics_gets_new_ones_once(store, origin):
    with connection.cursor() as cursor:
        # Room that rows of other tests left would take the new ones in.
        cursor.execute("TRUNCATE sales_customer CASCADE")
        cursor.execute("ANALYZE sales_customer")
        cursor.execute(
            "INSERT INTO sales_customer (store_id, origin_id, external_id, email, name, phone, "
            "country, city, order_count, net_spent, content_hash, version) "
            "SELECT %s, %s, n, '', repeat('x', 100), '', 0, '', 0, 0, '', 1 "
            "FROM generate_series(1, 5000) n",
            [store.pk, origin.pk],
        )

    assert keep_statistics(["sales_customer", "sales_order"]) == ["sales_customer"]
    assert keep_statistics(["sales_customer", "sales_order"]) == []
