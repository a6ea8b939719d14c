"""What the templates of the KPI page are given, put together from the parsed state."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from analytics.breakdowns import breakdowns_of
from analytics.cards import cards_of, hours_note, told_of
from analytics.charts import main_chart, title_of
from analytics.dashboards import SLOTS
from analytics.hourly import hour_chart, hour_title, is_one_day
from analytics.queries.kpis import (
    Kpis,
    chosen_cards,
    days_with_data,
    dimension_of,
    events_in,
    has_dimension,
    kpis_of,
    lack_of,
    visible_metrics,
)
from analytics.toolbar import Choice, Toolbar, toolbar_of
from core import formats
from core.charts.records import Chart
from core.periods import Period
from metrics.declare import dimensions
from stores.models import Permission, SavedView
from stores.page_state.resolved import ResolvedState
from stores.page_state.state import PageState
from stores.queries import views_for

PAGE = "kpis"


def kpi_page(viewer: Viewer, resolved: ResolvedState, notices: Sequence[str]) -> dict[str, Any]:
    """Everything on the KPI page, figures and controls."""
    path = reverse("analytics:kpis")
    around = controls(viewer, resolved, path) | saved_views(viewer, resolved, path)
    if not resolved.stores:
        told = {"notices": [*notices, *resolved.notices]}
        return around | nothing(viewer, resolved, path) | told
    kpis = kpis_of(resolved)
    has_data = bool(kpis.unmeasured) or is_anything(kpis)
    return (
        around
        | (figures(kpis, path) if has_data else nothing(viewer, resolved, path))
        | {"notices": [*notices, *resolved.notices, *kpis.notices, *(notes_of(kpis))]}
    )


def is_anything(kpis: Kpis) -> bool:
    """Whether any card has a value other than zero, now or in the compared period."""
    cells = [kpis.total(metric) for metric in kpis.cards]
    return any(cell.value or cell.before for cell in cells)


def notes_of(kpis: Kpis) -> tuple[str, ...]:
    return kpis.over_time.notes if kpis.over_time else ()


def figures(kpis: Kpis, path: str) -> dict[str, Any]:
    """The cards, the main chart and the breakdowns."""
    resolved, metric = kpis.resolved, kpis.selected
    is_measured = metric.slug not in kpis.unmeasured
    return {
        "cards": cards_of(kpis, path),
        "chart": chart_of(kpis, path) if is_measured else None,
        "chart_title": hour_title(metric) if is_one_day(kpis) else title_of(metric, resolved.grain),
        "unmeasured": kpis.unmeasured.get(metric.slug, ""),
        "selected": _(metric.label),
        "explain": resolved.state.at(reverse("analytics:explain", args=[metric.slug])),
        "breakdowns": breakdowns_of(kpis, path),
        "announcement": announcement(kpis),
        "footing": footing(kpis),
    }


def chart_of(kpis: Kpis, path: str) -> Chart:
    """The selected figure over time; a single day goes hour by hour."""
    if is_one_day(kpis):
        return hour_chart(kpis)
    return main_chart(kpis, events_in(kpis.resolved), path)


def announcement(kpis: Kpis) -> str:
    """What a screen reader hears when the figures have changed."""
    resolved = kpis.resolved
    figure = told_of(kpis, kpis.selected)
    span = formats.span(resolved.period.start, resolved.period.end)
    parts = [f"{_(kpis.selected.label)} {figure.value}", figure.change_text, span]
    return ", ".join(part for part in parts if part)


def footing(kpis: Kpis) -> str:
    """Which currency and clock the figures are in, and how fresh they are."""
    resolved = kpis.resolved
    texts = [
        _("Amounts in %(currency)s, days in %(zone)s.")
        % {"currency": resolved.scope.currency, "zone": resolved.zone}
    ]
    if resolved.scope.reporting:
        texts.append(_("Each amount was converted at the rate of its own day."))
    if hours := hours_note(kpis):
        texts.append(hours)
    fresh = kpis.over_time.fresh_to.values() if kpis.over_time else ()
    moments = [at for one in fresh if (at := getattr(one, "at", None))]
    if moments:
        at = formats.moment(min(moments), resolved.scope.zones[0])
        texts.append(_("The oldest part of these figures was worked in on %(at)s.") % {"at": at})
    return " ".join(texts)


def nothing(viewer: Viewer, resolved: ResolvedState, path: str) -> dict[str, Any]:
    """Why there is nothing to see, and where the nearest data is."""
    found = days_with_data(resolved.scope.store_ids)
    newest = ""
    known = ""
    if found:
        end = min(found.end, resolved.today)
        last = Period(max(found.start, end.replace(day=1)), max(found.start, end))
        newest = resolved.state.frozen(last).with_(grain="").at(path)
        known = _("Data is known from %(start)s to %(end)s.") % {
            "start": formats.long_day(found.start), "end": formats.long_day(found.end),
        }  # fmt: skip
    may_connect = viewer.can_anywhere(Permission.MANAGE_CONNECTORS)
    return {
        "empty": True,
        "known_days": known,
        "newest": newest,
        "connect_url": address("connectors:source-list") if may_connect else "",
        "announcement": _("Nothing to show for this choice."),
    }


def controls(viewer: Viewer, resolved: ResolvedState, path: str) -> dict[str, Any]:
    """The toolbar, the exports and the links that carry the state along."""
    state, bar = resolved.state, toolbar_of(resolved, path)
    return {
        "path": path,
        "canonical": state.at(path),
        "query": state.with_(view=None).query,
        "bar": bar,
        "choose": state.at(reverse("analytics:choose")),
        "exports": exports_of(resolved),
        "links": share_links(resolved, path),
        "orders_url": orders_url(viewer, state),
        "board_url": board_url(state),
        "print_line": print_line(resolved, bar),
    }


def board_url(state: PageState) -> str:
    """The same days, stores and filters as eight charts."""
    return state.with_(metric="", cards=(), by=(), view=None).at(reverse("analytics:board"))


def orders_url(viewer: Viewer, state: PageState) -> str:
    url = address("sales:order-list")
    if not url or not viewer.can_anywhere(Permission.SEE_ORDERS):
        return ""
    bare = state.with_(metric="", cards=(), by=(), view=None, grain="")
    # A list without days means all of them, so the default range must be said here.
    days = {} if dict(bare.items()).keys() & {"r", "from"} else {"r": state.range}
    return f"{bare.at(url)}{'&' if bare.query else '?'}{urlencode(days)}" if days else bare.at(url)


def exports_of(resolved: ResolvedState) -> list[Choice]:
    """The ways to take the page's figures away; none without the right to."""
    if Permission.EXPORT not in resolved.scope.rights:
        return []
    state = resolved.state.with_(view=None)
    files = [("csv", "CSV", _("this page as text")), ("xlsx", "XLSX", _("this page as a workbook"))]
    shown = [by for slot in SLOTS if (by := dimension_of(slot, state))]
    cards, _notices = chosen_cards(state, visible_metrics(resolved.scope.rights))
    return (
        [
            Choice(label, state.at(reverse("analytics:export", args=[kind])), key=kind, hint=hint)
            for kind, label, hint in files
        ]
        + [
            Choice(
                _("All rows by %(dimension)s") % {"dimension": _(dimensions[by].label).lower()},
                state.at(reverse("analytics:export-rows", args=[by])),
                key="rows",
                hint="CSV",
            )
            for by in shown
            if any(has_dimension(card, by) and not lack_of(card, state) for card in cards)
        ]
        + [
            Choice(
                _("Print or PDF"),
                state.at(reverse("analytics:print")),
                key="print",
                hint=_("one page"),
            )
        ]
    )


