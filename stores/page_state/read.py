"""Reads a page's state from its query string; what is not understood becomes a notice."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.errors import Refused
from core.periods import Compare, Grain, preset
from metrics.declare import dimensions
from stores.page_state.state import CUSTOM, DEFAULT_RANGE, Filter, PageState

PRESET = re.compile(r"today|yesterday|week|month|quarter|year|last[1-9]\d{0,3}")
GRAINS = tuple(str(grain) for grain in Grain)
MAX_LENGTH, MAX_WORDS, MAX_WORD = 200, 250, 500
SCALARS = ("r", "from", "to", "cmp", "wd", "g", "metric", "q", "sort", "view")
LISTS = ("store", "by", "cols")
MAX_DAYS, FIRST_YEAR, LAST_YEAR = 3660, 1990, 2200


@dataclass
class Reader:
    """Reads one query string, collecting what could not be understood."""

    params: QueryDict
    notices: list[str] = field(default_factory=list)

    def text(self, key: str) -> str:
        """The last value given; long ones are cut."""
        return clean(self.params.get(key, ""))[:MAX_LENGTH]

    def words(self, key: str) -> tuple[str, ...]:
        values = self.params.getlist(key)
        found = [word[:MAX_WORD] for value in values for word in split(clean(value))]
        if len(found) > MAX_WORDS:
            self.notices.append(
                _("“%(key)s” names too many values; only the first %(n)s are kept.")
                % {"key": clean(key)[:60], "n": MAX_WORDS}
            )
        return tuple(dict.fromkeys(found[:MAX_WORDS]))

    def choice(self, key: str, known: Sequence[str], default: str) -> str:
        value = self.text(key)
        if not value or value in known:
            return value or default
        self.not_understood(key, value)
        return default

    def day(self, key: str) -> date | None:
        value = self.text(key)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.not_understood(key, value)
            return None

    def not_understood(self, key: str, value: str) -> None:
        self.notices.append(
            _("“%(key)s=%(value)s” was not understood and is left out.")
            % {"key": key, "value": value[:60]}
        )


def parse(params: QueryDict | str, *, also: Iterable[str] = ()) -> tuple[PageState, list[str]]:
    """The state that a query string means, and notices about what it says beyond that.

    `also` names keys of the page's own, such as `after` of a list, which are no business here.
    """
    reader = Reader(QueryDict(params) if isinstance(params, str) else params)
    filters = filters_of(reader, {*SCALARS, *LISTS, *also})
    span, start, end = range_of(reader)
    view = reader.text("view")
    state = PageState(
        stores=tuple(sorted(reader.words("store"))),
        range=span,
        start=start,
        end=end,
        compare=Compare(reader.choice("cmp", list(Compare), str(Compare.PREVIOUS))),
        match_weekdays=reader.choice("wd", ("0", "1"), "1") == "1",
        grain=reader.choice("g", GRAINS, ""),
        metric=reader.text("metric"),
        by=reader.words("by"),
        filters=filters,
        search=reader.text("q"),
        sort=reader.text("sort"),
        cards=reader.words("cols"),
        view=int(view) if view.isdecimal() and 0 < int(view) < 2**63 else None,
    )
    return state, reader.notices


def filters_of(reader: Reader, others: set[str]) -> tuple[Filter, ...]:
    """The dimensions among the keys, in canonical order; unknown keys become notices."""
    found = {}
    for key in reader.params:
        slug = key.removesuffix("!")
        if key in others:
            continue
        if slug not in dimensions:
            reader.notices.append(
                _("“%(key)s” is not known here and is left out.") % {"key": clean(key)[:60]}
            )
        elif words := reader.words(key):
            found[key] = Filter(slug, words, key.endswith("!"))
    return tuple(sorted(found.values()))


def range_of(reader: Reader) -> tuple[str, date | None, date | None]:
    """The preset's name, or `custom` with both days."""
    name = reader.text("r")
    if name not in {"", CUSTOM}:
        if PRESET.fullmatch(name) and is_preset(name):
            return name, None, None
        reader.not_understood("r", name)
        return DEFAULT_RANGE, None, None
    start, end = reader.day("from"), reader.day("to")
    if start is None and end is None:
        return DEFAULT_RANGE, None, None
    start, end = start or end, end or start
    if start and end and start > end:
        reader.notices.append(_("The dates were swapped: the range ended before it started."))
        start, end = end, start
    if start and end and not is_sane(start, end):
        reader.notices.append(_("A range holds at most ten years; the last 30 days are shown."))
        return DEFAULT_RANGE, None, None
    return CUSTOM, start, end


def is_sane(start: date, end: date) -> bool:
    return (end - start).days <= MAX_DAYS and start.year >= FIRST_YEAR and end.year <= LAST_YEAR


def is_preset(name: str) -> bool:
    try:
        preset(name, date(2001, 1, 1))
    except Refused:
        return False
    return True


def clean(text: str) -> str:
    """Without control characters, which no word of ours holds and Postgres refuses."""
    return "".join(char for char in text if char.isprintable()).strip()


def split(text: str) -> list[str]:
    """The words of `joined`."""
    words = re.findall(r"(?:[^,\\]|\\.)+", text)
    return [w for w in (re.sub(r"\\(.)", r"\1", word).strip() for word in words) if w]
