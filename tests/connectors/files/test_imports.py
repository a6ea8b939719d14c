"""Taking files in: what lands, what is parked, what a dry run says, what is known already."""

import io
from decimal import Decimal

import pytest

from accounts.records import SYSTEM
from connectors.files import imports
from connectors.files.known import PRESETS, recognise
from connectors.files.mapping import from_json, to_json
from connectors.models import ParkedRow, Run
from core.errors import Refused
from sales.models import Order, OrderLine
from tests.tables import written

pytestmark = pytest.mark.django_db
HEAD = "order_id,placed_at,line_id,sku,quantity,price\n"
GOOD = HEAD + "1,2025-03-01 10:00:00,1,A,2,9.50\n1,2025-03-01 10:00:00,2,B,1,3\n"
BAD = GOOD + "2,2025-03-02 10:00:00,1,A,1,9.50\n2,2025-03-02 10:00:00,2,B,1,3 apples\n"


@pytest.fixture(autouse=True)
def _payloads_elsewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }


def taken_in(store, path, slug="generic_order_lines") -> Run:
    mapping = imports.mapping_for(path, slug)
    return imports.import_now(viewer=SYSTEM, store=store, path=path, mapping=mapping)


def test_rows_land_and_the_same_file_again_is_known(store, tmp_path):
    path = written(tmp_path, GOOD)

    first, second = taken_in(store, path), taken_in(store, path)

    assert first.status == Run.Status.DONE
    assert {s: c["landed"] for s, c in first.counts.items()} == {"orders": 1, "lines": 2}
    assert second.status == Run.Status.UNCHANGED
    assert second.notes[0].startswith("The same file was taken in on")
    assert [line.gross for line in OrderLine.objects.order_by("external_id")] == [
        Decimal("19.0000"),
        Decimal("3.0000"),
    ]


def test_the_same_rows_in_a_new_file_change_nothing(store, tmp_path):
    taken_in(store, written(tmp_path, GOOD))
    lines = GOOD.splitlines()
    turned = written(tmp_path, "\n".join([lines[0], lines[2], lines[1]]) + "\n", "turned.csv")

    run = taken_in(store, turned)

    assert run.status == Run.Status.UNCHANGED
    assert run.rows_landed == 0
    assert run.rows_unchanged == 3


def test_an_order_with_an_unreadable_row_is_parked_whole(store, tmp_path):
    run = taken_in(store, written(tmp_path, BAD))

    assert run.status == Run.Status.PARTLY
    assert list(Order.objects.values_list("external_id", flat=True)) == ["1"]
    found = ParkedRow.objects.filter(run=run).order_by("row_number")
    assert [(row.row_number, row.column, row.value) for row in found] == [
        (4, "order_id", "2"),
        (5, "price", "3 apples"),
    ]


def test_the_error_file_names_each_row(store, tmp_path):
    run = taken_in(store, written(tmp_path, BAD))
    out = io.StringIO()

    assert imports.write_errors(run, out) == 2
    assert out.getvalue().splitlines()[2].startswith('5,price,3 apples,"That is not an amount')


def test_a_dry_run_tells_and_changes_nothing(store, tmp_path):
    path = written(tmp_path, BAD)

    found = imports.dry_run(
        store=store, path=path, mapping=imports.mapping_for(path, "generic_order_lines")
    )

    assert {s: (c["landed"], c["parked"]) for s, c in found.counts.items()} == {
        "orders": (1, 1),
        "lines": (2, 1),
    }
    assert {error.row for error in found.errors} == {4, 5}
    assert not Order.objects.exists()
    assert not Run.objects.exists()


def test_a_file_that_cannot_be_read_changes_nothing(store, tmp_path):
    path = written(tmp_path, 'order_id,placed_at\n1,"2025\n')

    with pytest.raises(Refused, match="The quote that opens in line 2"):
        taken_in(store, path)
    assert not Order.objects.exists()


def test_a_missing_column_is_named(store, tmp_path):
    path = written(tmp_path, "order_id,price\n1,2\n")

    with pytest.raises(Refused, match="No column gives “placed_at” of orders"):
        taken_in(store, path)


@pytest.mark.parametrize("mapping", PRESETS.values(), ids=list(PRESETS))
def test_every_preset_survives_being_kept(mapping):
    assert from_json(to_json(mapping)) == mapping


@pytest.mark.parametrize("slug", [s for s, m in PRESETS.items() if len(m.parts) == 1])
def test_single_file_presets_are_recognised_by_their_columns(slug):
    assert recognise([*PRESETS[slug].parts[0].needs, "Something else"]) == slug


@pytest.mark.parametrize(
    ("headers", "slug"),
    [
        (HEAD.strip().split(","), "generic_order_lines"),
        (["visitor_id", "event_id", "timestamp", "event_name"], "generic_events"),
        (["date", "platform", "campaign", "spend", "clicks"], "generic_ad_spend"),
        (["foo", "bar"], ""),
    ],
)
def test_plain_tables_are_recognised(headers, slug):
    assert recognise(headers) == slug
