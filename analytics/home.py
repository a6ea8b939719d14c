"""Home: how today goes against the same hours of the same weekday, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from analytics.cards import Told, told
from analytics.dashboards import CARDS, PACE, STRIP
from analytics.pages import address
from analytics.queries.intraday import (
    Hours,
    course_of_day,
    has_hours,
    hours_of,
    local_now,
)
from analytics.queries.kpis import visible_metrics
from analytics.toolbar import Choice
from core import formats
from core.charts.pace import pace
from core.charts.records import Chart, Pace, Scale, Series
from core.periods import Compare
from metrics.answers import ask
from metrics.declare import Metric
from metrics.models import Version
from stores.models import Permission, Store
from stores.page_state.read import parse
from stores.page_state.resolved import ResolvedState, resolve
from stores.page_state.state import PageState

STRIP_LENGTH = 6
WEEKS_BACK = 4
EARLY_SHARE = Decimal("0.1")


@dataclass(frozen=True)
class Figure:
    """One figure of the strip: so far today, against the same hours of the same weekday."""

    label: str
    told: Told
    href: str
    note: str = ""


@dataclass(frozen=True)
class Outlook:
    """The pace of the day: its chart and what the day is expected to end at, in words."""

    chart: Chart
    headline: str
    words: str


@dataclass(frozen=True)
class Freshness:
    """Up to which day one kind of data reaches, and when it was last brought up to date."""

    label: str
    day: date
    at: datetime
    is_old: bool


def home_page(viewer: Viewer, params: QueryDict, name: str) -> dict[str, Any]:
    """Everything on Home; without a store it says how to begin."""
    state, notices = parse(params)
    now = datetime.now(UTC)
    if not viewer.stores_with(Permission.SEE_METRICS):
        return first_run(viewer, name)
    resolved = resolve(viewer, PageState(stores=state.stores, range="today"), now=now)
    notices = [*notices, *resolved.notices]
    if not resolved.stores:
        return first_run(viewer, name) | {"notices": notices}
    local = local_now(resolved.scope.zones[0], now)
    freshness = freshness_of(resolved, local.date())
    return {
        "name": name,
        "when": formats.moment(now, resolved.scope.zones[0]),
        "compared_day": formats.weekday(local.date() - timedelta(7)),
        "figures": strip_of(resolved, local),
        "outlook": outlook_of(resolved, local),
        "freshness": freshness,
        "is_fed": bool(freshness),
        "next_steps": next_steps(viewer, resolved.state),
        "notices": notices,
        "kpis_url": resolved.state.with_(range="last30").at(reverse("analytics:kpis")),
        "zone": resolved.scope.zones[0],
        "freshness_url": address("connectors:freshness"),
    }


def strip_of(resolved: ResolvedState, local: datetime) -> list[Figure]:
    """Six figures that the viewer may see, each so far today."""
    seen = visible_metrics(resolved.scope.rights)
    chosen = [seen[slug] for slug in dict.fromkeys((*STRIP, *CARDS)) if slug in seen]
    chosen = chosen[:STRIP_LENGTH]
    today, before = local.date(), local.date() - timedelta(7)
    timed = [metric.slug for metric in chosen if has_hours(metric)]
    hours = hours_of(timed, resolved.scope, [today, before], until=local)
    return [
        figure_so_far(resolved, metric, hours, today)
        if metric.slug in timed
        else figure_of_day(resolved, metric)
        for metric in chosen
    ]


def figure_so_far(resolved: ResolvedState, metric: Metric, hours: Hours, today: date) -> Figure:
    cell = hours.cell(metric, today, today - timedelta(7))
    return Figure(
        _(metric.label),
        told(metric, cell, resolved.scope.currency, compares=True),
        kpi_link(resolved, metric),
    )


def figure_of_day(resolved: ResolvedState, metric: Metric) -> Figure:
    """A figure that sources tell by the day only: what they have reported of today."""
    alone = resolved.state.with_(compare=Compare.NONE)
    answer = ask(replace(resolved, state=alone).asks([metric.slug]))
    figure = told(metric, answer[metric.slug], resolved.scope.currency, compares=False)
    return Figure(_(metric.label), figure, kpi_link(resolved, metric), _("reported so far"))


def kpi_link(resolved: ResolvedState, metric: Metric) -> str:
    state = resolved.state.with_(range="last30", metric=metric.slug)
    return state.at(reverse("analytics:kpis"))


def outlook_of(resolved: ResolvedState, local: datetime) -> Outlook | None:
    """How the day's sales add up and what they are expected to end at."""
    metric = visible_metrics(resolved.scope.rights).get(PACE)
    if metric is None:
        return None
    today, place = local.date(), local.hour + 1
    days = [today - timedelta(7 * weeks) for weeks in range(1, WEEKS_BACK + 1)]
    hours = hours_of([PACE], resolved.scope, [today, *days], until=local)
    so_far = course_of_day(hours, metric, today, local.hour)[: place + 1]
    courses = [course_of_day(hours, metric, day, local.hour) for day in days]
    usual = mean_course([course for course in courses if course[-1]])
    expected = expectation(so_far[-1], usual, place)
    currency = resolved.scope.currency
    clock = [f"{hour:02}:00" for hour in range(25)]
    spec = Pace(
        title=_("%(metric)s today") % {"metric": _(metric.label)},
        hours=[*clock[:place], f"{local:%H:%M}", *clock[place:]],
        today=Series(_("Today"), so_far),
        compared=Series(formats.weekday(days[0]), courses[0]),
        target=Series(_("Expected"), expected) if expected else None,
        scale=Scale(metric.unit, currency),
    )
    headline = formats.figure(expected[-1], metric.unit, currency) if expected else ""
    return Outlook(pace(spec), headline, words_of(so_far[-1], expected, usual, currency))


