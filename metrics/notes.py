"""What an answer says about itself: what is waiting, left out, withheld or slow."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from metrics.needs import Leaf, measure_of
from metrics.planner import Use
from metrics.read import Reading
from metrics.resolve import Resolved


def notes_of(
    question: Resolved, uses: Iterable[Use], reading: Reading, totals: Mapping[Leaf, Any]
) -> Iterator[str]:
    """Sentences fit to show under a figure."""
    found = list(uses)
    yield from waiting(found, reading)
    yield from unbuilt(found, reading)
    if question.scope.reporting:
        yield from left_out(question, found, totals)
    for metric in question.withheld:
        yield gettext("%s is shown only to people who may see costs and margins.") % gettext(
            metric.label
        )


def waiting(uses: list[Use], reading: Reading) -> Iterator[str]:
    days = max((reading.fresh[use.leaf.fact.name].waiting_days for use in uses), default=0)
    if days:
        yield ngettext(
            "%(days)d day is being brought up to date.",
            "%(days)d days are being brought up to date.",
            days,
        ) % {"days": days}


def unbuilt(uses: list[Use], reading: Reading) -> Iterator[str]:
    """Figures read from single rows although a summary is declared, because it is not built yet."""
    selects = (reading.results[use.need].select for use in uses)
    tables = sorted({name for select in selects if select.is_waiting for name in select.sources})
    if tables:
        yield gettext(
            "Summaries are still being built: these figures were added up from single rows (%s)."
        ) % ", ".join(tables)


def left_out(question: Resolved, uses: list[Use], totals: Mapping[Leaf, Any]) -> Iterator[str]:
    """Amounts that cannot be told in the reporting currency."""
    currency = question.scope.currency
    rows = sum(int(value or 0) for leaf, value in totals.items() if str(leaf) == "unrated")
    if rows:
        yield ngettext(
            "%(rows)d row has no exchange rate to %(currency)s and is left out of amounts.",
            "%(rows)d rows have no exchange rate to %(currency)s and are left out of amounts.",
            rows,
        ) % {"rows": rows, "currency": currency}
    if any(not measure_of(use.leaf).is_converted for use in uses):
        yield gettext(
            "An amount that is only known in each store's own currency is not added up over stores."
        )
