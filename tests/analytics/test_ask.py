"""Figures from the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.metrics.rows import DAY, sell, use_rollups

pytestmark = pytest.mark.django_db
MAY = ("--from", "2026-05-01", "--to", "2026-05-31")


def told(*words: str) -> str:
    out = StringIO()
    call_command("ask", *words, *MAY, stdout=out)
    return out.getvalue()


@pytest.fixture
def shop(store):
    sell(store, DAY, {"gross": 1200}, country=276)
    sell(store, DAY, {"gross": "34.5"}, country=250)
    use_rollups(store)
    return store


def test_a_table_for_people(shop):
    assert told("gross_sales,orders", "--store", "berlin", "--by", "country") == (
        "country  gross_sales (EUR)  orders\n"
        "───────  ─────────────────  ──────\n"
        "Germany           1,200.00       1\n"
        "France               34.50       1\n"
        "Total             1,234.50       2\n"
        "\n"
        "Read from rollup_lines_month_country, rollup_orders_month_country\n"
    )


def test_csv_with_exact_figures(shop):
    asked = ("gross_sales,average_order", "--store", "berlin", "--by", "country")

    assert told(*asked, "--where", "country=FR,DE", "--format", "csv") == (
        "country,gross_sales,average_order\nDE,1200,1200\nFR,34.5,34.5\n"
    )


def test_csv_beside_another_period(shop):
    asked = ("orders", "--store", "all", "--compare", "prev", "--format", "csv")

    assert told(*asked) == "orders,orders_before,orders_change\n2,0,\n"


def test_json_for_other_programs(shop):
    answer = json.loads(told("gross_sales", "--store", "berlin", "--by", "day", "--format", "json"))

    assert answer["total"] == {"gross_sales": "1234.5"}
    assert answer["rows"][3] == {"day": "2026-05-04", "gross_sales": "1234.5"}
    assert answer["currency"] == "EUR"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["orders", "--store", "paris"], "There is no store called “paris”. Stores: berlin."),
        (
            ["order", "--store", "berlin"],
            "There is no figure called “order”. Did you mean",
        ),
        (["orders", "--store", "berlin", "--where", "country"], "is not like country=DE,FR"),
        (["orders", "--store", "berlin", "--by", "category"], "cannot be broken down"),
    ],
)
def test_bad_input_is_told_and_ends_with_2(shop, words, message):
    with pytest.raises(CommandError, match=message) as refused:
        told(*words)

    assert refused.value.returncode in (1, 2)


def test_a_refusal_ends_with_2(shop):
    with pytest.raises(CommandError) as refused:
        told("order", "--store", "berlin")

    assert refused.value.returncode == 2
