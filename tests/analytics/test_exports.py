"""Files carry what is on screen, typed, explained, and never as formulas."""

import csv
import io
from datetime import datetime

import openpyxl
import pytest
from django.urls import reverse

from analytics.exports import safe
from catalog.models import Category
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
