"""Days and moments, by the ways of writing that were declared for the file."""

import re
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from core.columns import MOMENT
from core.tabular.rules import (
    EXCEL,
    EXCEL_1904,
    ISO,
    Rules,
    Trouble,
    Values,
    any_of,
    is_text,
    trimmed,
    without,
)

NAIVE = pa.timestamp("us")
OFFSET = r"(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$"
ISO_LIKE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
EARLIEST, LATEST = datetime(1990, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001
SERIAL_ZERO = {EXCEL: date(1899, 12, 30), EXCEL_1904: date(1904, 1, 1)}
FIRST_SERIAL = {EXCEL: 61, EXCEL_1904: 1}  # serial 60 is the 29 February 1900 that never was
DAY_US = 86_400_000_000
AMBIGUOUS = "{n} times fall into the hour that was counted twice in {zone}; the first was taken."


def moments(column: pa.Array, rules: Rules) -> Values:
    """Moments in UTC. A time without an offset is local time in the file's zone."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        return Values(column.cast(MOMENT, safe=False))
    if pa.types.is_temporal(column.type):
        return _zoned(column.cast(NAIVE, safe=False), None, rules)
    text = trimmed(column if is_text(column) else column.cast(pa.string()), rules)
    has_offset = pc.match_substring_regex(text, OFFSET)
    if pc.any(has_offset).as_py() and ISO in rules.dates:
        return _with_offsets(text, pc.fill_null(has_offset, False), rules)
    naive, bad = _parsed(text, rules)
    return _zoned(naive, bad, rules)


def days(column: pa.Array, rules: Rules) -> Values:
    """Days. A moment with an offset is the day there where the file's zone is."""
    if pa.types.is_date(column.type):
        return Values(column.cast(pa.date32()))
    if pa.types.is_timestamp(column.type) and column.type.tz:
        return Values(
            pc.local_timestamp(column.cast(pa.timestamp("us", rules.zone))).cast(
                pa.date32(), safe=False
            )
        )
    text = trimmed(column if is_text(column) else column.cast(pa.string()), rules)
    if pc.any(
        pc.match_substring_regex(text, r"[0-9]" + OFFSET.replace("[+-]", r"[ T0-9:.]{5,}[+-]"))
    ).as_py():
        found = moments(column, rules)
        local = pc.local_timestamp(found.array.cast(pa.timestamp("us", rules.zone)))
        return Values(local.cast(pa.date32(), safe=False), found.bad, found.notes)
    naive, bad = _parsed(text, rules)
    return Values(naive.cast(pa.date32(), safe=False), bad)


def moment_trouble(value: str, rules: Rules) -> Trouble:
    """Why this is no moment in the file's ways of writing."""
    ways = ", ".join(_example(way) for way in rules.dates)
    naive, bad = _parsed(pa.array([value.strip()]), rules)
    if bad is None and naive[0].as_py() is not None:
        return Trouble(
            f"This time did not exist in {rules.zone}: the clocks went forward over it.",
            "Correct the time, or choose the zone that the file is written in.",
        )
    return Trouble("That is not a date as this file writes them.", f"Write it like {ways}.")


def _example(way: str) -> str:
    moment = datetime(2025, 3, 31, 17, 45, 0, tzinfo=UTC)
    if way == ISO:
        return "2025-03-31 17:45:00"
    if way in SERIAL_ZERO:
        return "45747.5 (a spreadsheet's day number)"
    return moment.strftime(way)


def _parsed(text: pa.Array, rules: Rules) -> tuple[pa.Array, pa.Array | None]:
    """Naive local timestamps, and the rows that none of the file's ways could read."""
    found = pa.nulls(len(text), NAIVE)
    for way in rules.dates:
        left = pc.and_(pc.is_valid(text), pc.is_null(found))
        if not pc.any(left).as_py():
            break
        found = pc.coalesce(found, _one_way(pc.if_else(left, text, None), way))
    outside = pc.or_(pc.less(found, pa.scalar(EARLIEST)), pc.greater(found, pa.scalar(LATEST)))
    bad = any_of(pc.and_(pc.is_valid(text), pc.is_null(found)), outside)
    return without(found, bad), bad


def _one_way(text: pa.Array, way: str) -> pa.Array:
    if way in SERIAL_ZERO:
        return _serials(text, way)
    if way == ISO:
        return _iso(text)
    parsed = pc.strptime(text, way, "us", error_is_null=True)
    # strptime rolls 30 February over into March; what it means must read back as written.
    again = pc.strftime(parsed, way)
    return pc.if_else(pc.equal(_digits(again), _digits(text)), parsed, None)


def _digits(text: pa.Array) -> pa.Array:
    """The text without leading zeros in its numbers, so that 1.2.2024 equals 01.02.2024."""
    padded = pc.replace_substring_regex(text, r"([0-9]+)\.0+$", r"\1")
    return pc.replace_substring_regex(padded, r"(^|[^0-9])0+([0-9])", r"\1\2")


def _iso(text: pa.Array) -> pa.Array:
    try:
        return text.cast(NAIVE)
    except pa.ArrowInvalid:
        rows = [_iso_moment(value) for value in text.to_pylist()]
        return pa.array(rows, NAIVE)


def _iso_moment(value: str | None) -> datetime | None:
    if value is None or not re.match(ISO_LIKE, value) or re.search(OFFSET, value[10:]):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def _serials(text: pa.Array, way: str) -> pa.Array:
    fits = pc.match_substring_regex(text, r"^[0-9]{1,6}([.,][0-9]{1,12})?$")
    number = pc.replace_substring(pc.if_else(fits, text, None), ",", ".").cast(pa.float64())
    number = pc.if_else(pc.greater_equal(number, FIRST_SERIAL[way]), number, None)
    # A serial holds a float of days: whole seconds are what was meant.
    seconds = pc.round(pc.multiply(number, 86_400.0)).cast(pa.int64())
    start = datetime.combine(SERIAL_ZERO[way], datetime.min.time())
    epoch = (start - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001
    return pc.add(pc.multiply(seconds, 1_000_000), epoch).cast(NAIVE)


def _with_offsets(text: pa.Array, has_offset: pa.Array, rules: Rules) -> Values:
    there = _aware(pc.if_else(has_offset, text, None))
    naive, bad = _parsed(pc.if_else(has_offset, None, text), rules)
    local = _zoned(naive, bad, rules)
    lost = pc.and_(has_offset, pc.is_null(there))
    return Values(pc.coalesce(there, local.array), any_of(local.bad, lost), local.notes)


def _aware(text: pa.Array) -> pa.Array:
    tidy = pc.replace_substring_regex(text, r" ?(UTC|GMT)$", "Z")
    tidy = pc.replace_substring_regex(tidy, r" ([+-][0-9]{2}:?[0-9]{2})$", r"\1")
    try:
        return tidy.cast(MOMENT)
    except pa.ArrowInvalid:
        return pa.array([_aware_moment(value) for value in tidy.to_pylist()], MOMENT)


def _aware_moment(value: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    return found if found and found.tzinfo and 1990 <= found.year < 2100 else None


def _zoned(naive: pa.Array, bad: pa.Array | None, rules: Rules) -> Values:
    """UTC moments of local times; times that the spring day skips are bad."""
    if rules.zone == "UTC":
        return Values(pc.assume_timezone(naive, "UTC").cast(MOMENT), bad)
    try:
        local = pc.assume_timezone(naive, rules.zone)
        return Values(local.cast(MOMENT), bad)
    except pa.ArrowInvalid:
        pass
    first = _assumed(naive, rules.zone, "earliest", "earliest")
    skipped = pc.not_equal(first, _assumed(naive, rules.zone, "earliest", "latest"))
    doubled = pc.not_equal(first, _assumed(naive, rules.zone, "latest", "earliest"))
    bad = any_of(bad, skipped)
    count = pc.sum(doubled).as_py() or 0
    notes = (AMBIGUOUS.format(n=count, zone=rules.zone),) if count else ()
    return Values(without(first, bad), bad, notes)


def _assumed(naive: pa.Array, zone: str, ambiguous: str, nonexistent: str) -> pa.Array:
    local = pc.assume_timezone(naive, zone, ambiguous=ambiguous, nonexistent=nonexistent)
    return local.cast(MOMENT)
