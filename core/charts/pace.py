"""A day as it adds up by the hour, beside another day and what is expected of it."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.charts.draw import COMPARED, CURRENT, TARGET, Trace, trace_of
from core.charts.records import Chart, Legend, Pace, Row, Value, Values
from core.charts.theme import figure_of, known, plain_number, token, value_axis, written


def pace(spec: Pace) -> Chart:
    """A day as it adds up by the hour: so far, against the compared day and the target."""
    parts = [(spec.target, TARGET), (spec.compared, COMPARED), (spec.today, CURRENT)]
    traces = []
    for series, style in parts:
        if series:
            traces.append(trace_of(spec.hours[: len(series.values)], series, spec.scale, style))
    if spec.today.values:
        traces.append(end_mark(spec.hours[len(spec.today.values) - 1], spec.today.values[-1]))
    values = [value for series, _style in parts if series for value in series.values]
    layout = {
        "xaxis": {
            "type": "category",
            "tickvals": [hour for hour in spec.hours if hour.endswith(":00")][::6],
            "categoryarray": list(spec.hours),
        },
        "yaxis": value_axis(values, spec.scale),
        "margin": {"l": 46, "b": 26},
    }
    shown = [series for series in (spec.today, spec.compared, spec.target) if series]
    return Chart(
        figure=figure_of(traces, layout),
        summary=spec.finding or pace_summary(spec),
        columns=(_("Hour"), *(series.name for series in shown)),
        rows=tuple(
            Row((hour, *(written(at(series.values, place), spec.scale) for series in shown)))
            for place, hour in enumerate(spec.hours)
        ),
        legend=tuple(
            Legend(series.name, style)
            for series, style in ((spec.today, ""), (spec.compared, "dash"), (spec.target, "dot"))
            if series
        ),
        name=slugify(spec.title),
    )


def end_mark(hour: str, value: Value) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [hour],
        "y": [plain_number(value)],
        "marker": {
            "color": token("c1"),
            "size": 9,
            "line": {"color": token("surface"), "width": 2},
        },
        "hoverinfo": "skip",
    }


def at(values: Values, place: int) -> Value:
    return values[place] if place < len(values) else None


def pace_summary(spec: Pace) -> str:
    reached = known(spec.today.values)
    if not reached:
        return _("%(title)s: nothing yet today.") % {"title": spec.title}
    place = len(spec.today.values) - 1
    sentence = _("%(title)s: %(value)s by %(hour)s") % {
        "title": spec.title,
        "value": written(spec.today.values[-1], spec.scale),
        "hour": spec.hours[place],
    }
    if spec.compared and at(spec.compared.values, place) is not None:
        then = written(at(spec.compared.values, place), spec.scale)
        sentence += _(", %(then)s on %(day)s") % {"then": then, "day": spec.compared.name}
    return sentence + "."
