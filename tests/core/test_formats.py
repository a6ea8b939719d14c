from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from core import formats


@pytest.fixture(autouse=True)
def _british():
    with formats.reading_as("en"):
        yield


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("412860.33", "€412,860"),
        ("1000", "€1,000"),
        ("999.99", "€999.99"),
        ("70.255", "€70.26"),
        ("-3900", "−€3,900"),
        ("0", "€0.00"),
    ],
)
def test_overview_drops_cents_from_a_thousand_up(amount, written):
    assert formats.overview(Decimal(amount), "EUR") == written


def test_prices_keep_the_minor_digits_of_their_currency():
    assert formats.money(Decimal(1290), "EUR") == "€1,290.00"
    assert formats.money(Decimal(1290), "JPY") == "JP¥1,290"
    assert formats.money(Decimal("1.5"), "KWD") == "KWD\xa01.500"


def test_tiles_shorten_from_a_million_up():
    assert formats.tile(Decimal(999_999), "EUR") == "€999,999"
    assert formats.tile(Decimal(1_290_000), "EUR") == "€1.29M"


def test_bar_ends_are_short():
    assert formats.compact_money(Decimal(118230), "EUR") == "€118.2k"
    assert formats.compact_money(Decimal("940.4"), "EUR") == "€940"
    assert formats.compact(Decimal(12345)) == "12.3k"
    assert formats.compact(Decimal(999)) == "999"


def test_shares_under_five_percent_have_two_decimals():
    assert formats.share(Decimal("0.0241")) == "2.41%"
    assert formats.share(Decimal("0.469")) == "46.9%"
    assert formats.share(Decimal("0.5"), 0) == "50%"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        ("0.084", "money", "+8.4%"),
        ("-0.05", "count", "−5.0%"),
        ("-0.0009", "share", "−0.09 pt"),
        ("0.007", "share", "+0.7 pt"),
        ("-0.27", "ratio", "−0.27"),
        ("0", "money", "0.0%"),
    ],
)
def test_change_has_its_sign_and_the_unit_of_its_metric(value, unit, written):
    assert formats.change(Decimal(value), unit) == written


def test_change_without_a_base_says_so():
    assert formats.change(None, "money") == "too few to compare"


@pytest.mark.parametrize(
    ("value", "good", "tone", "word"),
    [
        ("0.1", "up", "good", "up"),
        ("0.1", "down", "bad", "up"),
        ("-0.1", "down", "good", "down"),
        ("0.1", "neither", "flat", "up"),
        ("0.00001", "up", "flat", ""),
    ],
)
def test_tone_follows_good_news_and_not_the_direction(value, good, tone, word):
    described = formats.describe_change(Decimal(value), "money", good)

    assert (described.tone, described.word) == (tone, word)


def test_lengths_of_time_use_two_units_at_most():
    assert formats.seconds(45) == "45 s"
    assert formats.seconds(200) == "3 min 20 s"
    assert formats.seconds(12_300) == "3 h 25 min"
    assert formats.seconds(4 * 86_400) == "4 days"


def test_nothing_is_a_dash():
    nothing = [
        formats.number(None),
        formats.money(None, "EUR"),
        formats.tile(None, "EUR"),
        formats.share(None),
        formats.ratio(None),
        formats.seconds(None),
        formats.day(None),
        formats.moment(None),
        formats.figure(None, "days"),
    ]
    assert nothing == ["—"] * 9


@time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False)
def test_days_name_the_year_only_when_it_is_another():
    assert formats.day(date(2026, 10, 24)) == "24 Oct"
    assert formats.day(date(2025, 10, 24)) == "24 Oct 2025"
    assert formats.span(date(2026, 10, 24), date(2026, 11, 22)) == "24 Oct – 22 Nov"
    assert formats.span(date(2025, 12, 24), date(2026, 1, 2)) == "24 Dec 2025 – 2 Jan 2026"


@time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False)
def test_moments_are_relative_for_a_day_and_then_local():
    now = datetime.now(UTC)

    assert formats.ago(now - timedelta(seconds=20)) == "just now"
    assert formats.ago(now - timedelta(hours=2)) == "2 hr ago"
    assert formats.ago(now - timedelta(days=2), "Europe/Berlin") == "Sat 21 Nov, 10:00"


def test_each_locale_writes_its_own_way():
    with formats.reading_as("de"):
        assert formats.overview(Decimal("412860.33"), "EUR") == "412.860\xa0€"
        assert formats.share(Decimal("0.469")) == "46,9\xa0%"
        assert formats.compact_money(Decimal(118_200), "EUR") == "118.200\xa0€"
        assert formats.separators() == ",."
    with formats.reading_as("en-us"):
        assert formats.day(date(2026, 10, 24), year=False) == "Oct 24"


def test_an_unknown_locale_reads_as_british():
    assert formats.known_locale("xx-yy") == "en_GB"
    assert formats.known_locale("en") == "en_GB"


def test_reading_as_another_locale_ends_with_its_block():
    with formats.reading_as("fr"):
        assert formats.current() == "fr"
    assert formats.current() == "en_GB"
