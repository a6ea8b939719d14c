"""How apps declare dimensions: words of a URL on one side, stored ids on the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import IntegerChoices, Model, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext, gettext_noop

from core.errors import Refused
from metrics.declare import Dimension

UNKNOWN_WORD, UNKNOWN_LABEL = "unknown", gettext_noop("Unknown")
Fold = Callable[[Sequence[int]], dict[int, int]]


def ids_of(label: str, known: Mapping[str, Iterable[int]], words: Iterable[str]) -> list[int]:
    """The ids that each word stands for; “unknown” is 0. Raises Refused for any other word."""
    wanted: list[int] = []
    for word in words:
        if word.casefold() in known:
            wanted.extend(known[word.casefold()])
        elif word.casefold() == UNKNOWN_WORD:
            wanted.append(0)
        else:
            what = gettext(label).lower()
            raise Refused(
                gettext("No %(what)s is called “%(word)s”.") % {"what": what, "word": word}
            )
    return sorted(set(wanted))


def spelled(known: Mapping[int, str], ids: Iterable[int], unknown: str) -> dict[int, str]:
    """A word for every id: 0 and what has gone are `unknown`."""
    return {pk: known.get(pk) or (unknown if not pk else f"#{pk}") for pk in ids}


def choices(
    slug: str, label: str, kinds: type[IntegerChoices], column: str = "", fold: Fold | None = None
) -> Dimension:
    """A dimension over a fixed list; its words are the names in lower case."""

    def ids(stores: Sequence[int], words: Iterable[str]) -> list[int]:
        return ids_of(label, {k.name.casefold(): [k.value] for k in kinds}, words)

    def labels(stores: Sequence[int], found: Iterable[int]) -> dict[int, str]:
        return spelled({k.value: str(k.label) for k in kinds}, found, gettext(UNKNOWN_LABEL))

    def words(stores: Sequence[int], found: Iterable[int]) -> dict[int, str]:
        return spelled({k.value: k.name.lower() for k in kinds}, found, UNKNOWN_WORD)

    return Dimension(slug, label, column or slug, ids, labels, words, fold)


def rows(slug: str, label: str, model: type[Model], *, word: str, name: str) -> Dimension:
    """A dimension over a table of a store's own rows, known by the column `word` or their number.

    Rows of the same name in several stores stay apart and are told with their store.
    """

    def ids(stores: Sequence[int], words: Iterable[str]) -> list[int]:
        wanted = list(words)
        mine = model._default_manager.filter(store_id__in=list(stores))
        if word == "pk":
            known = numbered(mine, wanted)
        else:
            known = {text.casefold(): matching(mine, word, text) for text in wanted}
        return ids_of(label, {text: pks for text, pks in known.items() if pks}, wanted)

    def labels(stores: Sequence[int], found: Iterable[int]) -> dict[int, str]:
        return spelled(values_of(model, name, found), found, gettext(UNKNOWN_LABEL))

    def words(stores: Sequence[int], found: Iterable[int]) -> dict[int, str]:
        return spelled(values_of(model, word, found), found, UNKNOWN_WORD)

    def both(stores: Sequence[int], found: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
        kept = model._default_manager.filter(pk__in=list(found)).values_list("pk", name, word)
        read = [(pk, str(title), str(text)) for pk, title, text in kept]
        return (
            spelled({pk: title for pk, title, _ in read}, found, gettext(UNKNOWN_LABEL)),
            spelled({pk: text for pk, _, text in read}, found, UNKNOWN_WORD),
        )

    return Dimension(
        slug, label, slug, ids, labels, words, both=both, apart=partial(stores_of, model)
    )


def stores_of(model: type[Model], ids: Iterable[int]) -> dict[int, str]:
    """The name of the store that each row belongs to, whether or not the tables are joined."""
    store = apps.get_model("stores", "Store")._default_manager.filter(pk=OuterRef("store_id"))
    mine = model._default_manager.filter(pk__in=list(ids))
    kept = mine.annotate(told_store=Subquery(store.values("name")))
    return {pk: str(name) for pk, name in kept.values_list("pk", "told_store")}


def numbered(rows_of_stores: QuerySet[Any], words: Iterable[str]) -> dict[str, list[int]]:
    """The row of each word that is a row's number, found in one question for all of them."""
    numbers = {text: int(text) for text in words if text.isdecimal() and len(text) < 16}
    found = rows_of_stores.filter(pk__in=set(numbers.values())).values_list("pk", flat=True)
    there = set(found)
    return {text: [pk] for text, pk in numbers.items() if pk in there}


def matching(rows_of_stores: QuerySet[Any], word: str, text: str) -> list[int]:
    """The rows that a word stands for, by its own column first and by number else."""
    by_word = {f"{word}__iexact": text}
    found = list(rows_of_stores.filter(**by_word).values_list("pk", flat=True))
    if not found and text.isdecimal():
        found = list(rows_of_stores.filter(pk=int(text)).values_list("pk", flat=True))
    return found


def values_of(model: type[Model], column: str, ids: Iterable[int]) -> dict[int, str]:
    """One column of the rows with these ids, as text."""
    kept = model._default_manager.filter(pk__in=list(ids)).values_list("pk", column)
    return {pk: str(text) for pk, text in kept}
