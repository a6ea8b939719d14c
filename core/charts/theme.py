"""The one look of all charts. Colours are token names that the page resolves in its own theme."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from core import formats
from core.charts.records import Scale, Value
from core.money import minor_digits

FONT = "Inter Variable, system-ui, sans-serif"
MARGIN = {"l": 48, "r": 22, "t": 8, "b": 30}
TICKS = 5
SERIES_LIMIT = 6


def token(name: str) -> str:
    """A design token as a colour; the page's script puts the theme's value in its place."""
    return f"var(--ec-{name})"


def base_layout() -> dict[str, Any]:
    """What every figure shares; a chart's own layout is laid over it."""
    return {
        "font": {"family": FONT, "size": 12, "color": token("ink-2")},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": dict(MARGIN),
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": token("surface"),
            "bordercolor": token("line-strong"),
            "font": {"family": FONT, "size": 12, "color": token("ink")},
        },
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "linecolor": token("line"),
            "ticks": "",
            "ticklabelstandoff": 6,
            "tickangle": 0,
            "fixedrange": True,
        },
        "yaxis": {
            "ticks": "",
            "ticklabelstandoff": 8,
            "gridcolor": token("line"),
            "zeroline": False,
            "fixedrange": True,
        },
        "showlegend": False,
        "separators": formats.separators(),
        "bargap": 0.46,
    }


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`, key by key."""
    both = dict(base)
    for key, value in over.items():
        inner = isinstance(value, Mapping) and isinstance(both.get(key), Mapping)
        both[key] = merged(both[key], value) if inner else value
    return both


def figure_of(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> dict[str, Any]:
    """A figure as plain data. Where CHECK_FIGURES is on, Plotly checks every key and value.

    Tests have it on. A page does without: the library takes 35 MB, seconds to import and as long
    for one figure as the database for all of them.
    """
    figure = {"data": [dict(trace) for trace in traces], "layout": merged(base_layout(), layout)}
    return checked(figure) if settings.CHECK_FIGURES else figure


def checked(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure as Plotly itself would write it; raises ValueError for what it does not know."""
    import plotly.graph_objects as go

    made = go.Figure(data=figure["data"], layout={**figure["layout"], "template": None})
    plain = made.to_plotly_json()
    plain["layout"].pop("template", None)
    return {"data": plain["data"], "layout": plain["layout"]}


def plain_number(value: Value) -> float | None:
    """Charts draw floats; what people read is written from the exact value."""
    return None if value is None else float(value)


def known(values: Iterable[Value]) -> list[float]:
    return [float(value) for value in values if value is not None]


def written(value: Value, scale: Scale) -> str:
    """A value in full, as hover labels and tables show it."""
    if scale.unit == "money":
        return formats.overview(value, scale.currency)
    return formats.figure(value, scale.unit, scale.currency)


def pattern(scale: Scale) -> str:
    """How Plotly writes a point's value in full by itself: its unit's digits and signs."""
    digits = {"share": ".2%", "ratio": ",.2f"}.get(scale.unit, ",.0f")
    if scale.unit != "money":
        return f"%{{y:{digits}}}"
    return formats.money(Decimal(1), scale.currency).replace(
        formats.number(1, minor_digits(scale.currency)), f"%{{y:,.{minor_digits(scale.currency)}f}}"
    )


def short(value: Value, scale: Scale) -> str:
    """A value as axes and bar ends show it."""
    if value is None:
        return formats.NONE
    if scale.unit == "money":
        return formats.compact_money(value, scale.currency)
    if scale.unit == "count":
        return formats.compact(value)
    return formats.figure(value, scale.unit)


def nice_step(highest: float, count: int = TICKS) -> float:
    """The distance of round ticks that reaches `highest` in at most `count` steps."""
    rough = highest / count
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))


def tick_text(value: float, scale: Scale, *, exact: bool = False) -> str:
    """One tick's label; `exact` keeps the minor digits that neighbouring ticks differ in."""
    if scale.unit == "share":
        return formats.share(value, 0 if round(value * 100, 6).is_integer() else 1)
    if exact and scale.unit == "money":
        return formats.money(Decimal(str(value)), scale.currency)
    text = short(value, scale)
    mark = formats.separators()[0]
    return text.replace(f"{mark}0k", "k").replace(f"{mark}0M", "M")


def value_axis(values: Iterable[Value], scale: Scale) -> dict[str, Any]:
    """A value axis from zero with about five round ticks, written in the reader's locale."""
    found = known(values)
    low, high = min([0.0, *found]), max([0.0, *found])
    if low == high:
        return {"tickvals": [0.0], "ticktext": [tick_text(0.0, scale)], "range": [0.0, 1.0]}
    step = nice_step(high - low)
    if scale.unit == "count":
        step = max(step, 1.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    # A little below zero is drawn, but gets no tick of its own, which would halve the rest.
    first = 0 if -step / 4 < low < 0 < high else first
    ticks = [round(n * step, 10) for n in range(first, last + 1)]
    return {
        "tickvals": ticks,
        "ticktext": [tick_text(tick, scale, exact=step < 1) for tick in ticks],
        "range": [min(ticks[0], low), ticks[-1] + step * 0.04],
    }


def day_ticks(days: Sequence[date], week_start: int = 0) -> dict[str, Any]:
    """Ticks under days: each of a few, week starts of some, month starts of many."""
    if len(days) <= 8 or all(day.day == 1 for day in days):
        chosen = list(days)
    elif len(days) <= 70 and any(day.weekday() != days[0].weekday() for day in days):
        chosen = [day for day in days if day.weekday() == week_start]
    else:
        firsts = [day for day in days if day.day == 1]
        chosen = firsts if len(firsts) > 1 else list(days)
    year = len({day.year for day in days}) > 1
    stride = math.ceil(len(chosen) / (6 if year else 8))
    kept = chosen[::stride]
    return {
        "tickvals": [day.isoformat() for day in kept],
        "ticktext": [formats.day(day, year=year) for day in kept],
    }
