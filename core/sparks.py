"""Sparklines as SVG paths, made on the server: hidden from readers, the figure stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.formats import Number

Points = Sequence[Number | None]


@dataclass(frozen=True)
class Spark:
    """The paths of one sparkline in a box of `width` by `height`."""

    current: str
    compared: str
    area: str
    width: int
    height: int


def path_of(values: Points, low: float, high: float, width: int, height: int) -> str:
    """One line over the box; a missing value breaks it."""
    step = width / max(1, len(values) - 1)
    scale = (height - 2) / (high - low) if high > low else 0
    parts, pen = [], "M"
    for position, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        y = height - 1 - (float(value) - low) * scale if scale else height / 2
        parts.append(f"{pen}{position * step:.1f} {y:.1f}")
        pen = "L"
    return "".join(parts)


def spark_of(values: Points, compared: Points = (), width: int = 200, height: int = 36) -> Spark:
    """Both lines on one scale, the area under the current one when it has no holes."""
    known = [float(value) for value in (*values, *compared) if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    line = path_of(values, low, high, width, height)
    whole = bool(values) and None not in values
    area = f"{line}L{width} {height}L0 {height}Z" if whole else ""
    return Spark(line, path_of(compared, low, high, width, height), area, width, height)
