"""A day hour by hour, beside another day; an hour that is not over is dashed and named."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.charts.draw import COMPARED, CURRENT, Trace, trace_of
from core.charts.pace import at
from core.charts.records import Chart, Legend, Pace, Row, Series
from core.charts.theme import figure_of, value_axis, written


def hourly(spec: Pace, *, is_filling: bool) -> Chart:
    """Each hour's own value; with `is_filling` the last hour of the current day is not over."""
    hours, values = list(spec.hours), list(spec.today.values)
    traces = traces_of(spec, hours, is_filling=is_filling)
    every = [*values, *(spec.compared.values if spec.compared else [])]
    layout = {
        "xaxis": {"type": "category", "tickvals": hours[::3], "categoryarray": hours},
        "yaxis": value_axis(every, spec.scale),
    }
    shown = [series for series in (spec.today, spec.compared) if series]
    return Chart(
        figure=figure_of(traces, layout),
        summary=spec.finding,
        columns=(_("Hour"), *(series.name for series in shown)),
        rows=tuple(
            Row((hour, *(written(at(series.values, n), spec.scale) for series in shown)))
            for n, hour in enumerate(hours)
        ),
        legend=tuple(
            Legend(series.name, style)
            for series, style in ((spec.today, ""), (spec.compared, "dash"))
            if series
        ),
        name=slugify(spec.title),
        note=_("The hour from %(hour)s is not over: its value is still filling.")
        % {"hour": hours[len(values) - 1]}
        if is_filling and values
        else "",
    )  # fmt: skip


def traces_of(spec: Pace, hours: Sequence[str], *, is_filling: bool) -> list[Trace]:
    """The compared day, this day, and dashed the way to an hour that is not over."""
    values = list(spec.today.values)
    traces = []
    if spec.compared:
        traces.append(trace_of(hours, spec.compared, spec.scale, COMPARED))
    whole = values[:-1] if is_filling else values
    traces.append(
        trace_of(hours[: len(whole)], replace(spec.today, values=whole), spec.scale, CURRENT)
    )
    if is_filling and values:
        first = max(len(values) - 2, 0)
        name = _("%(series)s, so far") % {"series": spec.today.name}
        dashed = CURRENT | {"dash": "4px 4px"}
        tail = trace_of(
            hours[first : len(values)], Series(name, values[first:]), spec.scale, dashed
        )
        plain = "<extra></extra>"
        traces.append(tail | {"hovertemplate": [plain, "%{text}"][-len(values[first:]) :]})
    return traces
