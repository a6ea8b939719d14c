import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from connectors.files.uploads import keep_upload, upload_of
from connectors.models import Run
from core.models import Job
from sales.models import Order
from tests.sales.test_views import text_of

UPLOAD = reverse("connectors:upload")
ORDERS = b"""Order,Placed at,Status,Total,Currency,Country
1,2026-05-01 10:00:00,paid,19.90,EUR,DE
2,not a date,paid,29.90,EUR,DE
3,2026-05-02 10:00:00,paid,twelve,EUR,FR
,2026-05-02 10:00:00,paid,12.00,EUR,FR
5,2026-05-03 10:00:00,paid,12.00,EUR,FR
"""
WESTERN = "Bestellung;Datum;Betrag;Stadt\n1;01.05.2026;19,90;Köln\n2;02.05.2026;29,90;Zürich\n"
PLAIN = {"mapping": "generic_orders", "decimal": ".", "dates": "", "encoding": "", "delimiter": ""}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def sent(client, name: str, content: bytes) -> str:
    """Send a file through the first page; the address of the second."""
    file = SimpleUploadedFile(name, content)
    response = client.post(UPLOAD, {"store": "berlin", "file": file})
    assert response.status_code == 302
    return response.headers["Location"]


def fields_of(response) -> dict[str, str]:
    """What the form of the page would send as it stands."""
    match = response.context["match"]
    given = {name: match.reading[name].value() or "" for name in match.reading.fields}
    if match.columns is not None:
        given |= {name: match.columns[name].value() or "" for name in match.columns.fields}
        given["matched"] = match.slug
    return given


def test_a_file_is_sent_recognised_checked_and_imported(alice_signed_in, store):
    page = sent(alice_signed_in, "orders.csv", ORDERS)
    looked = alice_signed_in.get(page)
    assert "Recognised by its columns: Orders." in text_of(looked)
    assert "2026-05-01 10:00:00" in text_of(looked)

    checked = alice_signed_in.post(page, fields_of(looked) | {"check": "1"})
    job = Job.objects.get()
    assert checked.headers["Location"] == reverse("connectors:upload-check", args=[job.pk])
    assert Order.objects.count() == 0

    told = text_of(alice_signed_in.get(checked.headers["Location"]))
    assert "3 rows do not fit and would be parked" in told
    assert "Import 2 valid rows" in told
    assert "not a date" in told

    started = alice_signed_in.post(reverse("connectors:upload-import", args=[job.pk]))
    run = Run.objects.get(kind=Run.Kind.FILE)
    assert started.headers["Location"] == reverse("connectors:run-detail", args=[run.pk])
    assert (run.status, run.rows_landed, run.rows_parked) == (Run.Status.PARTLY, 2, 3)
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["1", "5"]
    assert "3 rows were parked." in text_of(alice_signed_in.get(started.headers["Location"]))


def test_a_known_file_is_read_once_more_when_its_check_finds_something_to_take(
    alice_signed_in, store
):
    def imported() -> Run:
        page = sent(alice_signed_in, "orders.csv", ORDERS)
        alice_signed_in.post(page, fields_of(alice_signed_in.get(page)) | {"check": "1"})
        job = Job.objects.latest("pk")
        alice_signed_in.post(reverse("connectors:upload-import", args=[job.pk]))
        return Run.objects.filter(kind=Run.Kind.FILE).latest("pk")

    imported()
    assert imported().status == Run.Status.UNCHANGED

    Order.objects.get(external_id="5").delete()
    third = imported()

    assert (third.rows_landed, third.rows_unchanged) == (1, 1)
    assert Order.objects.filter(external_id="5").exists()


