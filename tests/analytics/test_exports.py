"""Files carry what is on screen, typed, explained, and never as formulas."""

import csv
import io
from datetime import datetime

import openpyxl
import pytest
from django.urls import reverse

from accounts.models import Notification
from catalog.models import Category
from core.models import Job
from core.sheets import safe
from stores.models import Permission
from tests.analytics.shop import MAY, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(store):
    lamps = open_shop(store)
    Category.objects.filter(pk=lamps.pk).update(name="=1+1")
    return store


def table_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_csv_holds_the_cards_and_their_course(shop, alice_signed_in):
    rows = table_of(alice_signed_in.get(reverse("analytics:export", args=["csv"]) + f"?{MAY}"))

    assert ["Net sales", "4900", "2500", "0.96", "money"] in rows
    assert ["Orders", "60", "30", "1", "count"] in rows
    days = [row for row in rows if row and row[0] == "2026-05-04"]
    assert days[0][1] == "150"
    assert ["Filters", "None"] in rows


def test_a_name_never_becomes_a_formula(shop, alice_signed_in):
    rows = table_of(alice_signed_in.get(reverse("analytics:export", args=["csv"]) + f"?{MAY}"))

    assert ["'=1+1", "2500", "2500"] in [row[:3] for row in rows]
    assert [safe(text) for text in ("=a", "+a", "-a", "@a", "\ta", "a")] == [
        "'=a", "'+a", "'-a", "'@a", "'\ta", "a",
    ]  # fmt: skip


def test_the_workbook_has_typed_cells_and_says_what_they_are(shop, alice_signed_in):
    url = reverse("analytics:export", args=["xlsx"]) + f"?{MAY}&country=DE"

    book = openpyxl.load_workbook(io.BytesIO(alice_signed_in.get(url).content))

    assert book.sheetnames[:2] == ["Figures", "Over time"]
    assert book.sheetnames[-1] == "About"
    assert [cell.value for cell in book["Figures"][2]][:3] == ["Net sales", 3900, 2000]
    assert book["Figures"]["B2"].number_format == '#,##0.00 "EUR"'
    assert book["Over time"]["A2"].value == datetime(2026, 5, 1)  # noqa: DTZ001
    about = {row[0].value: row[1].value for row in book["About"]}
    assert about["Filters"] == "Country: Germany"
    assert about["Days in"] == "Europe/Berlin"
    assert "Turnover" in about["Net sales"]
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_files_need_the_right_to_export(shop, alice_signed_in, monkeypatch, alice):
    lacking = frozenset(Permission.values) - {Permission.EXPORT}
    monkeypatch.setattr("stores.queries.ROLE_PERMISSIONS", {"manager": lacking})

    page = alice_signed_in.get(reverse("analytics:kpis") + f"?{MAY}")
    file = alice_signed_in.get(reverse("analytics:export", args=["csv"]) + f"?{MAY}")

    assert b"/kpis/export/" not in page.content
    assert file.status_code == 403


def test_other_kinds_of_file_are_not_there(shop, alice_signed_in):
    assert alice_signed_in.get("/kpis/export/exe/").status_code == 404


def test_rows_by_dimension_come_at_once_while_they_are_few(shop, alice_signed_in):
    url = reverse("analytics:export-rows", args=["country"]) + f"?{MAY}&cols=orders,sessions"

    rows = table_of(alice_signed_in.get(url))

    assert rows[0] == ["From", "Country", "Orders", "Sessions"]
    assert ["2026-05-04", "Germany", "2", "10"] in rows
    assert sum(int(row[2]) for row in rows[1:]) == 60


def test_many_rows_are_written_by_a_worker_for_their_owner(
    shop, alice, alice_signed_in, bob_signed_in, monkeypatch, settings, tmp_path,
    django_capture_on_commit_callbacks,
):  # fmt: skip
    settings.STORAGES["default"]["OPTIONS"]["location"] = str(tmp_path)
    monkeypatch.setattr("analytics.views.MOST_AT_ONCE", 10)
    query = f"?{MAY}&cols=orders"
    offered = alice_signed_in.get(reverse("analytics:export-rows", args=["country"]) + query)
    assert b"Write the file" in offered.content

    start = reverse("analytics:export-start", args=["country"]) + query
    with django_capture_on_commit_callbacks(execute=True):
        started = alice_signed_in.post(start)

    job = Job.objects.get()
    assert started["Location"] == reverse("analytics:export-job", args=[job.pk])
    assert (job.status, job.rows_done) == (Job.Status.DONE, 62)
    assert Notification.objects.get(user=alice).url == started["Location"]
    assert b"Download the file" in alice_signed_in.get(started["Location"]).content
    file = b"".join(alice_signed_in.get(started["Location"] + "?file=1").streaming_content)
    assert file.decode("utf-8-sig").splitlines()[0] == "From,Country,Orders"
    assert bob_signed_in.get(started["Location"]).status_code == 404
