"""Numbers, money, shares, changes and dates as people write them in the reader's locale."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
)
from django.utils.translation import gettext as _

from core.money import minor_digits

NONE = "—"
MINUS = "\N{MINUS SIGN}"
DEFAULT_LOCALE = "en_GB"
LETTER_BEFORE_DIGIT = re.compile(r"([A-Z])(?=\d)")
Number = Decimal | int | float
_locale: ContextVar[str] = ContextVar("format_locale", default=DEFAULT_LOCALE)


@lru_cache(maxsize=64)
def known_locale(code: str) -> str:
    """The CLDR name of a locale code; plain English and unknown codes mean British English."""
    if code.lower() in {"", "en"}:
        return DEFAULT_LOCALE
    try:
        return str(Locale.parse(code.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return DEFAULT_LOCALE


def activate(code: str) -> None:
    """Write everything from here on, in this request or task, as `code`'s readers do."""
    _locale.set(known_locale(code))


def current() -> str:
    """The CLDR name of the reader's locale, such as en_GB."""
    return _locale.get()


@contextmanager
def reading_as(code: str) -> Iterator[None]:
    """Format as another reader's locale for a while: mail, exports, tests."""
    token = _locale.set(known_locale(code))
    try:
        yield
    finally:
        _locale.reset(token)


def signs(text: str) -> str:
    """The text with a true minus, and a space between a currency's letters and its amount."""
    return LETTER_BEFORE_DIGIT.sub("\\1\N{NO-BREAK SPACE}", text.replace("-", MINUS))