def mean_course(courses: Sequence[Sequence[Decimal]]) -> list[Decimal]:
    """The mean of several days at each time of the day."""
    return [sum(at, Decimal(0)) / len(courses) for at in zip(*courses, strict=True)]


def expectation(so_far: Decimal, usual: Sequence[Decimal], place: int) -> list[Decimal | None]:
    """Today so far plus the rest of the usual course, scaled by how today goes against it.

    While less than a tenth of a usual day's sales is in, the rest is taken as it usually is.
    """
    if not usual or usual[-1] <= 0:
        return []
    is_early = usual[place] < usual[-1] * EARLY_SHARE
    scale = Decimal(1) if is_early else max(so_far, Decimal(0)) / usual[place]
    ahead = [so_far + (value - usual[place]) * scale for value in usual[place + 1 :]]
    return [*[None] * place, so_far, *ahead]


def words_of(
    so_far: Decimal,
    expected: Sequence[Decimal | None],
    usual: Sequence[Decimal],
    currency: str,
) -> str:
    """The expectation in one sentence."""
    if not expected or expected[-1] is None:
        return _("There are too few earlier days of this weekday to expect anything.")
    change = formats.change(expected[-1] / usual[-1] - 1, "money")
    return _(
        "expected by midnight, %(change)s against the usual %(usual)s: %(so_far)s so far, then "
        "the rest of the last four such weekdays, scaled by how today goes."
    ) % {
        "change": change,
        "usual": formats.tile(usual[-1], currency),
        "so_far": formats.tile(so_far, currency),
    }


def freshness_of(resolved: ResolvedState, today: date) -> list[Freshness]:
    """How far each kind of data reaches, by what the engine has worked in."""
    names = {"orders": _("Orders"), "sessions": _("Visits"), "ad_spend": _("Ad spend")}
    known = Version.objects.filter(
        fact__in=names, store_id__in=resolved.scope.store_ids, day__lte=today
    )
    found = known.values("fact").order_by().annotate(day=Max("day"), at=Max("refreshed_at"))
    by_fact = {row["fact"]: row for row in found}
    return [
        Freshness(
            label,
            by_fact[fact]["day"],
            by_fact[fact]["at"],
            by_fact[fact]["day"] < today - timedelta(1),
        )
        for fact, label in names.items()
        if fact in by_fact
    ]


def next_steps(viewer: Viewer, state: PageState) -> list[Choice]:
    """Where the reader can go from here, by what their role includes."""
    steps = [
        (Permission.SEE_METRICS, "analytics:kpis", _("See the last 30 days"), _("All figures")),
        (Permission.SEE_ORDERS, "sales:order-list", _("Look at orders"), _("Newest first")),
        (Permission.SEE_PRODUCTS, "listings:product-list", _("Look at products"), _("What sells")),
        (
            Permission.MANAGE_CONNECTORS,
            "connectors:upload",
            _("Load a file"),
            _("CSV, XLSX, Parquet"),
        ),
        (
            Permission.SEE_CONNECTORS,
            "connectors:source-list",
            _("Check the sources"),
            _("Last runs"),
        ),
    ]
    stores = PageState(stores=state.stores)
    return [
        Choice(label, stores.at(address(name)), hint=hint)
        for permission, name, label, hint in steps
        if viewer.can_anywhere(permission) and address(name)
    ]


def first_run(viewer: Viewer, name: str) -> dict[str, Any]:
    """What somebody sees who has no store yet."""
    return {
        "name": name,
        "first_run": True,
        "has_stores": Store.objects.exists(),
        "upload_url": address("connectors:upload"),
        "connect_url": address("connectors:source-list"),
        "may_connect": viewer.can_anywhere(Permission.MANAGE_CONNECTORS),
    }
