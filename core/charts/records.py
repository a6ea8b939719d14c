"""What a chart is made from, and what a page gets to draw it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Value = Decimal | int | float | None
Values = Sequence[Value]


@dataclass(frozen=True)
class Series:
    """One line of values under a name; `None` leaves a gap."""

    name: str
    values: Values


@dataclass(frozen=True)
class Event:
    """Something that happened on a day, drawn as a vertical rule."""

    day: date
    label: str


@dataclass(frozen=True)
class Scale:
    """How values are written: a unit (money, count, share, ratio, seconds) and a currency."""

    unit: str = "count"
    currency: str = ""


@dataclass(frozen=True)
class Forecast:
    """What is expected after the last known bucket, with its band."""

    days: Sequence[date]
    values: Values
    low: Values
    high: Values
    name: str = ""


@dataclass(frozen=True)
class Line:
    """A metric over time: the current period, what it is compared with, the target and events.

    All series have one value per bucket of `days`. `links` has one address per bucket.
    `incomplete` marks the last bucket as still filling. `week_start` 0 is Monday. `twin` is the
    address of the data table where the points are too many to write each of them out in the page.
    """

    title: str
    days: Sequence[date]
    current: Series
    scale: Scale = field(default_factory=Scale)
    compared: Series | None = None
    target: Series | None = None
    forecast: Forecast | None = None
    events: Sequence[Event] = ()
    links: Sequence[str] = ()
    incomplete: bool = False
    week_start: int = 0
    finding: str = ""
    twin: str = ""


@dataclass(frozen=True)
class Lines:
    """Several series over time or over steps, such as channels or cohorts; at most six."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    scale: Scale = field(default_factory=Scale)
    axis: str = ""
    finding: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar: a label, its value, and the address that filters by it."""

    label: str
    value: Value
    href: str = ""


@dataclass(frozen=True)
class Bars:
    """Horizontal bars, largest first, with the value at the end."""

    title: str
    bars: Sequence[Bar]
    scale: Scale = field(default_factory=Scale)
    dimension: str = ""
    measure: str = ""
    finding: str = ""


@dataclass(frozen=True)
class Pace:
    """Cumulative values by hour: today so far, the compared day in full, and the target."""

    title: str
    hours: Sequence[str]
    today: Series
    compared: Series | None = None
    target: Series | None = None
    scale: Scale = field(default_factory=Scale)
    finding: str = ""


@dataclass(frozen=True)
class Legend:
    """One entry above the plot; `style` is its sample's class: "", dash, dot, c2 … c6, open."""

    label: str
    style: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the table twin; `href` is the mark's link."""

    cells: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart ready for `<c-chart>`: the figure, the sentence that says it, and its table.

    With `twin`, the address of its table, it comes without rows.
    """

    figure: dict[str, Any]
    summary: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    legend: tuple[Legend, ...] = ()
    events: tuple[Event, ...] = ()
    name: str = "chart"
    note: str = ""
    twin: str = ""
