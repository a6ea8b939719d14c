"""The KPI page as files: exactly the figures on screen, with typed cells and what they mean."""

from datetime import UTC, datetime
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from analytics.cards import course_of, hours_note
from analytics.queries.kpis import Kpis, kpis_of
from analytics.toolbar import toolbar_of
from core.errors import Refused
from core.sheets import KINDS, Sheet, Value, attached, csv_bytes, xlsx_bytes
from metrics.answers import ask
from metrics.declare import dimensions, metrics
from metrics.query import Answer, Cell
from stores.page_state.resolved import ResolvedState


def answer(resolved: ResolvedState, kind: str) -> HttpResponse:
    """The page as a file of the asked kind; 404 for a kind that is not there."""
    if kind not in KINDS or not resolved.stores:
        raise Http404
    kpis = kpis_of(resolved)
    content = csv_of(kpis) if kind == "csv" else xlsx_of(kpis)
    return attached(content, file_name(resolved, kind))


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
        hours = kpis.hours(metric)
        name = f"{_(metric.label)} ({hours})" if hours else _(metric.label)
        rows.append((name, cell.value, cell.before, cell.change, str(metric.unit)))
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
    if hours := hours_note(kpis):
        lines.append((_("Note"), hours))
    shown = dict.fromkeys((*kpis.cards, kpis.selected))
    return lines + [(_(metric.label), _(metric.about)) for metric in shown]


def csv_of(kpis: Kpis) -> bytes:
    """One table after another, ISO dates and plain numbers, for people and machines."""
    return csv_bytes(sheets_of(kpis), about_of(kpis))


def xlsx_of(kpis: Kpis) -> bytes:
    """A workbook with a sheet for each table and one that says what they are."""
    sheets = (*sheets_of(kpis), *crosstab_sheet(kpis))
    return xlsx_bytes(sheets, about_of(kpis), kpis.resolved.scope.currency)
