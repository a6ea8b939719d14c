"""Made-up values that the page of parts draws, so that each part is seen in each state."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.charts import draw
from core.charts.pace import pace
from core.charts.records import Bar, Bars, Chart, Event, Forecast, Line, Lines, Pace, Scale, Series

FIRST = date(2026, 10, 24)
DAYS = [FIRST + timedelta(n) for n in range(30)]
LINE = [12700, 13240, 13180, 11640, 11120, 11530, 12120, 13660, 14200, 13690, 11900, 11560, 11640,
        13700, 14780, 14180, 14920, 13820, 12700, 17900, 16850, 14600, 15720, 14230, 13310, 12900,
        12980, 14800, 16020, 17100]  # fmt: skip
COMPARED = [12400, 13300, 12820, 11200, 10400, 11020, 11900, 13600, 13750, 12900, 11700, 11320,
            11100, 12500, 13080, 14520, 12700, 12650, 11100, 12080, 12820, 13920, 14810, 13020,
            12090, 12420, 12280, 13010, 15120, 15400]  # fmt: skip
EUROS = Scale("money", "EUR")
HOURS = [f"{hour:02d}:00" for hour in range(24)]


def charts() -> dict[str, Chart]:
    """One chart of each kind and state."""
    return {
        "line": draw.line(full_line()),
        "plain": draw.line(
            Line("Orders per day", DAYS[:7], Series("Orders", [5, 8, None, 9, 4, 7, 6]))
        ),
        "lines": draw.lines(repeat_rates()),
        "bars": draw.bars(
            Bars(
                "Net sales by channel",
                [
                    Bar("Email", Decimal(92600), "?channel=email"),
                    Bar("Paid search", Decimal(118200), "?channel=paid-search"),
                    Bar("Direct", Decimal(58900), "?channel=direct"),
                    Bar("Marketplace", Decimal(20100), "?channel=marketplace"),
                ],
                EUROS,
            )
        ),
        "pace": pace(
            Pace(
                "Net sales today",
                HOURS,
                Series("Today", [90, 131, 159, 176, 204, 305, 592, 1140, 1932, 2995, 4286]),
                Series("Mon 16 Nov", [n * n * 35 for n in range(24)]),
                Series("Target", [n * n * 42 for n in range(24)]),
                EUROS,
            )
        ),
    }


def repeat_rates() -> Lines:
    return Lines(
        "Repeat rate by first channel",
        [f"Month {n}" for n in range(6)],
        [
            Series("Email", share(25, 22, 20, 19, 18, 18)),
            Series("Search", share(18, 16, 15, 13, 12, 11)),
            Series("Social", share(12, 9, 8, 6, 6, 5)),
        ],
        Scale("share"),
    )


def share(*percents: int) -> list[Decimal]:
    return [Decimal(percent) / 100 for percent in percents]


def full_line() -> Line:
    ahead = [DAYS[-1] + timedelta(n) for n in range(6)]
    middle = [17100, 16400, 15900, 15200, 15800, 16900]
    forecast = Forecast(
        ahead,
        middle,
        [v - 300 * n for n, v in enumerate(middle)],
        [v + 300 * n for n, v in enumerate(middle)],
    )
    return Line(
        title="Net sales per day",
        days=DAYS,
        current=Series("24 Oct – 22 Nov", LINE),
        scale=EUROS,
        compared=Series("24 Sep – 23 Oct", COMPARED),
        target=Series("Target", [15000 + 90 * n for n in range(30)]),
        forecast=forecast,
        events=[Event(DAYS[19], "Early access e-mail"), Event(DAYS[28], "Release 418")],
        links=[f"?r=custom&from={day}&to={day}" for day in DAYS],
        incomplete=True,
    )


def part_values() -> dict[str, Any]:
    """Every value that the page of parts shows."""
    now = datetime.now(UTC)
    return {
        "charts": charts(),
        "line": LINE,
        "compared": COMPARED,
        "gaps": [None if n in {8, 9, 20} else value for n, value in enumerate(LINE)],
        "amount": Decimal("412860.40"),
        "million": Decimal(1_290_000),
        "rate": Decimal("0.0241"),
        "up": Decimal("0.084"),
        "points": Decimal("-0.0009"),
        "ratio_down": Decimal("-0.27"),
        "zero": Decimal(0),
        "today": now.date(),
        "moments": [now - timedelta(minutes=5), now - timedelta(hours=3), now - timedelta(days=3)],
        "steps": ["Upload", "Match columns", "Check", "Import"],
        "orders": [
            {"number": "10482", "status": "Paid", "tone": "ok", "total": Decimal("189.00")},
            {"number": "10481", "status": "Open", "tone": "", "total": Decimal("39.90")},
            {"number": "10480", "status": "Payment failed", "tone": "bad", "total": Decimal(1290)},
        ],
    }
