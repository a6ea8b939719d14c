"""Tables as files: CSV and workbooks with typed cells, and a sheet that says what they are."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from core.money import minor_digits
from core.tabular.error_file import safe_cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = ("csv", "xlsx")
Value = str | int | Decimal | date | None
About = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Sheet:
    """One table to write: its name, its head, each column's unit, and its rows.

    Units are text, date, moment, amount (money of a currency named beside it), money, count,
    share, ratio and seconds; `row` takes the unit that the row's last cell names.
    """

    name: str
    head: tuple[str, ...]
    units: tuple[str, ...]
    rows: Iterable[tuple[Value, ...]]


def attached(content: bytes, name: str) -> HttpResponse:
    """A file to keep, by its name's kind."""
    kind = XLSX if name.endswith(".xlsx") else "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_bytes(sheets: Iterable[Sheet], about: About) -> bytes:
    """One table after another, ISO dates and plain numbers, for people and machines."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for sheet in sheets:
        writer.writerow([safe(sheet.name)])
        write_csv(writer, sheet)
        writer.writerow([])
    for name, text in about:
        writer.writerow([safe(name), safe(text)])
    return out.getvalue().encode("utf-8-sig")


def csv_table(sheet: Sheet) -> bytes:
    """A single table with nothing above or below it, ready for another program."""
    out = io.StringIO(newline="")
    write_csv(csv.writer(out), sheet)
    return out.getvalue().encode("utf-8-sig")


def write_csv(writer: Any, sheet: Sheet) -> None:
    writer.writerow([safe(text) for text in sheet.head])
    writer.writerows([plain(value) for value in row] for row in sheet.rows)


def plain(value: Value) -> str:
    """A value as machines read it; text that a spreadsheet would take for a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, int):
        return str(value)
    return safe(value) if isinstance(value, str) else value.isoformat()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return safe_cell(text)


def xlsx_bytes(sheets: Iterable[Sheet], about: About, currency: str) -> bytes:
    """A workbook with a sheet for each table and one that says what they are."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        styles = styles_of(book, currency)
        for sheet in sheets:
            write_sheet(book.add_worksheet(sheet_name(sheet.name)), sheet, styles)
        page = book.add_worksheet(sheet_name(_("About")))
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 100, styles["wrapped"])
        for place, (name, text) in enumerate(about):
            page.write_string(place, 0, name, styles["head"])
            page.write_string(place, 1, text)
    return out.getvalue()


def sheet_name(text: str) -> str:
    """A name that workbooks allow: no brackets or slashes, at most 31 letters."""
    return "".join(" " if char in "[]:*?/\\" else char for char in text)[:31]


def styles_of(book: Workbook, currency: str) -> dict[str, Any]:
    digits = minor_digits(currency)
    money = "#,##0" + ("." + "0" * digits if digits else "")
    formats = {
        "head": {"bold": True},
        "wrapped": {"text_wrap": True, "valign": "top"},
        "date": {"num_format": "yyyy-mm-dd", "align": "left"},
        "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
        "amount": {"num_format": "#,##0.00"},
        "money": {"num_format": f'{money} "{currency}"'},
        "count": {"num_format": "#,##0"},
        "share": {"num_format": "0.00%"},
        "ratio": {"num_format": "0.00"},
        "seconds": {"num_format": '0 "s"'},
        "text": {},
    }
    return {name: book.add_format(look) for name, look in formats.items()}


def write_sheet(page: Worksheet, sheet: Sheet, styles: dict[str, Any]) -> None:
    page.freeze_panes(1, 1)
    page.set_column(0, 0, 28)
    page.set_column(1, len(sheet.head), 18)
    for column, text in enumerate(sheet.head):
        page.write_string(0, column, text, styles["head"])
    for place, row in enumerate(sheet.rows, start=1):
        own = str(row[-1]) if "row" in sheet.units else ""
        for column, (value, unit) in enumerate(zip(row, sheet.units, strict=True)):
            write_cell(page, (place, column), value, styles[look_of(unit, own)])


def look_of(unit: str, own: str) -> str:
    """The style of a cell; `row` takes the unit that the row names, `change` follows it."""
    if unit == "row":
        return own
    if unit == "change":
        return "ratio" if own == "ratio" else "share"
    return unit


def write_cell(page: Worksheet, at: tuple[int, int], value: Value, style: Any) -> None:
    if isinstance(value, int | Decimal):
        page.write_number(*at, float(value), style)
    elif isinstance(value, datetime):
        page.write_datetime(*at, value.replace(tzinfo=None), style)
    elif isinstance(value, date):
        page.write_datetime(*at, datetime(value.year, value.month, value.day, tzinfo=None), style)  # noqa: DTZ001
    elif value is not None:
        page.write_string(*at, value, style)
