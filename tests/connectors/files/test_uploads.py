"""What people send: kept under a key, only tables, not too large, each store its own."""

import pytest

from accounts.records import SYSTEM
from connectors.files import uploads
from connectors.files.checking import import_checked, run_check, start_check
from connectors.files.imports import worked_off
from connectors.models import Run
from core.errors import Refused
from core.models import Job
from sales.models import Order, OrderLine
from tests.factories.stores import StoreFactory

pytestmark = pytest.mark.django_db
GOOD = b"order_id,placed_at,line_id,sku,quantity,price\n1,2025-03-01 10:00:00,1,A,2,9.50\n"
PARTLY = GOOD + b"2,2025-03-02 10:00:00,1,A,1,3 apples\n"


@pytest.fixture(autouse=True)
def _files_elsewhere(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }


def sent(store, name="march.csv", content=GOOD):
    return uploads.keep_upload(store=store, name=name, chunks=[content[:10], content[10:]])


@pytest.mark.parametrize(
    ("name", "shown", "ending"),
    [
        ("march.csv", "march.csv", "file.csv"),
        ("../../etc/march.csv", "march.csv", "file.csv"),
        ("C:\\Users\\me\\march.CSV", "march.CSV", "file.csv"),
        ("a" * 300 + ".xlsx", "a" * 115 + ".xlsx", "file.xlsx"),
        ("orders.csv.gz", "orders.csv.gz", "file.csv.gz"),
        ("\u202egpj.csv", "\u202egpj.csv", "file.csv"),
    ],
)
def test_a_file_is_kept_under_a_key_of_ours(store, tmp_path, name, shown, ending):
    upload = sent(store, name)

    assert (upload.name, upload.path.name, upload.size) == (shown, ending, len(GOOD))
    assert upload.path == tmp_path / "uploads" / str(store.pk) / upload.key / ending
    assert uploads.upload_of(store, upload.key) == upload


@pytest.mark.parametrize("name", ["run.exe", "page.html", "csv", ""])
def test_what_is_no_table_is_refused(store, tmp_path, name):
    with pytest.raises(Refused, match="is no table"):
        sent(store, name)
    assert not (tmp_path / "uploads").exists()


def test_a_file_over_the_limit_is_refused_and_not_kept(store, settings, tmp_path):
    settings.UPLOAD_MAX_MB = 1

    with pytest.raises(Refused, match="larger than 1 MB"):
        sent(store, content=b"x" * (1024 * 1024 + 1))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("key", ["0" * 32, "../../etc", "", "g" * 32])
def test_an_upload_is_found_by_its_key_and_by_its_own_store_only(store, key):
    mine = sent(store)

    with pytest.raises(Refused, match="not there any more"):
        uploads.upload_of(store, key)
    with pytest.raises(Refused, match="not there any more"):
        uploads.upload_of(StoreFactory(slug="other"), mine.key)


def test_what_was_checked_is_imported_and_a_known_file_again_only_on_purpose(store):
    upload = sent(store, content=PARTLY)
    mapping = uploads.recognise_upload(store, upload).mapping
    job = start_check(viewer=SYSTEM, store=store, upload=upload, mapping=mapping)
    run_check(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result["read"], job.result["parked"]) == (Job.Status.DONE, 3, 1)
    assert Order.objects.count() == 0

    first = worked_off(import_checked(viewer=SYSTEM, job=job))
    known = import_checked(viewer=SYSTEM, job=job)
    again = worked_off(import_checked(viewer=SYSTEM, job=job, again=True))

    assert (first.status, first.params["name"]) == (Run.Status.PARTLY, "march.csv")
    assert (known.status, known.params["known"]) == (Run.Status.UNCHANGED, first.pk)
    assert known.notes[1].startswith("1 of its rows are still parked.")
    assert (again.status, again.rows_landed, again.rows_parked) == (Run.Status.PARTLY, 0, 1)
    assert OrderLine.objects.count() == 1


def test_a_mapping_is_remembered_for_files_of_the_same_columns(store):
    upload = sent(store, content=b"Nr,When,What,How many,Each\n1,2025-03-01,A,2,9.50\n")
    headers = ["Nr", "When", "What", "How many", "Each"]
    assert uploads.recognise_upload(store, upload).mapping is None
    like = ["order_id", "placed_at", "sku", "quantity", "price"]
    spec = uploads.blank_mapping("generic_order_lines", like)

    uploads.remember_mapping(viewer=SYSTEM, store=store, headers=headers, mapping=spec)

    found = uploads.recognise_upload(store, upload)
    assert (found.is_remembered, found.mapping) == (True, spec)
