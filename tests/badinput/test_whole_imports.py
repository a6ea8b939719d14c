"""Bad files from end to end: good rows land, bad ones are named, nothing is ever half an import."""

import pytest

from accounts.records import SYSTEM
from catalog.models import Variant
from catalog.records import ProductRecord
from connectors.files import imports
from connectors.models import ParkedRow, Run
from core.errors import Refused
from sales.models import Order, OrderLine
from stores.services import origin_of
from tests.landings import land
from tests.tables import written

pytestmark = pytest.mark.django_db
HEAD = "order_id,placed_at,line_id,sku,quantity,price"
GOOD = "1,2025-03-01 10:00:00,1,A,2,9.50"


@pytest.fixture(autouse=True)
def _payloads_elsewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }


def taken_in(store, tmp_path, *rows: str, head: str = HEAD, name: str = "t.csv") -> Run:
    path = written(tmp_path, "\n".join([head, *rows]) + "\n", name)
    mapping = imports.mapping_for(path, "generic_order_lines")
    return imports.import_now(viewer=SYSTEM, store=store, path=path, mapping=mapping)


def order(price="9.50", *, at="2025-03-02 10:00:00", sku="A", quantity="1") -> str:
    return f'2,"{at}",1,"{sku}",{quantity},"{price}"'


@pytest.mark.parametrize(
    "price",
    ["-5", "1e309", "1E5", "NaN", "Infinity", "-inf", "0x10", "1_000", "12,5", "1.234,56", "9" * 40,
     "1.23456789", "--1", "1 apple", "=1+1", "#REF!", ""],
)  # fmt: skip
def test_a_price_that_is_none_is_named_and_the_rest_lands(store, tmp_path, price):
    run = taken_in(store, tmp_path, GOOD, order(price))

    assert (run.status, run.rows_parked) == (Run.Status.PARTLY, 1)
    row = ParkedRow.objects.get()
    assert (row.row_number, row.column, row.value) == (3, row.column, price)
    assert row.column in {"price", "unit_price"}
    assert row.reason
    assert row.remedy
    assert list(Order.objects.values_list("external_id", flat=True)) == ["1"]


@pytest.mark.parametrize(
    "at",
    ["2024-02-30", "29.02.2023", "03/04/05", "60", "0000-00-00", "10000-01-01 00:00:00",
     "2025-03-30 02:30:00", "1970-01-01", "2199-01-01", "yesterday", ""],
)  # fmt: skip
def test_a_date_that_is_none_is_named_and_the_rest_lands(store, tmp_path, at):
    run = taken_in(store, tmp_path, GOOD, order(at=at))

    assert run.status == Run.Status.PARTLY
    assert ParkedRow.objects.filter(column="placed_at").count() == 1
    assert list(Order.objects.values_list("external_id", flat=True)) == ["1"]


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1e3", "99999999999"])
def test_a_quantity_that_is_none_is_named_and_its_order_has_no_line_of_it(
    store, tmp_path, quantity
):
    run = taken_in(store, tmp_path, GOOD, order(quantity=quantity))

    assert run.status == Run.Status.PARTLY
    assert ParkedRow.objects.filter(column="quantity").count() == 1
    assert OrderLine.objects.get().order.external_id == "1"


@pytest.mark.parametrize("sku", ["A\u202eB", "A\u2066B", "A\u200bB", "\ufeffA"])
def test_hidden_characters_never_reach_an_id_unseen(store, tmp_path, sku):
    taken_in(store, tmp_path, GOOD, order(sku=sku))

    named = ParkedRow.objects.filter(column="sku").count()
    stored = OrderLine.objects.filter(order__external_id="2").values_list("sku", flat=True)
    assert named == 1 or [s for s in stored if s.isprintable()] == list(stored)


@pytest.mark.parametrize("sku", ["ＭＵＧ", "mug", " MUG ", "Ｍug"])
def test_a_sku_is_compared_in_one_form_of_each_letter(store, tmp_path, sku):
    origin = origin_of(store, "files", "Files")
    land(store, origin, ProductRecord("P", "V", "Mug", sku="MUG"))

    taken_in(store, tmp_path, order(sku=sku))

    assert OrderLine.objects.get().variant == Variant.objects.get()


def test_ids_keep_their_leading_zeros(store, tmp_path):
    taken_in(store, tmp_path, "007,2025-03-01,0001,00420,1,1")

    line = OrderLine.objects.get()
    assert (line.order.external_id, line.external_id, line.sku) == ("007", "0001", "00420")


def test_the_order_of_the_columns_is_free(store, tmp_path):
    taken_in(store, tmp_path, GOOD)

    again = taken_in(store, tmp_path, "9.50,A,2,1,2025-03-01 10:00:00,1", name="b.csv",
                     head="price,sku,quantity,line_id,placed_at,order_id")  # fmt: skip

    assert (again.status, again.rows_unchanged) == (Run.Status.UNCHANGED, 2)


def test_a_header_alone_has_nothing_and_no_bytes_are_refused(store, tmp_path):
    assert taken_in(store, tmp_path).status == Run.Status.UNCHANGED
    with pytest.raises(Refused, match="The file is empty"):
        imports.mapping_for(written(tmp_path, b"", "e.csv"), "generic_order_lines")
    assert not Order.objects.exists()


def test_two_files_at_once_both_land_and_the_same_file_twice_lands_once(store, tmp_path):
    rows = ["\n".join([HEAD, text]) + "\n" for text in (GOOD, order())]
    paths = [written(tmp_path, text, f"{n}.csv") for n, text in enumerate([*rows, rows[0]])]
    runs = [
        imports.start_import(
            viewer=SYSTEM, store=store, path=path, mapping=imports.mapping_for(path)
        )
        for path in paths
    ]

    done = [imports.worked_off(run) for run in runs]

    assert [run.status for run in done] == ["done", "done", "unchanged"]
    assert (Order.objects.count(), OrderLine.objects.count()) == (2, 2)