def share_links(resolved: ResolvedState, path: str) -> list[Choice]:
    """One link that moves on with the days, and one that keeps them."""
    state = resolved.state.with_(view=None)
    frozen = state.frozen(resolved.period)
    span = formats.span(resolved.period.start, resolved.period.end)
    kept = Choice(_("Always these days"), frozen.at(path), key="frozen", hint=span)
    if state.range == "custom":
        return [kept]
    return [
        Choice(_("Moves on with the days"), state.at(path), key="moving", hint=state.range),
        kept,
    ]


def print_line(resolved: ResolvedState, bar: Toolbar) -> str:
    """What a printed page says about itself: stores, range, comparison and filters."""
    names = ", ".join(store.name for store in resolved.stores)
    chips = [chip.label for chip in bar.chips]
    zone = resolved.scope.zones[0] if resolved.scope.zones else "UTC"
    made = _("made %(at)s") % {"at": formats.moment(datetime.now(UTC), zone)}
    shown = f"{bar.range_label} {bar.range_span}"
    return " · ".join(part for part in (names, shown, bar.compare_label, *chips, made) if part)


def saved_views(viewer: Viewer, resolved: ResolvedState, path: str) -> dict[str, Any]:
    """The tabs, and what the viewer may do with the view that is open."""
    state = resolved.state
    views = list(views_for(viewer, PAGE))
    current = next((view for view in views if view.pk == state.view), None)
    is_own = current is not None and current.owner_id == viewer.user_id
    return {
        "views": [tab_of(view, state, path) for view in views],
        "is_overview": current is None,
        "view": current,
        "own_view": current if is_own else None,
        "share_stores": [
            store for store in resolved.stores if viewer.can(Permission.SHARE_VIEWS, store.pk)
        ],
    }


def tab_of(view: SavedView, state: PageState, path: str) -> Choice:
    query = f"{view.query}&view={view.pk}" if view.query else f"view={view.pk}"
    shared = "shared" if view.is_shared else ""
    return Choice(view.name, f"{path}?{query}", view.pk == state.view, shared)


def address(name: str) -> str:
    """A page's address, or nothing where its app has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
