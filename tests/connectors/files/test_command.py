"""`manage.py pull files`: what it says, and with which code it ends."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connectors.models import ParkedRow, Run
from sales.models import Order, OrderLine
from stores.models import Store
from tests.tables import written

pytestmark = pytest.mark.django_db
HEAD = "order_id,placed_at,line_id,sku,quantity,price\n"
GOOD = HEAD + "1,2025-03-01 10:00:00,1,A,2,9.50\n"
PARTLY = GOOD + "2,2025-03-02 10:00:00,1,A,1,3 apples\n"


@pytest.fixture(autouse=True)
def _payloads_elsewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }


def pull(path, store="berlin", **options) -> tuple[int, str]:
    """The exit code and what was written; a refusal is CommandError, which ends with 1."""
    out = StringIO()
    try:
        call_command("pull", "files", store=store, path=path, stdout=out, **options)
    except SystemExit as ended:
        return int(ended.code), out.getvalue()
    return 0, out.getvalue()


def test_all_landed_ends_with_0_and_so_does_the_same_file_again(store, tmp_path):
    path = written(tmp_path, GOOD)

    first, again = pull(path), pull(path)

    assert (first[0], again[0]) == (0, 0)
    assert first[1].splitlines()[-1] == "File of Orders with their lines in one table: Done."
    assert "The same file was taken in on" in again[1]
    assert "--again" not in again[1]


def test_parked_rows_end_with_3_and_stand_in_the_error_file(store, tmp_path):
    path, errors = written(tmp_path, PARTLY), tmp_path / "errors.csv"

    code, told = pull(path, errors=errors)

    assert code == 3
    assert "Done, some rows parked." in told
    assert "Row 3, price: “3 apples”" in told
    assert errors.read_text(encoding="utf-8").splitlines()[1].startswith("3,price,3 apples,")
    assert Order.objects.count() == 1


def test_a_known_file_with_parked_rows_says_so_and_is_read_again_only_on_purpose(store, tmp_path):
    path = written(tmp_path, PARTLY)
    pull(path)
    line = OrderLine.objects.get()

    code, told = pull(path)
    assert (code, Run.objects.count()) == (3, 2)
    assert "1 of its rows are still parked." in told
    assert told.splitlines()[-1] == "Use --again to read the file once more."
    assert Run.objects.order_by("-pk").first().rows_read == 0

    code, told = pull(path, again=True)
    run = Run.objects.order_by("-pk").first()
    assert (code, run.status) == (3, Run.Status.PARTLY)
    assert (run.rows_read, run.rows_landed, run.rows_unchanged, run.rows_parked) == (3, 0, 2, 1)
    assert ParkedRow.objects.count() == 1
    assert OrderLine.objects.get() == line


def test_what_is_refused_ends_with_1_and_the_reason(store, tmp_path):
    cases = [
        (tmp_path / "none.csv", "There is no file or folder"),
        (written(tmp_path, "foo,bar\n1,2\n", "odd.csv"), "The columns are not known"),
        (written(tmp_path, 'order_id,placed_at\n1,"2025\n', "q.csv"), "The quote that opens"),
        (written(tmp_path, "order_id;sku\n1;Ä\n".encode("cp1252"), "l.csv"), "Use --encoding"),
    ]
    for path, reason in cases:
        with pytest.raises(CommandError, match=reason) as refused:
            pull(path)
        assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="Say which file or folder"):
        pull(None)
    with pytest.raises(CommandError, match="Say which store"):
        pull(tmp_path, store="")
    assert Order.objects.count() == 0


def test_a_new_store_is_opened_only_with_a_currency_and_a_zone(store, tmp_path):
    path = written(tmp_path, GOOD)

    with pytest.raises(CommandError, match="needs --currency and --zone"):
        pull(path, store="new-shop")
    assert not Store.objects.filter(slug="new-shop").exists()

    assert pull(path, store="new-shop", currency="JPY", zone="Asia/Tokyo")[0] == 0
    opened = Store.objects.get(slug="new-shop")
    assert (opened.name, opened.currency, opened.zone) == ("New Shop", "JPY", "Asia/Tokyo")
    assert Order.objects.get().day.isoformat() == "2025-03-01"


def test_a_dry_run_ends_with_the_same_code_and_changes_nothing(store, tmp_path):
    path = written(tmp_path, PARTLY)

    code, told = pull(path, store="new-shop", currency="EUR", zone="UTC", dry_run=True)

    assert code == 3
    assert told.splitlines()[-1] == "Nothing was changed: this was a dry run."
    assert "Row 3, price: “3 apples”" in told
    assert (Store.objects.count(), Order.objects.count(), Run.objects.count()) == (1, 0, 0)
