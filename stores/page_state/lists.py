"""The address of a list page: the shared state, and keys that only lists have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict

from core.errors import Refused
from metrics.declare import dimensions
from stores.page_state.read import parse
from stores.page_state.state import Filter, PageState

LIST_KEYS = ("after", "status", "facets")
PASSING = ("after", "facets")
SHOWN_IN_FORMS = ("q", "status", "segment")


@dataclass(frozen=True)
class ListState:
    """A list page's state. `own` holds its own keys, `has_period` whether days were named."""

    state: PageState
    notices: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    has_period: bool = False

    @property
    def cursor(self) -> str:
        return self.own.get("after", "")

    @property
    def items(self) -> dict[str, str]:
        """Every key and value of the address but the cursor."""
        found = dict(self.state.items()) | {k: v for k, v in self.own.items() if k not in PASSING}
        if self.has_period and "from" not in found:
            found["r"] = self.state.range
        return found

    @property
    def kept_items(self) -> list[tuple[str, str]]:
        """What a search form must carry along without showing it."""
        return [pair for pair in self.items.items() if pair[0] not in SHOWN_IN_FORMS]

    @property
    def without_period(self) -> str:
        """The same list over all days."""
        return address({k: v for k, v in self.items.items() if k not in {"r", "from", "to"}})

    @property
    def chips(self) -> list[dict[str, str]]:
        """One chip for each narrowed dimension, with the address that takes it away."""
        return [
            {
                "label": label_of(f),
                "remove": address({k: v for k, v in self.items.items() if k != f.key}),
            }
            for f in self.state.filters
        ]

    def at(self, path: str, **changes: str) -> str:
        """The page's address with some keys changed; an empty value takes the key away."""
        return path + address({k: v for k, v in (self.items | changes).items() if v})

    def number(self, key: str) -> int | None:
        """One of the list's own keys as a whole number."""
        text = self.own.get(key, "")
        return int(text) if text.isdecimal() and len(text) < 16 else None


def ids_named(slug: str, words: Sequence[str], store_ids: Sequence[int]) -> list[int]:
    """The stored ids of a dimension's words; a word that names nothing has none."""
    dimension = dimensions[slug]
    try:
        return list(dimension.ids(store_ids, words))
    except Refused:
        if len(words) < 2:
            return []
    return [pk for word in words for pk in ids_named(slug, [word], store_ids)]


def label_of(narrowing: Filter) -> str:
    """A filter in words: "Country: DE, FR", or with ≠ when it leaves them out."""
    sign = " ≠" if narrowing.excluded else ":"
    return f"{dimensions[narrowing.slug].label}{sign} {', '.join(narrowing.words)}"


def address(items: dict[str, str]) -> str:
    """A query string with its question mark, which alone means the bare page."""
    return f"?{urlencode(items)}"


def read_list(params: QueryDict, own_keys: Iterable[str] = ()) -> ListState:
    """Reads a list's address; what is not understood becomes a notice."""
    keys = (*LIST_KEYS, *own_keys)
    state, notices = parse(params, also=keys)
    own = {key: str(params[key])[:2000].replace("\0", "") for key in keys if params.get(key)}
    return ListState(state, notices, own, has_period=bool({"r", "from", "to"} & set(params)))
