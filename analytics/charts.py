"""The charts of the KPI page: the main line with its comparison and events, and bars."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from analytics.cards import course_of, told_of
from analytics.queries.kpis import Kpis, next_bucket
from core import formats
from core.charts.draw import line
from core.charts.records import Chart, Event, Line, Scale, Series
from core.periods import Grain, Period, bucket_start
from metrics.declare import Metric
from stores.models import CalendarEntry
from stores.page_state.resolved import ResolvedState

MOST_POINTS = 200


def title_of(metric: Metric, grain: Grain) -> str:
    titles = {
        Grain.DAY: _("%(metric)s per day"),
        Grain.WEEK: _("%(metric)s per week"),
        Grain.MONTH: _("%(metric)s per month"),
    }
    return titles[grain] % {"metric": _(metric.label)}


def main_chart(
    kpis: Kpis, events: list[CalendarEntry], path: str, *, twin: str = "", links: Sequence[str] = ()
) -> Chart:
    """The selected metric over time; each point opens its own days.

    Where `twin` is the address of the table, points open the `links` given with it, if any.
    """
    resolved, metric = kpis.resolved, kpis.selected
    course = course_of(kpis, metric)
    title = title_of(metric, resolved.grain)
    chart = line(
        Line(
            title=title,
            days=course.days,
            current=Series(formats.span(resolved.period.start, resolved.period.end), course.values),
            scale=Scale(metric.unit, resolved.scope.currency),
            compared=compared_series(resolved, course.before),
            events=[event_of(entry, resolved) for entry in events],
            links=links if twin else links_of(resolved, course.days, path),
            incomplete=last_is_partial(resolved, course.days[-1]),
            week_start=resolved.scope.week_start,
            finding=finding(kpis, title),
            twin=twin,
        )
    )
    return replace(chart, note=note_of(resolved, course.days))


def compared_series(resolved: ResolvedState, before: list[Decimal | None]) -> Series | None:
    if resolved.compared is None:
        return None
    return Series(formats.span(resolved.compared.start, resolved.compared.end), before)


def event_of(entry: CalendarEntry, resolved: ResolvedState) -> Event:
    """The entry at the start of the bucket it falls in, where its rule is drawn."""
    start = bucket_start(entry.start_on, resolved.grain, resolved.scope.week_start)
    return Event(start, entry.title)


def links_of(resolved: ResolvedState, days: Sequence[date], path: str) -> list[str]:
    """A page for each bucket; none where the points are too many to be told apart."""
    if len(days) > MOST_POINTS:
        return []
    return [bucket_link(resolved, day, path) for day in days]


def bucket_link(resolved: ResolvedState, start: date, path: str) -> str:
    """The page for the days of one bucket only."""
    days = bucket_days(resolved, start)
    return resolved.state.frozen(days).with_(grain="", view=None).at(path)


def bucket_days(resolved: ResolvedState, start: date) -> Period:
    """The bucket's days that lie in the page's period."""
    end = next_bucket(start, resolved.grain) - timedelta(1)
    return Period(max(start, resolved.period.start), min(end, resolved.period.end))


def last_is_partial(resolved: ResolvedState, last: date) -> bool:
    """Whether the last bucket has days that are not over or not in the period."""
    end = next_bucket(last, resolved.grain) - timedelta(1)
    return resolved.is_incomplete or end > resolved.period.end


def note_of(resolved: ResolvedState, days: list[date]) -> str:
    """What to know about buckets at the ends that hold fewer days than the others."""
    if resolved.is_incomplete:
        return _("The last value is still filling: %(day)s is not over.") % {
            "day": formats.weekday(resolved.today)
        }
    if last_is_partial(resolved, days[-1]) and len(days) > 1:
        return _("The last value holds only the days up to %(day)s.") % {
            "day": formats.weekday(resolved.period.end)
        }
    return ""


def finding(kpis: Kpis, title: str) -> str:
    """The chart in one sentence: the total, the change, and the best bucket."""
    resolved, metric = kpis.resolved, kpis.selected
    figure = told_of(kpis, metric)
    span = formats.span(resolved.period.start, resolved.period.end)
    if figure.alone:
        return _("%(title)s, %(span)s: %(value)s in all.") % {
            "title": title, "span": span, "value": figure.value,
        }  # fmt: skip
    return _("%(title)s, %(span)s: %(value)s in all, %(change)s against %(before)s.") % {
        "title": title, "span": span, "value": figure.value, "change": figure.change_text,
        "before": figure.against,
    }  # fmt: skip
