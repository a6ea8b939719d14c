"""The toolbar of insight pages: range, comparison, interval and filter chips, all as links."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.dashboards import FILTERS, PRESETS
from core import formats
from core.periods import Compare, Grain
from metrics.declare import dimensions
from stores.page_state.resolved import ResolvedState
from stores.page_state.state import CUSTOM, Filter, PageState

BOARD = "board"


@dataclass(frozen=True)
class Choice:
    """One thing to choose: where it leads, and whether the page shows it now."""

    label: str
    href: str
    is_current: bool = False
    key: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Chip:
    """An active filter in words, where to change it and the page without it."""

    label: str
    edit: str
    remove: str


@dataclass(frozen=True)
class Toolbar:
    """What stands above the figures; `hidden` are the fields that its form carries along."""

    range_label: str
    range_span: str
    start: str
    end: str
    presets: list[Choice]
    compares: list[Choice]
    compare_label: str
    matches_weekdays: bool
    weekdays: Choice
    grains: list[Choice]
    chips: list[Chip]
    filters: list[Choice]
    clear: str
    zone: str
    has_today: bool
    hidden: list[tuple[str, str]]


def toolbar_of(resolved: ResolvedState, path: str) -> Toolbar:
    """The controls in the state that the page is in."""
    state, period = resolved.state, resolved.period
    in_form = {"r", "from", "to", "cmp", "wd", "view"}
    return Toolbar(
        range_label=range_label(resolved),
        range_span=formats.span(period.start, period.end),
        start=period.start.isoformat(),
        end=period.end.isoformat(),
        presets=presets_of(resolved, path),
        compares=compares_of(resolved, path),
        compare_label=compare_label(state.compare),
        matches_weekdays=state.match_weekdays,
        weekdays=Choice(
            _("Match weekdays"),
            state.with_(match_weekdays=not state.match_weekdays).at(path),
            state.match_weekdays,
        ),
        grains=grains_of(resolved, path),
        chips=[chip_of(resolved, one, path) for one in state.filters],
        filters=[
            Choice(_(dimensions[slug].label), editor_of(state, slug, path))
            for slug in FILTERS
            if slug in dimensions
        ],
        clear=state.without().at(path) if state.filters else "",
        zone=resolved.zone,
        has_today=resolved.is_incomplete,
        hidden=[(key, value) for key, value in state.items() if key not in in_form],
    )


def range_label(resolved: ResolvedState) -> str:
    name = resolved.state.range
    known = {preset.name: str(preset.label) for preset in PRESETS}
    if name in known:
        return known[name]
    if name.startswith("last"):
        return _("Last %(n)s days") % {"n": formats.number(int(name[4:]))}
    return _("This week") if name == "week" else _("Custom")


def presets_of(resolved: ResolvedState, path: str) -> list[Choice]:
    state = resolved.state
    return [
        Choice(
            str(preset.label),
            state.with_(range=preset.name, start=None, end=None, grain="").at(path),
            state.range == preset.name,
            preset.key,
        )
        for preset in PRESETS
    ] + [Choice(_("Custom"), "", state.range == CUSTOM, "C")]


def compare_label(compare: Compare) -> str:
    return {
        Compare.PREVIOUS: _("vs previous period"),
        Compare.YEAR: _("vs last year"),
        Compare.NONE: _("No comparison"),
    }[compare]


def compares_of(resolved: ResolvedState, path: str) -> list[Choice]:
    names = {
        Compare.PREVIOUS: _("Previous period"),
        Compare.YEAR: _("Same period last year"),
        Compare.NONE: _("Nothing"),
    }
    choices = []
    for compare, label in names.items():
        days = resolved.period.compared(compare, match_weekdays=resolved.state.match_weekdays)
        hint = formats.span(days.start, days.end) if days else ""
        href = resolved.state.with_(compare=compare).at(path)
        is_current = resolved.state.compare is compare
        choices.append(Choice(label, href, is_current, str(compare), hint))
    return choices


def grains_of(resolved: ResolvedState, path: str) -> list[Choice]:
    names = {Grain.DAY: _("Day"), Grain.WEEK: _("Week"), Grain.MONTH: _("Month")}
    return [
        Choice(label, resolved.state.with_(grain=str(grain)).at(path), resolved.grain is grain)
        for grain, label in names.items()
    ]


def editor_of(state: PageState, slug: str, path: str) -> str:
    """Where one filter of the page is changed; other pages than the KPIs say which they are."""
    address = state.at(reverse("analytics:filter", args=[slug]))
    if path != reverse("analytics:board"):
        return address
    return f"{address}{'&' if '?' in address else '?'}page={BOARD}"


def page_named(name: str) -> str:
    """The address of the page that a filter was opened from."""
    return reverse("analytics:board" if name == BOARD else "analytics:kpis")


def chip_of(resolved: ResolvedState, one: Filter, path: str) -> Chip:
    """Such as “Country: Germany, France +3” or “Device is not: Mobile”."""
    dimension = dimensions[one.slug]
    stores = resolved.scope.store_ids
    labels = list(dimension.names(stores, dimension.ids(stores, one.words))[0].values())
    named = ", ".join(labels[:2]) + (f" +{len(labels) - 2}" if len(labels) > 2 else "")
    texts = _("%(dimension)s is not: %(words)s") if one.excluded else _("%(dimension)s: %(words)s")
    return Chip(
        label=texts % {"dimension": _(dimension.label), "words": named},
        edit=editor_of(resolved.state, one.slug, path),
        remove=resolved.state.with_filter(one.slug, (), excluded=one.excluded).at(path),
    )
