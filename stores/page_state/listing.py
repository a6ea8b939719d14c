"""What every list page shares: its columns and density, its tabs with counts, its facets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, QueryDict
from django_stubs_ext import StrOrPromise

from accounts.records import Viewer
from metrics.declare import dimensions
from stores.models import Permission, Store
from stores.page_state.lists import ListState, read_list
from stores.page_state.state import joined
from stores.queries import views_for

MOST_TABS, MOST_WORDS = 8, 12
Found = Callable[[ListState], QuerySet[Any, Any]]


@dataclass(frozen=True)
class Column:
    """One column that a list can show; `unit` is its cells' in a file. Fixed ones always show."""

    slug: str
    label: StrOrPromise
    unit: str = "text"
    is_default: bool = True
    is_fixed: bool = False


@dataclass(frozen=True)
class Look:
    """How a person looks at a list: which columns, and whether its rows are narrow."""

    page: str
    columns: tuple[Column, ...]
    shown: frozenset[str]
    is_dense: bool

    @property
    def chosen(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.slug in self.shown)


@dataclass(frozen=True)
class Tab:
    """One tab of a list: everything in it is counted."""

    label: StrOrPromise
    href: str
    count: int
    is_current: bool
    is_shared: bool = False


@dataclass(frozen=True)
class Word:
    """One value that a list can be narrowed to, with how many rows have it."""

    label: str
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """One dimension with its most frequent values."""

    label: StrOrPromise
    words: tuple[Word, ...]


@dataclass(frozen=True)
class ListPage:
    """One kind of list: its name among saved views, its address, and how its rows are found."""

    page: str
    path: str
    found: Found
    own_keys: tuple[str, ...] = ()


def look_at(request: HttpRequest, page: str, wanted: ListState, columns: Iterable[Column]) -> Look:
    """The address's columns, else the person's own, else the usual ones; density is the person's.

    Columns that the address names and nobody knows are left out.
    """
    known = tuple(columns)
    preferences = getattr(request.user, "preferences", None) or {}
    kept = preferences.get("lists", {}).get(page, {})
    names = {column.slug for column in known}
    asked = wanted.state.cards or kept.get("columns") or ()
    chosen = {name for name in asked if name in names}
    chosen = chosen or {column.slug for column in known if column.is_default}
    fixed = {column.slug for column in known if column.is_fixed}
    return Look(page, known, frozenset(chosen | fixed), bool(kept.get("dense")))


def tabs_of(
    viewer: Viewer, listed: ListPage, wanted: ListState,
    fixed: Sequence[tuple[StrOrPromise, Mapping[str, str], int]],
) -> list[Tab]:  # fmt: skip
    """The built-in tabs and the saved views, each with its count; `fixed` is label, keys, count."""
    own = {key: wanted.items.get(key, "") for _label, keys, _count in fixed for key in keys}
    is_plain = wanted.state.view is None
    store = {"store": joined(wanted.state.stores)} if wanted.state.stores else {}
    tabs = [
        Tab(label, address_of(listed.path, store | dict(keys)), count,
            is_plain and own == {key: keys.get(key, "") for key in own})
        for label, keys, count in fixed
    ]  # fmt: skip
    for view in views_for(viewer, listed.page)[:MOST_TABS]:
        state = read_list(QueryDict(view.query), listed.own_keys)
        query = f"{view.query}&view={view.pk}" if view.query else f"view={view.pk}"
        tabs.append(
            Tab(
                view.name,
                f"{listed.path}?{query}",
                listed.found(state).count(),
                wanted.state.view == view.pk,
                view.is_shared,
            )
        )
    return tabs


def address_of(path: str, keys: Mapping[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update({key: value for key, value in keys.items() if value})
    return f"{path}?{query.urlencode()}" if query else path


def part_of(request: HttpRequest) -> str:
    """The list as a whole, or only what it can be narrowed to, which is counted when asked for."""
    return "facets" if "facets" in request.GET else "results"


def facet_of(
    listed: ListPage, wanted: ListState, slug: str, column: str, store_ids: Sequence[int]
) -> Facet:
    """A dimension's most frequent values among what all other filters leave."""
    dimension = dimensions[slug]
    others = replace(wanted, state=wanted.state.without(slug), notices=[])
    rows = listed.found(others).order_by().values_list(column).annotate(n=Count("pk"))
    counts = {pk: n for pk, n in rows.order_by("-n")[: MOST_WORDS + 1] if pk}
    words = dimension.words(store_ids, counts)
    labels = dimension.labels(store_ids, counts)
    chosen = set(wanted.state.words_of(slug))
    found = []
    for pk, count in list(counts.items())[:MOST_WORDS]:
        if word := words.get(pk):
            toggled = wanted.state.toggled(slug, word).words_of(slug)
            href = wanted.at(listed.path, **{slug: joined(toggled)})
            found.append(Word(labels.get(pk, word), count, href, word in chosen))
    return Facet(dimension.label, tuple(found))


def saving_of(
    viewer: Viewer, page: str, wanted: ListState, stores: Sequence[int]
) -> dict[str, Any]:
    """What the form that saves the list as a view needs."""
    current = next((v for v in views_for(viewer, page) if v.pk == wanted.state.view), None)
    query = QueryDict(mutable=True)
    query.update({key: value for key, value in wanted.items.items() if key != "view"})
    may_share = [pk for pk in stores if viewer.can(Permission.SHARE_VIEWS, pk)]
    return {
        "view_page": page,
        "query": query.urlencode(),
        "view": current,
        "own_view": current if current and current.owner_id == viewer.user_id else None,
        "share_stores": Store.objects.filter(pk__in=may_share).order_by("name"),
    }
