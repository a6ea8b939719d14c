"""The KPI page as files: exactly the figures on screen, with typed cells and what they mean."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from analytics.cards import course_of
from analytics.queries.kpis import Kpis, kpis_of
from analytics.toolbar import toolbar_of
from core.errors import Refused
from core.money import minor_digits
from metrics.answers import ask
from metrics.declare import Unit, dimensions, metrics
from metrics.query import Answer, Cell
from stores.page_state.resolved import ResolvedState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | Decimal | date | None


@dataclass(frozen=True)
class Sheet:
    """One table to write: its name, its head, each column's unit, and its rows."""

    name: str
    head: tuple[str, ...]
    units: tuple[str, ...]
    rows: list[tuple[Value, ...]]


def answer(resolved: ResolvedState, kind: str) -> HttpResponse:
    """The page as a file of the asked kind; 404 for a kind that is not there."""
    if kind not in {"csv", "xlsx"} or not resolved.stores:
        raise Http404
    kpis = kpis_of(resolved)
    content = csv_of(kpis) if kind == "csv" else xlsx_of(kpis)
    return attached(content, file_name(resolved, kind))


def attached(content: bytes, name: str) -> HttpResponse:
    """A file to keep, by its name's kind."""
    kind = XLSX if name.endswith(".xlsx") else "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def file_name(resolved: ResolvedState, kind: str) -> str:
    stores = slugify("-".join(store.slug for store in resolved.stores))[:60]
    period = resolved.period
    return f"kpis-{stores}-{period.start}-{period.end}.{kind}"


def sheets_of(kpis: Kpis) -> list[Sheet]:
    """The tables of the page: the cards, their course over time, and each breakdown."""
    breakdowns = [
        breakdown_sheet(kpis, by, found)
        for by, found in kpis.breakdowns.values()
        if found is not None
    ]
    return [card_sheet(kpis), course_sheet(kpis), *breakdowns]


def card_sheet(kpis: Kpis) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for metric in kpis.cards:
        cell = kpis.total(metric)
        rows.append((_(metric.label), cell.value, cell.before, cell.change, str(metric.unit)))
    head = (_("Figure"), _("Value"), _("Compared"), _("Change"), _("Unit"))
    return Sheet(_("Figures"), head, ("text", "row", "row", "change", "text"), rows)


def course_sheet(kpis: Kpis) -> Sheet:
    """One row for each bucket, with every card's value and the compared one beside it."""
    compares = kpis.resolved.compared is not None
    courses = [(metric, course_of(kpis, metric)) for metric in kpis.cards]
    head, units = [_("From")], ["date"]
    for metric in kpis.cards:
        head += [_(metric.label), _("%(metric)s, compared") % {"metric": _(metric.label)}][
            : 1 + compares
        ]
        units += [str(metric.unit)] * (1 + compares)
    rows = []
    for place, day in enumerate(courses[0][1].days if courses else []):
        row: list[Value] = [day]
        for _metric, course in courses:
            row += [course.values[place], *([course.before[place]] if compares else [])]
        rows.append(tuple(row))
    return Sheet(_("Over time"), tuple(head), tuple(units), rows)


def breakdown_sheet(kpis: Kpis, by: str, found: Answer) -> Sheet:
    """The breakdown's rows as the card shows them, and the total of all."""
    shown = [metrics[slug] for slug in found.query.metrics]
    label = _(dimensions[by].label)

    def pairs(cells: dict[str, Cell]) -> list[Value]:
        return [v for m in shown for v in (cells[m.slug].value, cells[m.slug].before)]

    rows: list[tuple[Value, ...]] = [(row.labels[0], *pairs(row.cells)) for row in found.rows]
    rows.append((_("All"), *pairs(found.total.cells)))
    head, units = [label], ["text"]
    for metric in shown:
        head += [_(metric.label), _("%(metric)s, compared") % {"metric": _(metric.label)}]
        units += [str(metric.unit)] * 2
    name = _("By %(dimension)s") % {"dimension": label.lower()}
    return Sheet(name, tuple(head), tuple(units), rows)


