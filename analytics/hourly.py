"""The main chart of a single day: the chosen figure hour by hour."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.charts import finding
from analytics.queries.intraday import HOURS, Hours, has_hours, hours_of, local_now
from analytics.queries.kpis import Kpis, adds_up
from core import formats
from core.charts.hourly import hourly
from core.charts.records import Chart, Pace, Scale, Series
from metrics.declare import Metric

CLOCK = [f"{hour:02}:00" for hour in HOURS]


def is_one_day(kpis: Kpis) -> bool:
    """Whether the page shows a single day, and its figure is known by the hour."""
    return kpis.resolved.period.days == 1 and has_hours(kpis.selected)


def hour_title(metric: Metric) -> str:
    return _("%(metric)s per hour") % {"metric": _(metric.label)}


def hour_chart(kpis: Kpis, now: datetime | None = None) -> Chart:
    """The chosen figure hour by hour, beside the compared day; today ends at the hour under way."""
    resolved, metric = kpis.resolved, kpis.selected
    local = local_now(resolved.scope.zones[0], now or timezone.now())
    day = resolved.period.start
    before = resolved.compared.start if resolved.compared else None
    days = [day, before] if before else [day]
    hours = hours_of([metric.slug], resolved.scope, days, filters=resolved.state.filters)
    is_today = day == local.date()
    shown = 24 if day < local.date() else (local.hour + 1 if is_today else 0)
    title = hour_title(metric)
    spec = Pace(
        title=title,
        hours=CLOCK,
        today=Series(formats.weekday(day), values_of(hours, metric, day, shown)),
        compared=Series(formats.weekday(before), values_of(hours, metric, before, 24))
        if before
        else None,
        scale=Scale(metric.unit, resolved.scope.currency),
        finding=finding(kpis, title),
    )
    return hourly(spec, is_filling=is_today)


def values_of(hours: Hours, metric: Metric, day: date, shown: int) -> list[Decimal | None]:
    """The figure in each of the day's first hours; an hour without anything is zero for sums."""
    empty = Decimal(0) if adds_up(metric.formula) else None
    found = [hours.value(metric, day, hours=[hour]) for hour in range(shown)]
    return [empty if value is None else value for value in found]
