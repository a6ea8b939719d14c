"""Values of cells: by the rules chosen for the file, with a reason for each that is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from core.tabular.convert import converted, trouble
from core.tabular.rules import Rules

POINT, COMMA = Rules(), Rules(decimal=",")
BERLIN = Rules(zone="Europe/Berlin")


def value(kind, text, rules=POINT):
    """The cell's value, or the reason why it has none."""
    found = converted(kind, pa.array([text]), rules)
    if found.bad is not None and found.bad[0].as_py():
        return trouble(kind, text, rules).reason
    return found.array[0].as_py()


@pytest.mark.parametrize(
    ("text", "by_point", "by_comma"),
    [
        ("12.5", "12.5", "not an amount"),
        ("12,5", "not an amount", "12.5"),
        ("1.234,56", "not an amount", "1234.56"),
        ("1,234.56", "1234.56", "not an amount"),
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("$5", "5", "5"),
        ("R$ 7", "7", "7"),
        ("5 EUR", "5", "5"),
        ("1 234", "1234", "1234"),
        ("1'234.50", "1234.5", "not an amount"),
        ("1.50000", "1.5", "not an amount"),
        ("999999999999.9999", "999999999999.9999", "not an amount"),
        ("-5", "negative", "negative"),
        ("(5)", "negative", "negative"),
        ("1e309", "exponent", "exponent"),
        ("NaN", "finite", "finite"),
        ("-Infinity", "finite", "finite"),
        ("0x10", "decimal number", "decimal number"),
        ("1_000", "decimal number", "decimal number"),
        ("１２３", "ordinary 0 to 9", "ordinary 0 to 9"),
        ("1" * 40, "too many digits", "too many digits"),
        ("1.23456", "too many digits", "not an amount"),
        ("twelve", "not an amount", "not an amount"),
    ],
)
def test_amounts_follow_the_decimal_mark_of_the_file(text, by_point, by_comma):
    for rules, expected in ((POINT, by_point), (COMMA, by_comma)):
        found = value("amount", text, rules)
        if isinstance(found, str):
            assert expected in found
        else:
            assert found == Decimal(expected)


def test_negative_amounts_are_for_columns_that_allow_them():
    assert value("signed_amount", "-5") == Decimal(-5)
    assert value("signed_amount", "(4.00)") == Decimal(-4)
    assert value("signed_amount", "−3") == Decimal(-3)


def test_empty_cells_and_null_words_are_nothing():
    assert value("amount", " ") is None
    assert value("amount", "null", Rules(nulls=("null",))) is None


def test_one_bad_value_leaves_the_others_in_the_column():
    found = converted("amount", pa.array(["1", "x", "2.50", ""]), POINT)

    assert found.array.to_pylist() == [Decimal(1), None, Decimal("2.5"), None]
    assert found.bad.to_pylist() == [False, True, False, False]


def test_float_noise_is_rounded_only_where_it_is_allowed():
    assert value("rounded_amount", "58.989999999999995") == Decimal("58.99")
    assert "too many digits" in value("amount", "58.989999999999995")


def test_typed_columns_need_no_parsing():
    assert converted("amount", pa.array([58.9, None]), POINT).array.to_pylist() == [
        Decimal("58.9"),
        None,
    ]
    assert converted("amount", pa.array([float("nan"), 1.0]), POINT).bad.to_pylist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", 2), ("2.0", 2), ("1,000", 1000), ("2.5", "whole"), ("x", "whole"), ("-1", "negative")],
)
def test_whole_numbers(text, expected):
    found = value("count", text)
    assert expected in found if isinstance(found, str) else found == expected


def test_percentages_become_shares():
    assert value("share", "12.5 %") == Decimal("0.125")


@pytest.mark.parametrize(
    "text", ["2024-02-30", "29.02.2023", "03/04/05", "60", "0000-00-00", "10000-01-01", "soon"]
)
def test_dates_in_no_declared_form_are_refused(text):
    assert value("day", text) == "That is not a date as this file writes them."


@pytest.mark.parametrize(
    ("way", "text", "expected"),
    [
        ("%d.%m.%Y", "28.02.2023", date(2023, 2, 28)),
        ("%d.%m.%Y", "1.2.2023", date(2023, 2, 1)),
        ("%d.%m.%Y", "29.02.2023", None),
        ("%d/%m/%y", "03/04/05", date(2005, 4, 3)),
        ("%m/%d/%y", "03/04/05", date(2005, 3, 4)),
        ("excel", "45747", date(2025, 3, 31)),
        ("excel", "60", None),
        ("excel1904", "44285", date(2025, 3, 31)),
    ],
)
def test_dates_by_their_declared_form(way, text, expected):
    found = value("day", text, Rules(dates=(way,)))
    assert isinstance(found, str) if expected is None else found == expected


def test_moments_are_local_to_the_zone_unless_they_say_otherwise():
    assert value("moment", "2025-07-01 12:00:00", BERLIN) == datetime(2025, 7, 1, 10, tzinfo=UTC)
    assert value("moment", "2025-07-01T12:00:00Z", BERLIN) == datetime(2025, 7, 1, 12, tzinfo=UTC)
    assert value("moment", "2025-07-01 12:00:00 +0200", BERLIN) == datetime(
        2025, 7, 1, 10, tzinfo=UTC
    )


def test_a_time_that_the_spring_day_skips_is_refused():
    assert value("moment", "2025-03-30 02:30:00", BERLIN) == (
        "This time did not exist in Europe/Berlin: the clocks went forward over it."
    )


def test_a_time_that_came_twice_is_the_first_and_noted():
    found = converted("moment", pa.array(["2025-10-26 02:30:00", "2025-10-26 12:00:00"]), BERLIN)

    assert found.array[0].as_py() == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert found.notes == (
        "1 times fall into the hour that was counted twice in Europe/Berlin; the first was taken.",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("007", "007"),
        ("1E5", "1E5"),
        ("12345678901234567890", "12345678901234567890"),
        (" SKU 1 ", "SKU 1"),
        ("e\u0301", "é"),
        ("=1+1", "=1+1"),
        ("1.23E+12", "A spreadsheet has turned this number into an exponent; its digits are lost."),
        ("a\u200bb", "The identifier holds hidden characters."),
        ("a\u202eb", "The identifier holds hidden characters."),
        ("a\x00b", "The identifier holds hidden characters."),
    ],
)
def test_identifiers_stay_text(text, expected):
    assert value("id", text) == expected


def test_hidden_characters_are_taken_out_of_titles_and_noted():
    found = converted("text", pa.array(["a\u202eb\x00c", "plain", "👩‍👩‍👧"]), POINT)

    assert found.array.to_pylist() == ["abc", "plain", "👩‍👩‍👧"]
    assert found.notes == ("Hidden control characters were taken out of 1 cells.",)


@pytest.mark.parametrize(
    ("text", "expected"), [("yes", True), ("0", False), ("maybe", "That is neither yes nor no.")]
)
def test_yes_and_no(text, expected):
    assert value("flag", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("de", "DE"), ("United States", "US"), ("UK", "GB"), ("<Other>", None)]
)
def test_countries_by_code_or_name(text, expected):
    assert value("country", text) == expected