def rounded(value: Number, places: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def size(value: Number) -> Decimal:
    return abs(Decimal(value))


def number(value: Number | None, places: int = 0) -> str:
    """A plain number with `places` decimals: 5,932."""
    if value is None:
        return NONE
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return signs(format_decimal(rounded(value, places), format=pattern, locale=current()))


def money(value: Number | None, currency: str) -> str:
    """An amount with its minor digits, as on a price or an order: €1,290.00."""
    if value is None:
        return NONE
    return written_money(rounded(value, minor_digits(currency)), currency, current())


@lru_cache(maxsize=4096)
def written_money(amount: Decimal, currency: str, locale: str) -> str:
    """Kept, as a chart writes each amount twice: on its point and in its table."""
    return signs(format_currency(amount, currency, locale=locale))


def overview(value: Number | None, currency: str) -> str:
    """An amount for an overview: no minor digits from 1,000 up (€412,860), else €70.26."""
    if value is None or size(value) < 1000:
        return money(value, currency)
    return whole_money(value, currency)


def whole_money(value: Number, currency: str) -> str:
    """An amount without minor digits: €412,860."""
    return written_whole(rounded(value, 0), currency, current())


@lru_cache(maxsize=4096)
def written_whole(amount: Decimal, currency: str, locale: str) -> str:
    pattern = whole_pattern_of(locale)
    return signs(
        format_currency(amount, currency, locale=locale, currency_digits=False, format=pattern)
    )


@lru_cache(maxsize=64)
def whole_pattern_of(locale: str) -> str:
    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern
    return pattern.replace(".00", "")


def tile(value: Number | None, currency: str) -> str:
    """An amount on a tile: like an overview, and €1.29M above 999,999."""
    if value is None or size(value) <= 999_999:
        return overview(value, currency)
    return compact_money(value, currency, places=2)


def compact_money(value: Number | None, currency: str, places: int = 1) -> str:
    """A short amount for the end of a bar: €118.2k, €1.3M."""
    if value is None:
        return NONE
    if stays_whole(value):
        return whole_money(value, currency)
    return written_compact(Decimal(value), currency, places, current())


@lru_cache(maxsize=4096)
def written_compact(value: Decimal, currency: str, places: int, locale: str) -> str:
    """Kept, as the ticks of an axis are the same round amounts on most charts."""
    text = format_compact_currency(value, currency, locale=locale, fraction_digits=places)
    return signs(text.replace("K", "k") if locale.startswith("en") else text)


def stays_whole(value: Number) -> bool:
    """Whether a short form is no shorter: below 1,000, or the language has no word for it."""
    return size(value) < 1000 or (size(value) < 1_000_000 and not shortens_thousands(current()))


@lru_cache(maxsize=64)
def shortens_thousands(locale: str) -> bool:
    forms = Locale.parse(locale).compact_decimal_formats["short"]["other"]
    return str(forms["1000"].pattern) != "0"


def compact(value: Number | None, places: int = 1) -> str:
    """A short count: 118.2k, 1.3M; whole below 1,000."""
    if value is None:
        return NONE
    if stays_whole(value):
        return number(value)
    text = format_compact_decimal(Decimal(value), locale=current(), fraction_digits=places)
    return signs(text.replace("K", "k") if current().startswith("en") else text)


def share_places(value: Number) -> int:
    """Shares under 5% need two decimals to tell neighbours apart, others one."""
    return 2 if size(value) < Decimal("0.05") else 1


def share(value: Number | None, places: int | None = None) -> str:
    """A share of one as percent: 2.41%, 46.9%."""
    if value is None:
        return NONE
    digits = share_places(value) if places is None else places
    return written_share(rounded(value, digits + 2), digits, current())


@lru_cache(maxsize=4096)
def written_share(value: Decimal, digits: int, locale: str) -> str:
    return signs(format_percent(value, format=percent_pattern_of(locale, digits), locale=locale))


@lru_cache(maxsize=128)
def percent_pattern_of(locale: str, places: int) -> str:
    pattern: str = Locale.parse(locale).percent_formats[None].pattern
    return pattern.replace("0", "0." + "0" * places) if places else pattern


def ratio(value: Number | None) -> str:
    """A ratio: 6.73."""
    return number(value, 2)


def seconds(value: Number | None) -> str:
    """A length of time: 45 s, 3 min 20 s, 3 h 25 min, 4 days."""
    if value is None:
        return NONE
    whole = int(rounded(value, 0))
    minutes, rest = divmod(abs(whole), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours >= 48:
        return _("%(days)s days") % {"days": number(hours // 24)}
    if hours and not minutes_left:
        return _("%(hours)s h") % {"hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes_left}
    if minutes and not rest:
        return _("%(minutes)s min") % {"minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)s s") % {"seconds": rest}


def figure(value: Number | None, unit: str, currency: str = "") -> str:
    """A figure of a metric by its unit: money, count, share, ratio, seconds or days."""
    writers: dict[str, Callable[[], str]] = {
        "money": lambda: tile(value, currency),
        "share": lambda: share(value),
        "ratio": lambda: ratio(value),
        "seconds": lambda: seconds(value),
        "days": lambda: _("%(days)s days") % {"days": number(value)} if value is not None else NONE,
    }
    return writers[unit]() if unit in writers else number(value)


def column(values: Sequence[Number | None], unit: str, currency: str = "") -> list[str]:
    """The figures of one table column; shares have as many decimals as the largest of them."""
    if unit != "share":
        return [figure(value, unit, currency) for value in values]
    largest = max((size(value) for value in values if value is not None), default=Decimal(0))
    return [share(value, share_places(largest)) for value in values]


def signed(text: str, value: Number) -> str:
    return f"+{text}" if value > 0 else text


def change(value: Number | None, unit: str) -> str:
    """A change with its sign: amounts and counts in %, shares in points, ratios absolute.

    `value` is a share of the base for amounts and counts, a difference of shares for shares.
    """
    if value is None:
        return _("too few to compare")
    if unit == "share":
        points = Decimal(value) * 100
        places = 2 if abs(points) < Decimal("0.5") else 1
        return _("%(points)s pt") % {"points": signed(number(points, places), points)}
    if unit == "ratio":
        return signed(ratio(value), value)
    return signed(share(value, 1), value)


@dataclass(frozen=True)
class Change:
    """A change ready to show: its text, its direction and whether that is good news."""

    text: str
    direction: str
    tone: str
    word: str


def describe_change(value: Number | None, unit: str, good: str = "up") -> Change:
    """`good` is the direction that is good news for the metric: up, down or neither."""
    text = change(value, unit)
    if value is None or not any(digit in text for digit in "123456789"):
        return Change(text, "flat", "flat", "")
    up = value > 0
    direction, word = ("up", _("up")) if up else ("down", _("down"))
    tone = "flat" if good not in {"up", "down"} else "good" if good == direction else "bad"
    return Change(text, direction, tone, word)


def day(value: date | None, *, year: bool | None = None) -> str:
    """A day: 24 Oct, with the year when it is not this year's (or as `year` says)."""
    if value is None:
        return NONE
    with_year = value.year != datetime.now(UTC).year if year is None else year
    return written_day(value, "yMMMd" if with_year else "MMMd", current())


@lru_cache(maxsize=8192)
def written_day(value: date, skeleton: str, locale: str) -> str:
    """Kept, as a page writes the same days on axes, in tables and in sentences."""
    return str(format_skeleton(skeleton, value, locale=locale))


def weekday(value: date | None) -> str:
    """A day with its weekday: Fri, 20 Nov."""
    return NONE if value is None else written_day(value, "MMMEd", current())


def long_day(value: date | None) -> str:
    """A day in full: 20 November 2026."""
    return NONE if value is None else format_date(value, format="long", locale=current())


def span(start: date, end: date) -> str:
    """Two days as a range: 24 Oct – 22 Nov."""
    if start == end:
        return day(start)
    year = {start.year, end.year} != {datetime.now(UTC).year}
    return f"{day(start, year=year)} – {day(end, year=year)}"


def clock(value: datetime | None, zone: str = "UTC") -> str:
    """The time of day in a zone: 10:40."""
    if value is None:
        return NONE
    return format_skeleton("Hm", value.astimezone(ZoneInfo(zone)), locale=current())


def moment(value: datetime | None, zone: str = "UTC") -> str:
    """A moment in a zone: Fri 20 Nov, 16:05, with the year when it is not this year's."""
    if value is None:
        return NONE
    local = value.astimezone(ZoneInfo(zone))
    is_this_year = local.year == datetime.now(UTC).year
    pattern = "MMMEd" if is_this_year else "yMMMEd"
    return f"{written_day(local.date(), pattern, current())}, {clock(local, zone)}"


def ago(value: datetime | None, zone: str = "UTC", now: datetime | None = None) -> str:
    """A moment relative to now while under 24 h away (2 hours ago), else its day and time."""
    if value is None:
        return NONE
    delta = value - (now or datetime.now(UTC))
    if abs(delta) >= timedelta(hours=24):
        return moment(value, zone)
    if abs(delta) < timedelta(minutes=1):
        return _("in a moment") if delta > timedelta(0) else _("just now")
    return format_timedelta(
        delta, add_direction=True, threshold=1, format="short", locale=current()
    )


def separators() -> str:
    """The decimal and the group mark, in the order that charts take them."""
    return get_decimal_symbol(current()) + get_group_symbol(current())
