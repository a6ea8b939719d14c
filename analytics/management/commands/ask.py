"""Ask for figures from the command line: the same numbers as on every page."""

import csv
import io
import json
from argparse import ArgumentTypeError
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Refused
from core.money import minor_digits
from core.periods import Compare, Period
from metrics.answers import ask
from metrics.declare import Unit, metrics
from metrics.query import Answer, Cell, Query, Row, Scope
from stores.models import Permission, Store
from stores.page_state.resolved import in_one_currency

BAD_INPUT = 2


class Command(BaseCommand):
    help = "Ask for figures: ask net_sales,orders --store berlin --from 2026-05-01 --to 2026-05-31"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", type=words, help="Figures, separated by commas")
        parser.add_argument("--store", type=words, required=True, help="Slugs, or all")
        parser.add_argument("--from", dest="start", type=day, required=True)
        parser.add_argument("--to", dest="end", type=day, required=True)
        parser.add_argument("--by", type=words, default=[], help="day, week, month, channel, …")
        parser.add_argument("--where", type=choice, action="append", default=[], metavar="DIM=A,B")
        parser.add_argument("--exclude", type=choice, action="append", default=[], metavar="DIM=A")
        parser.add_argument("--compare", choices=["prev", "year"], default=Compare.NONE)
        parser.add_argument("--match-weekdays", action="store_true")
        parser.add_argument("--top", type=int, help="Only the largest groups by the first figure")
        parser.add_argument("--format", choices=sorted(FORMATS), default="table")

    def handle(self, **options: Any) -> None:
        try:
            answer = ask(question(options))
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=BAD_INPUT) from refusal
        self.stdout.write(FORMATS[options["format"]](answer), ending="")


def question(options: dict[str, Any]) -> Query:
    """The question that the options ask. Raises Refused when they make no sense."""
    return Query(
        metrics=options["slugs"],
        scope=scope(options["store"]),
        period=Period(options["start"], options["end"]),
        by=options["by"],
        where=dict(options["where"]),
        exclude=dict(options["exclude"]),
        compare=Compare(options["compare"]),
        match_weekdays=options["match_weekdays"],
        top=options["top"],
    )


def scope(slugs: Sequence[str]) -> Scope:
    """The stores of these slugs with all rights; several are told in the reporting currency."""
    known = {store.slug: store for store in Store.objects.all()}
    chosen = list(known) if slugs == ["all"] else list(slugs)
    for slug in chosen:
        if slug not in known:
            there = ", ".join(sorted(known)) or "none"
            raise Refused(f"There is no store called “{slug}”. Stores: {there}.")
    stores, currency, _ = in_one_currency(tuple(known[slug] for slug in chosen))
    return Scope(
        store_ids=tuple(store.pk for store in stores),
        zones=tuple(store.zone for store in stores),
        currency=currency,
        reporting=any(store.currency != currency for store in stores),
        week_start=stores[0].week_start if stores else 0,
        rights=frozenset(Permission.values),
    )


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise ArgumentTypeError(f"“{text}” is not a day like 2026-05-31.") from wrong


def choice(text: str) -> tuple[str, list[str]]:
    name, sign, rest = text.partition("=")
    if not sign or not words(rest):
        raise ArgumentTypeError(f"“{text}” is not like country=DE,FR.")
    return name.strip(), words(rest)


def header(answer: Answer) -> list[str]:
    names = list(answer.query.by)
    for slug in answer.total.cells:
        names += [slug, f"{slug}_before", f"{slug}_change"] if answer.compared else [slug]
    return names


def plain(value: Decimal | None) -> str:
    """The exact figure without needless zeros; empty when there is none."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def figures(answer: Answer, row: Row) -> list[str]:
    found = []
    for cell in row.cells.values():
        found += [plain(cell.value)]
        found += [plain(cell.before), plain(cell.change)] if answer.compared else []
    return found


def as_csv(answer: Answer) -> str:
    """Every group with exact figures; words as in addresses, days as ISO 8601."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header(answer))
    named = len(answer.query.by)
    writer.writerows([*row.words[:named], *figures(answer, row)] for row in groups(answer))
    return out.getvalue()


def groups(answer: Answer) -> Iterable[Row]:
    return answer.rows if answer.query.by else [answer.total]


def as_json(answer: Answer) -> str:
    """The whole answer; figures as text, so that nobody's parser rounds them."""
    told = {
        "period": [answer.query.period.start.isoformat(), answer.query.period.end.isoformat()],
        "compared": answer.compared
        and [answer.compared.start.isoformat(), answer.compared.end.isoformat()],
        "currency": answer.query.scope.currency,
        "rows": [
            dict(zip(answer.query.by, row.words, strict=True)) | cells(answer, row)
            for row in groups(answer)
            if answer.query.by
        ],
        "total": cells(answer, answer.total),
        "sources": answer.sources,
        "notes": answer.notes,
        "version": answer.version,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def cells(answer: Answer, row: Row) -> dict[str, Any]:
    if not answer.compared:
        return {slug: text(cell.value) for slug, cell in row.cells.items()}
    return {
        slug: {
            "value": text(cell.value),
            "before": text(cell.before),
            "change": text(cell.change),
            "is_new": cell.is_new,
        }
        for slug, cell in row.cells.items()
    }


def text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def as_table(answer: Answer) -> str:
    """Aligned columns with a total line, then sources, freshness and notes."""
    by = list(answer.query.by)
    titles = [*by, *(title(slug, answer) for slug in answer.total.cells)]
    lines = [[*row.labels, *shown(answer, row)] for row in answer.rows] if by else []
    total = ["Total", *[""] * (len(by) - 1)] if by else []
    lines.append([*total, *shown(answer, answer.total)])
    widths = [max(len(line[n]) for line in [titles, *lines]) for n in range(len(titles))]
    texts = [aligned(line, widths, len(by)) for line in (titles, *lines)]
    texts.insert(1, "  ".join("─" * width for width in widths))
    texts += ["", "Read from " + ", ".join(answer.sources)] if answer.sources else []
    return "\n".join([*texts, *answer.notes]) + "\n"


def title(slug: str, answer: Answer) -> str:
    is_money = metrics[slug].unit is Unit.MONEY
    return f"{slug} ({answer.query.scope.currency})" if is_money else slug


def aligned(line: Sequence[str], widths: Sequence[int], named: int) -> str:
    cut = [
        part.ljust(width) if place < named else part.rjust(width)
        for place, (part, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cut).rstrip()


def shown(answer: Answer, row: Row) -> list[str]:
    currency = answer.query.scope.currency
    found = []
    for slug, cell in row.cells.items():
        unit = metrics[slug].unit
        after = f"  {change(unit, cell)}" if answer.compared else ""
        found.append(f"{amount(unit, cell.value, currency)}{after}")
    return found


def amount(unit: Unit, value: Decimal | None, currency: str) -> str:
    if value is None:
        return "–"
    if unit is Unit.SHARE:
        return f"{value * 100:.2f}%"
    digits = {Unit.COUNT: 0, Unit.MONEY: minor_digits(currency)}.get(unit, 2)
    return f"{value:,.{digits}f}"


def change(unit: Unit, cell: Cell) -> str:
    if cell.is_new:
        return "new"
    if cell.change is None:
        return "too few to compare"
    if unit is Unit.RATIO:
        return f"{cell.change:+.2f}"
    return f"{cell.change * 100:+.1f}{' pt' if unit is Unit.SHARE else '%'}"


FORMATS = {"table": as_table, "json": as_json, "csv": as_csv}
