"""What the command palette offers: every metric, and “metric words country range” as one page.

“conversion germany last week” opens the KPIs on the conversion rate, for Germany, of the last
seven days.
"""

import re
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from analytics.queries.kpis import visible_metrics
from core.countries import NUMBERS, country_name
from core.palette import EXACT, PaletteItem, score_of
from metrics.declare import Metric
from stores.models import Permission
from stores.page_state.state import PageState

RANGES = {
    "today": "today",
    "yesterday": "yesterday",
    "last week": "last7",
    "last 7 days": "last7",
    "last month": "last30",
    "last 30 days": "last30",
    "last year": "last365",
    "this week": "week",
    "this month": "month",
    "this quarter": "quarter",
    "this year": "year",
}
FEWEST_LETTERS = 2


def palette(viewer: Viewer, words: str) -> Iterator[PaletteItem]:
    """The metrics that match what was typed, narrowed to the country and days named in it."""
    asked = " ".join(words.casefold().split())
    if len(asked) < FEWEST_LETTERS or not viewer.can_anywhere(Permission.SEE_METRICS):
        return
    rest, span = without_range(asked)
    rest, country = without_country(rest)
    state = PageState(range=span) if span else PageState()
    if country:
        state = state.with_filter("country", [country])
    for metric in visible_metrics(rights_of(viewer)).values():
        score = score_of(rest, _(metric.label), metric.slug.replace("_", " "))
        if score:
            yield item_of(metric, state, EXACT if rest != asked else score)


def item_of(metric: Metric, state: PageState, score: float) -> PaletteItem:
    """The metric in the KPI page, in that state."""
    narrowed = [word for one in state.filters for word in one.words]
    label = " · ".join([_(metric.label), *(country_name(NUMBERS[word]) for word in narrowed)])
    known = {code: name for name, code in RANGES.items()}
    hint = known.get(state.range, "") if state.range != PageState().range else ""
    return PaletteItem(
        group=_("Figures"),
        label=f"{label}, {hint}" if hint else label,
        hint=_(metric.group),
        url=state.with_(metric=metric.slug).at(reverse("analytics:kpis")),
        score=score,
        icon="chart-line",
    )


def without_range(asked: str) -> tuple[str, str]:
    """What was typed without the days it names, and their preset."""
    for name, preset in RANGES.items():
        if re.search(rf"\b{name}$", asked):
            return asked.removesuffix(name).strip(), preset
    return asked, ""


def without_country(asked: str) -> tuple[str, str]:
    """What was typed without the country it ends with, by name or code, and that country's code."""
    for code, number in NUMBERS.items():
        for name in (country_name(number).casefold(), code.casefold()):
            if asked.endswith(f" {name}"):
                return asked.removesuffix(name).strip(), code
    return asked, ""


def rights_of(viewer: Viewer) -> frozenset[str]:
    """What the viewer may do in all of their stores."""
    found = [grant.permissions for grant in viewer.grants]
    return frozenset.intersection(*found) if found else frozenset()
