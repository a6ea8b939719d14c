import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core import samples
from core.charts import draw
from core.charts.pace import pace
from core.charts.records import Bar, Bars, Event, Line, Lines, Pace, Row, Scale, Series
from core.charts.theme import day_ticks, figure_of, nice_step, token, value_axis

DAYS = [date(2026, 10, 24) + timedelta(n) for n in range(4)]
EUROS = Scale("money", "EUR")


def sales(**parts: object) -> Line:
    values = [Decimal(1200), Decimal(1500), Decimal(900), Decimal(1100)]
    return Line("Net sales per day", DAYS, Series("This week", values), EUROS, **parts)


def test_every_chart_is_plain_json_with_a_sentence_and_a_table():
    for chart in samples.charts().values():
        assert json.loads(json.dumps(chart.figure)) == json.loads(json.dumps(chart.figure))
        assert chart.summary.endswith(".")
        assert len(chart.columns) == len(chart.rows[0].cells)


def test_colours_are_names_of_tokens():
    figure = json.dumps(draw.line(sales(compared=Series("Before", [1, 2, 3, 4]))).figure)

    assert token("c1") in figure
    assert "#" not in figure


def test_the_look_is_refused_when_it_is_not_plotlys():
    with pytest.raises(ValueError, match="Invalid"):
        figure_of([{"type": "scatter", "mode": "wrong"}], {})


def test_a_figure_is_the_same_with_and_without_the_check(settings):
    settings.CHECK_FIGURES = False
    plain = {name: chart.figure for name, chart in samples.charts().items()}
    settings.CHECK_FIGURES = True

    for name, chart in samples.charts().items():
        assert json.loads(json.dumps(plain[name])) == json.loads(json.dumps(chart.figure))


def test_line_says_its_extremes_in_one_sentence():
    assert draw.line(sales()).summary == (
        "Net sales per day, 24 Oct – 27 Oct: highest €1,500 on Sun 25 Oct,"
        " lowest €900.00 on Mon 26 Oct, €1,100 at the end."
    )


def test_line_takes_the_finding_when_there_is_one():
    assert draw.line(sales(finding="Sales fell.")).summary == "Sales fell."


def test_line_without_values_says_so():
    chart = draw.line(Line("Orders", DAYS, Series("Orders", [None] * 4)))

    assert chart.summary == "Orders: no values in this period."


def test_table_twin_has_each_bucket_with_its_link():
    chart = draw.line(sales(target=Series("Target", [1000] * 4), links=["a", "b", "c", "d"]))

    assert chart.columns == ("Date", "This week", "Target")
    assert chart.rows[1] == Row(("Sun 25 Oct", "€1,500", "€1,000"), "b")


def test_last_bucket_that_still_fills_is_dashed_and_named():
    chart = draw.line(sales(incomplete=True))
    solid, dashed = chart.figure["data"]

    assert list(solid["y"]) == [1200, 1500, 900]
    assert list(dashed["y"]) == [900, 1100]
    assert dashed["name"] == "This week, so far"
    assert dashed["line"]["dash"] == "4px 4px"
    assert chart.note == "The last value is still filling."


def test_few_events_are_named_and_many_numbered():
    few = draw.line(sales(events=[Event(DAYS[1], "Release")]))
    many = draw.line(sales(events=[Event(day, "Note") for day in DAYS]))

    assert [note["text"] for note in few.figure["layout"]["annotations"]] == ["Release"]
    assert [note["text"] for note in many.figure["layout"]["annotations"]] == ["1", "2", "3", "4"]
    assert [event.label for event in many.events] == ["Note"] * 4


def test_events_outside_the_days_are_left_out():
    assert draw.line(sales(events=[Event(date(2020, 1, 1), "Old")])).events == ()


def test_bars_are_ranked_and_carry_their_links():
    chart = draw.bars(Bars("By channel", [Bar("Email", 10, "?e"), Bar("Search", 20, "?s")]))
    trace = chart.figure["data"][0]

    assert list(trace["y"]) == ["Search", "Email"]
    assert list(trace["customdata"]) == ["?s", "?e"]
    assert chart.rows[0] == Row(("Search", "20"), "?s")
    assert chart.summary == "By channel, largest first: Search 20, Email 10."


def test_bars_of_nothing_still_draw():
    assert draw.bars(Bars("By channel", [])).summary == "By channel: nothing to show."


def test_more_than_six_series_are_refused():
    series = [Series(str(n), [1]) for n in range(7)]

    with pytest.raises(ValueError, match="more than 6 series"):
        draw.lines(Lines("Channels", ["a"], series))


def test_pace_compares_the_same_hour():
    hours = ["00:00", "01:00", "02:00"]
    chart = pace(
        Pace("Net sales today", hours, Series("Today", [5, 9]), Series("Monday", [4, 8, 12]))
    )

    assert chart.summary == "Net sales today: 9 by 01:00, 8 on Monday."
    assert chart.rows[2].cells == ("02:00", "—", "12")


@pytest.mark.parametrize(
    ("highest", "step"), [(17900, 5000), (0.25, 0.05), (9, 2), (100, 20), (1, 0.2), (60, 20)]
)
def test_ticks_are_round(highest, step):
    assert nice_step(highest) == pytest.approx(step)


def test_value_axis_starts_at_zero_and_is_written_short():
    axis = value_axis([Decimal(17900), None], EUROS)

    assert axis["ticktext"] == ["€0", "€5k", "€10k", "€15k", "€20k"]
    assert axis["range"][0] == 0


def test_value_axis_of_nothing_has_one_tick():
    assert value_axis([0, None], EUROS)["ticktext"] == ["€0"]


def test_small_amounts_keep_their_cents_on_the_axis():
    assert value_axis([Decimal("1.2")], EUROS)["ticktext"] == [
        "€0.00",
        "€0.25",
        "€0.50",
        "€0.75",
        "€1.00",
        "€1.25",
    ]


def test_value_axis_reaches_below_zero_for_losses():
    assert value_axis([-40, 60], Scale("count"))["tickvals"] == [-40, -20, 0, 20, 40, 60]


def test_month_of_days_has_a_tick_on_each_first_day_of_the_week():
    days = [date(2026, 10, 24) + timedelta(n) for n in range(30)]

    assert day_ticks(days, 0)["tickvals"] == [
        "2026-10-26",
        "2026-11-02",
        "2026-11-09",
        "2026-11-16",
    ]
    assert day_ticks(days, 6)["tickvals"][0] == "2026-10-25"
