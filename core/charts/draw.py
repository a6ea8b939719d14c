"""One function for each kind of chart; each returns the figure, a sentence and a table."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import formats
from core.charts.records import (
    Bar,
    Bars,
    Chart,
    Event,
    Forecast,
    Legend,
    Line,
    Lines,
    Row,
    Scale,
    Series,
    Value,
    Values,
)
from core.charts.theme import (
    SERIES_LIMIT,
    day_ticks,
    figure_of,
    known,
    pattern,
    plain_number,
    short,
    token,
    value_axis,
    written,
)

Trace = dict[str, Any]
LABELLED_EVENTS = 3
CURRENT = {"color": token("c1"), "width": 2.75}
COMPARED = {"color": token("compare"), "width": 1.75, "dash": "dash"}
TARGET = {"color": token("ink-2"), "width": 1.5, "dash": "dot"}


def trace_of(
    x: Sequence[str], series: Series, scale: Scale, line: Mapping[str, Any], *, lean: bool = False
) -> Trace:
    """One line whose hover label is the value written in full.

    `lean` has the reader's browser write it, by a pattern for the unit, when it is needed.
    """
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": [None if value is None else float(value) for value in series.values],
        "name": series.name,
        "line": dict(line),
    }
    if lean:
        return trace | {"hovertemplate": pattern(scale)}
    texts = [written(value, scale) for value in series.values]
    return trace | {"text": texts, "hovertemplate": "%{text}"}


def line(spec: Line) -> Chart:
    """A metric over time; see `Line` for its parts."""
    x = written_days(tuple(spec.days))
    traces = [
        trace_of(x, series, spec.scale, style, lean=bool(spec.twin))
        for series, style in ((spec.target, TARGET), (spec.compared, COMPARED))
        if series
    ]
    traces += forecast_traces(spec.forecast, spec.scale) if spec.forecast else []
    traces += current_traces(spec, x)
    labelled = [event for event in spec.events if event.day.isoformat() in x]
    layout = {
        "xaxis": {"hoverformat": "%a %-d %b %Y", "type": "date"}
        | day_ticks(spec.days, spec.week_start)
        | span_of(spec),
        "yaxis": value_axis(all_values(spec), spec.scale),
        **event_marks(labelled, spec.days),
    }
    return Chart(
        figure=figure_of(traces, layout),
        summary=spec.finding or line_summary(spec),
        columns=(_("Date"), *(series.name for series in table_series(spec))),
        rows=() if spec.twin else line_rows(spec),
        legend=line_legend(spec),
        events=tuple(labelled),
        name=slugify(spec.title),
        note=_("The last value is still filling.") if spec.incomplete else "",
        twin=spec.twin,
    )


def span_of(spec: Line) -> dict[str, Any]:
    """The time axis from the first day to the last that is drawn; one day alone in its middle."""
    last = spec.forecast.days[-1] if spec.forecast else spec.days[-1]
    return {"range": [spec.days[0].isoformat(), last.isoformat()]} if last > spec.days[0] else {}


@lru_cache(maxsize=32)
def written_days(days: tuple[date, ...]) -> tuple[str, ...]:
    """Kept, as all charts of a page have the same days."""
    return tuple(day.isoformat() for day in days)


def current_traces(spec: Line, x: Sequence[str]) -> list[Trace]:
    """The current period, filled; a last bucket that is still filling is dashed."""
    whole = trace_of(x, spec.current, spec.scale, CURRENT, lean=bool(spec.twin))
    if None not in spec.current.values:
        whole |= {"fill": "tozeroy", "fillcolor": token("fill1")}
    if spec.links:
        whole["customdata"] = list(spec.links)
    if len(x) == 1:
        return [whole | {"mode": "markers", "marker": {"color": token("c1"), "size": 9}}]
    if not spec.incomplete:
        return [whole]
    kept = {key: whole[key][:-1] for key in ("x", "y", "text", "customdata") if key in whole}
    tail = {key: whole[key][-2:] for key in ("x", "y", "text", "customdata") if key in whole}
    name = _("%(series)s, so far") % {"series": spec.current.name}
    dashed = CURRENT | {"dash": "4px 4px"}
    end = trace_of([], Series(name, []), spec.scale, dashed) | tail
    end["hovertemplate"] = ["<extra></extra>", whole["hovertemplate"]]
    return [whole | kept, end]


def forecast_traces(forecast: Forecast, scale: Scale) -> list[Trace]:
    """The expected values, dashed, in a band of their uncertainty."""
    x = [day.isoformat() for day in forecast.days]
    edge = {"color": token("c1"), "width": 0}
    name = forecast.name or _("Forecast")
    low = trace_of(x, Series(name, forecast.low), scale, edge) | {"hoverinfo": "skip"}
    high = trace_of(x, Series(name, forecast.high), scale, edge) | {"hoverinfo": "skip"}
    for band in (low, high):
        band.pop("hovertemplate")
    band_fill = {"fill": "tonexty", "fillcolor": token("fill2")}
    middle = CURRENT | {"width": 2, "dash": "dash"}
    return [low, high | band_fill, trace_of(x, Series(name, forecast.values), scale, middle)]


def event_marks(events: Sequence[Event], days: Sequence[date]) -> dict[str, Any]:
    """A rule for each event; its name on top while there are few, else its number."""
    if not events:
        return {}
    named = len(events) <= LABELLED_EVENTS
    numbers: dict[date, list[str]] = {}
    for position, event in enumerate(events, start=1):
        numbers.setdefault(event.day, []).append(event.label if named else str(position))
    rules = [
        {
            "type": "line",
            "x0": day.isoformat(),
            "x1": day.isoformat(),
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "layer": "below",
            "line": {"color": token("line-strong"), "width": 1},
        }
        for day in numbers
    ]
    notes = [
        {
            "x": day.isoformat(),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "xanchor": inward(day, days) if named else "center",
            "text": spoken(labels),
            "showarrow": False,
            "font": {"size": 12, "color": token("ink-2")},
        }
        for day, labels in numbers.items()
    ]
    return {"shapes": rules, "annotations": notes, "margin": {"t": 26}}


def spoken(labels: Sequence[str]) -> str:
    """What stands above one rule: its names, or the first and the last of its numbers."""
    if len(labels) > 2 and labels[0].isdecimal():
        return f"{labels[0]}–{labels[-1]}"
    return ", ".join(labels)


def inward(day: date, days: Sequence[date]) -> str:
    """The side of a label that its event stands at, so that no label leaves the chart."""
    place = (day - days[0]) / ((days[-1] - days[0]) or timedelta(days=1))
    return "left" if place < 1 / 6 else "right" if place > 5 / 6 else "center"


def all_values(spec: Line) -> list[Value]:
    parts: list[Values] = [series.values for series in table_series(spec)]
    if spec.forecast:
        parts += [spec.forecast.values, spec.forecast.high]
    return [value for part in parts for value in part]


def table_series(spec: Line) -> list[Series]:
    return [series for series in (spec.current, spec.compared, spec.target) if series]


def line_rows(spec: Line) -> tuple[Row, ...]:
    columns = [series.values for series in table_series(spec)]
    return tuple(
        Row(
            (formats.weekday(day), *(written(values[place], spec.scale) for values in columns)),
            spec.links[place] if spec.links else "",
        )
        for place, day in enumerate(spec.days)
    )


def line_legend(spec: Line) -> tuple[Legend, ...]:
    entries = [Legend(spec.current.name)]
    if spec.compared:
        entries.append(Legend(spec.compared.name, "dash"))
    if spec.target:
        entries.append(Legend(spec.target.name, "dot"))
    if spec.forecast:
        entries.append(Legend(spec.forecast.name or _("Forecast"), "open"))
    return tuple(entries)


def line_summary(spec: Line) -> str:
    """The chart in one sentence: from where to where, its extremes and its end."""
    points: list[tuple[date, Value]] = [
        (day, value)
        for day, value in zip(spec.days, spec.current.values, strict=True)
        if value is not None
    ]
    if not points:
        return _("%(title)s: no values in this period.") % {"title": spec.title}
    low = min(points, key=lambda point: float(point[1] or 0))
    high = max(points, key=lambda point: float(point[1] or 0))
    return _(
        "%(title)s, %(span)s: highest %(high)s on %(high_day)s, lowest %(low)s on %(low_day)s,"
        " %(last)s at the end."
    ) % {
        "title": spec.title,
        "span": formats.span(spec.days[0], spec.days[-1]),
        "high": written(high[1], spec.scale),
        "high_day": formats.weekday(high[0]),
        "low": written(low[1], spec.scale),
        "low_day": formats.weekday(low[0]),
        "last": written(points[-1][1], spec.scale),
    }


def lines(spec: Lines) -> Chart:
    """Several series in the order of the series colours; refuses more than six."""
    if len(spec.series) > SERIES_LIMIT:
        raise ValueError(f"{spec.title}: more than {SERIES_LIMIT} series; add up the rest.")
    traces = [
        trace_of(spec.labels, series, spec.scale, {"color": token(f"c{n}"), "width": 2})
        for n, series in enumerate(spec.series, start=1)
    ]
    values = [value for series in spec.series for value in series.values]
    stride = max(1, -(-len(spec.labels) // 8))
    shown = list(spec.labels)[::stride]
    layout = {
        "xaxis": {"type": "category", "tickvals": shown},
        "yaxis": value_axis(values, spec.scale),
    }
    rows = tuple(
        Row((label, *(written(series.values[place], spec.scale) for series in spec.series)))
        for place, label in enumerate(spec.labels)
    )
    ends = ", ".join(
        f"{series.name} {written(series.values[-1], spec.scale)}"
        for series in spec.series
        if series.values
    )
    return Chart(
        figure=figure_of(traces, layout),
        summary=spec.finding
        or _("%(title)s, at the end: %(ends)s.") % {"title": spec.title, "ends": ends},
        columns=(spec.axis or _("Period"), *(series.name for series in spec.series)),
        rows=rows,
        legend=tuple(
            Legend(series.name, f"c{n}" if n > 1 else "")
            for n, series in enumerate(spec.series, start=1)
        ),
        name=slugify(spec.title),
    )


def bars(spec: Bars) -> Chart:
    """Horizontal bars, largest on top, with the value at the end; a bar's link filters by it."""
    ranked = sorted(spec.bars, key=lambda bar: float(bar.value or 0), reverse=True)
    found = known(bar.value for bar in ranked)
    low, high = min([0.0, *found]), max([0.0, *found]) or 1.0
    trace: Trace = {
        "type": "bar",
        "orientation": "h",
        "x": [plain_number(bar.value) for bar in ranked],
        "y": [bar.label for bar in ranked],
        "text": [short(bar.value, spec.scale) for bar in ranked],
        "hovertext": [written(bar.value, spec.scale) for bar in ranked],
        "customdata": [bar.href for bar in ranked],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": token("ink"), "size": 12},
        "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
        "marker": {"color": token("c1"), "cornerradius": 4},
    }
    layout = {
        "hovermode": "closest",
        "xaxis": {"visible": False, "range": span_for_ends(low, high)},
        "yaxis": {
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
            "type": "category",
        },
        "margin": {"l": 8, "t": 0, "b": 4},
    }
    return Chart(
        figure=figure_of([trace], layout),
        summary=spec.finding or bars_summary(spec, ranked),
        columns=(spec.dimension or _("Name"), spec.measure or spec.title),
        rows=tuple(Row((bar.label, written(bar.value, spec.scale)), bar.href) for bar in ranked),
        name=slugify(spec.title),
        note=_("Select a bar to filter the page.") if any(bar.href for bar in ranked) else "",
    )


def span_for_ends(low: float, high: float) -> list[float]:
    """The value axis with room for what is written at the ends of the bars, on both sides."""
    room = (high - low) * 0.22
    return [low - room if low < 0 else low, high + room]


def bars_summary(spec: Bars, ranked: Sequence[Bar]) -> str:
    if not ranked:
        return _("%(title)s: nothing to show.") % {"title": spec.title}
    best = ", ".join(f"{bar.label} {written(bar.value, spec.scale)}" for bar in ranked[:3])
    return _("%(title)s, largest first: %(best)s.") % {"title": spec.title, "best": best}
