"""A page's state is its URL: the one place that reads it, writes it and asks with it.

Pages, fragments, exports, share links, the palette and the API all parse the same query string:
`?store=a,b&r=last30&cmp=prev&wd=1&g=day&metric=net_sales&by=country&country=DE,FR&device!=mobile`.
What is left out means the default; what is not understood becomes a notice, never an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

from core.periods import Compare, Period, preset

DEFAULT_RANGE = "last30"
CUSTOM = "custom"
SAFE = ",/:-_.~\\"


@dataclass(frozen=True, order=True)
class Filter:
    """One dimension narrowed to some words, or with `excluded` to all others."""

    slug: str
    words: tuple[str, ...]
    excluded: bool = False

    @property
    def key(self) -> str:
        return f"{self.slug}!" if self.excluded else self.slug


@dataclass(frozen=True)
class PageState:
    """What a page shows: whose numbers, when, against what, how wide a bucket, narrowed to what.

    `stores` are slugs, none means all. `grain` is empty while the range decides it. `cards` are
    the chosen metrics in order, `by` the chosen breakdowns. `view` is the saved view it came from.
    """

    stores: tuple[str, ...] = ()
    range: str = DEFAULT_RANGE
    start: date | None = None
    end: date | None = None
    compare: Compare = Compare.PREVIOUS
    match_weekdays: bool = True
    grain: str = ""
    metric: str = ""
    by: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    search: str = ""
    sort: str = ""
    cards: tuple[str, ...] = ()
    view: int | None = None

    def period(self, today: date, week_start: int = 0) -> Period:
        """The local days it means when seen from `today`."""
        if self.range == CUSTOM and self.start and self.end:
            return Period(self.start, self.end)
        return preset(self.range, today, week_start)

    def with_(self, **changes: Any) -> "PageState":
        """The same state with some parts changed; filters come out in their canonical order."""
        return replace(self, **changes)

    def with_filter(
        self, slug: str, words: Iterable[str], *, excluded: bool = False
    ) -> "PageState":
        """Narrowed to exactly these words; none takes the filter away."""
        kept = tuple(dict.fromkeys(word for word in words if word))
        others = [f for f in self.filters if (f.slug, f.excluded) != (slug, excluded)]
        added = [Filter(slug, kept, excluded)] if kept else []
        return replace(self, filters=tuple(sorted(others + added)))

    def toggled(self, slug: str, word: str) -> "PageState":
        """Narrowed to one word more; or to one fewer when it was there already."""
        words = self.words_of(slug)
        rest = [known for known in words if known != word]
        return self.with_filter(slug, rest if word in words else (*words, word))

    def without(self, *slugs: str) -> "PageState":
        """Without the filters of these dimensions; without any filter when none is named."""
        kept = tuple(f for f in self.filters if slugs and f.slug not in slugs)
        return replace(self, filters=kept, search="" if not slugs else self.search)

    def words_of(self, slug: str, *, excluded: bool = False) -> tuple[str, ...]:
        found = [f.words for f in self.filters if (f.slug, f.excluded) == (slug, excluded)]
        return found[0] if found else ()

    def frozen(self, period: Period) -> "PageState":
        """The same days for ever, whatever day it is read on."""
        return replace(self, range=CUSTOM, start=period.start, end=period.end)

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters or self.search)

    @property
    def query(self) -> str:
        """The canonical query string, without its question mark; equal states write the same."""
        return "&".join(
            f"{quote(key, safe='!')}={quote(value, safe=SAFE)}" for key, value in self.items()
        )

    def items(self) -> list[tuple[str, str]]:
        """Key and value of all that differs from the default, in the canonical order."""
        dates = (self.start, self.end) if self.range == CUSTOM else (None, None)
        pairs = [
            ("store", joined(self.stores)),
            ("r", "" if self.range == DEFAULT_RANGE else self.range),
            ("from", dates[0].isoformat() if dates[0] else ""),
            ("to", dates[1].isoformat() if dates[1] else ""),
            ("cmp", "" if self.compare is Compare.PREVIOUS else str(self.compare)),
            ("wd", "" if self.match_weekdays else "0"),
            ("g", self.grain),
            ("metric", self.metric),
            ("by", joined(self.by)),
            *((f.key, joined(f.words)) for f in self.filters),
            ("q", self.search),
            ("sort", self.sort),
            ("cols", joined(self.cards)),
            ("view", str(self.view or "")),
        ]
        return [(key, value) for key, value in pairs if value]

    def at(self, path: str) -> str:
        """The address of this state on a page."""
        query = self.query
        return f"{path}?{query}" if query else path


def joined(words: Iterable[str]) -> str:
    """Words in one value, with commas between; a comma inside a word is written `\\,`."""
    return ",".join(word.replace("\\", "\\\\").replace(",", "\\,") for word in words)