def crosstab_sheet(kpis: Kpis) -> list[Sheet]:
    """The chosen figure over time by marketing channel, ready for a pivot; none if it lacks one."""
    # pandas takes 90 MB in a web process, so only the process that writes a workbook pays for it.
    from analytics.frames import crosstab

    metric, resolved = kpis.selected, kpis.resolved
    try:
        found = ask(resolved.asks([metric.slug], by=[resolved.grain, "source"]))
    except Refused:
        return []
    table = crosstab(found, metric.slug)
    head = (_("From"), *(str(name) for name in table.columns))
    rows = [
        (day, *(value if isinstance(value, Decimal) else None for value in values))
        for day, values in zip(table.index, table.to_numpy().tolist(), strict=True)
    ]
    units = ("date", *[str(metric.unit)] * len(table.columns))
    return [Sheet(_("By marketing channel over time"), head, units, rows)]


def about_of(kpis: Kpis) -> list[tuple[str, str]]:
    """What the figures are: stores, days, filters, clock, currency, definitions, time made."""
    resolved = kpis.resolved
    bar = toolbar_of(resolved, "")
    compared = resolved.compared
    lines = [
        (_("Stores"), ", ".join(store.name for store in resolved.stores)),
        (_("From"), resolved.period.start.isoformat()),
        (_("To"), resolved.period.end.isoformat()),
        (_("Compared from"), compared.start.isoformat() if compared else ""),
        (_("Compared to"), compared.end.isoformat() if compared else ""),
        (_("Filters"), "; ".join(chip.label for chip in bar.chips) or _("None")),
        (_("Days in"), resolved.zone),
        (_("Currency"), resolved.scope.currency),
        (_("Generated"), datetime.now(UTC).isoformat(timespec="seconds")),
    ]
    notes = kpis.over_time.notes if kpis.over_time else ()
    lines += [(_("Note"), note) for note in (*resolved.notices, *kpis.notices, *notes)]
    shown = dict.fromkeys((*kpis.cards, kpis.selected))
    return lines + [(_(metric.label), _(metric.about)) for metric in shown]


def csv_of(kpis: Kpis) -> bytes:
    """One table after another, ISO dates and plain numbers, for people and machines."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for sheet in sheets_of(kpis):
        writer.writerow([safe(sheet.name)])
        writer.writerow([safe(text) for text in sheet.head])
        writer.writerows([plain(value) for value in row] for row in sheet.rows)
        writer.writerow([])
    for name, text in about_of(kpis):
        writer.writerow([safe(name), safe(text)])
    return out.getvalue().encode("utf-8-sig")


def plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return safe(value) if isinstance(value, str) else value.isoformat()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def xlsx_of(kpis: Kpis) -> bytes:
    """A workbook with a sheet for each table and one that says what they are."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        styles = styles_of(book, kpis.resolved.scope.currency)
        for sheet in (*sheets_of(kpis), *crosstab_sheet(kpis)):
            write_sheet(book.add_worksheet(sheet_name(sheet.name)), sheet, styles)
        about = book.add_worksheet(sheet_name(_("About")))
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 100, styles["wrapped"])
        for place, (name, text) in enumerate(about_of(kpis)):
            about.write_string(place, 0, name, styles["head"])
            about.write_string(place, 1, text)
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
        Unit.MONEY: {"num_format": f'{money} "{currency}"'},
        Unit.COUNT: {"num_format": "#,##0"},
        Unit.SHARE: {"num_format": "0.00%"},
        Unit.RATIO: {"num_format": "0.00"},
        Unit.SECONDS: {"num_format": '0 "s"'},
        "text": {},
    }
    return {str(name): book.add_format(look) for name, look in formats.items()}


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
        return Unit.RATIO if own == Unit.RATIO else Unit.SHARE
    return unit


def write_cell(page: Worksheet, at: tuple[int, int], value: Value, style: Any) -> None:
    if isinstance(value, Decimal):
        page.write_number(*at, float(value), style)
    elif isinstance(value, date):
        page.write_datetime(*at, datetime(value.year, value.month, value.day, tzinfo=None), style)  # noqa: DTZ001
    elif value is not None:
        page.write_string(*at, value, style)