def test_the_error_file_names_row_column_value_and_remedy(alice_signed_in, store):
    page = sent(alice_signed_in, "orders.csv", ORDERS)
    alice_signed_in.post(page, fields_of(alice_signed_in.get(page)) | {"check": "1"})
    job = Job.objects.get()

    file = alice_signed_in.get(reverse("connectors:upload-errors", args=[job.pk]))

    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "Row,Column,Value,What is wrong,What to do"
    assert {line.split(",")[0] for line in lines[1:]} == {"3", "4", "5"}
    assert 'filename="orders.csv-errors.csv"' in file.headers["Content-Disposition"]


def test_a_person_chooses_the_encoding_by_its_preview(alice_signed_in, store):
    page = sent(alice_signed_in, "umsatz.csv", WESTERN.encode("cp1252"))
    asked = alice_signed_in.get(page)
    assert "not written in UTF-8" in text_of(asked)
    assert re.search(r'<button[^>]*name="encoding"[^>]*value="cp1252"', asked.content.decode())
    assert "Köln" in text_of(asked)

    read = alice_signed_in.post(page, {"encoding": "cp1252"})
    assert "The columns are not known." in text_of(read)
    named = alice_signed_in.post(page, fields_of(read) | {"mapping": "generic_orders", "show": "1"})
    matched = fields_of(named) | {
        "to_external_id": "Bestellung", "to_placed_at": "Datum", "to_total": "Betrag",
        "decimal": ",", "dates": "%d.%m.%Y", "check": "1",
    }  # fmt: skip
    alice_signed_in.post(page, matched)
    alice_signed_in.post(reverse("connectors:upload-import", args=[Job.objects.get().pk]))

    totals = Order.objects.order_by("external_id").values_list("total", flat=True)
    assert [str(total) for total in totals] == ["19.9000", "29.9000"]


def test_a_file_that_nobody_named_is_not_checked(alice_signed_in, store):
    page = sent(alice_signed_in, "odd.csv", b"one,two\n1,2\n")

    response = alice_signed_in.post(page, fields_of(alice_signed_in.get(page)) | {"check": "1"})

    assert response.status_code == 422
    assert "Say what the file holds." in text_of(response)
    assert not Job.objects.exists()


def test_a_mapping_that_does_not_fit_is_told_and_nothing_is_left_hanging(alice_signed_in, store):
    page = sent(alice_signed_in, "odd.csv", b"one,two\n1,2\n")

    alice_signed_in.post(page, PLAIN | {"mapping": "shopify_orders", "check": "1"})

    job = Job.objects.get()
    assert job.status == Job.Status.FAILED
    assert "The file cannot be taken" in text_of(
        alice_signed_in.get(reverse("connectors:upload-check", args=[job.pk]))
    )


def test_what_is_no_table_is_refused_beside_its_field(alice_signed_in, store):
    file = SimpleUploadedFile("virus.exe", b"MZ")
    response = alice_signed_in.post(UPLOAD, {"store": "berlin", "file": file})

    assert response.status_code == 422
    assert "is no table" in text_of(response)


def test_an_upload_that_is_gone_is_not_found_and_cannot_be_imported(alice_signed_in, store):
    page = sent(alice_signed_in, "orders.csv", ORDERS)
    alice_signed_in.post(page, fields_of(alice_signed_in.get(page)) | {"check": "1"})
    upload = upload_of(store, page.rstrip("/").rsplit("/", 1)[1])
    for file in upload.path.parent.iterdir():
        file.unlink()
    upload.path.parent.rmdir()

    response = alice_signed_in.post(
        reverse("connectors:upload-import", args=[Job.objects.get().pk])
    )

    assert alice_signed_in.get(page).status_code == 404
    assert response.status_code == 409
    assert "Send the file again" in text_of(response)
    assert not Run.objects.exists()


def test_staff_may_not_import(staff_signed_in, store):
    kept = keep_upload(store=store, name="orders.csv", chunks=[ORDERS])
    page = reverse("connectors:upload-match", args=[store.slug, kept.key])

    assert staff_signed_in.get(UPLOAD).status_code == 403
    assert staff_signed_in.post(page, PLAIN | {"check": "1"}).status_code == 403
    assert not Job.objects.exists()
