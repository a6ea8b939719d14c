"""What the command palette offers: each app's `palette.py` is found at start and asked."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from typing import Any

from django.apps import apps

log = logging.getLogger(__name__)
LIMIT = 12
EXACT, START, WORD, INSIDE = 100, 80, 60, 40


@dataclass(frozen=True)
class PaletteItem:
    """One thing to go to or do: `group` heads it, `hint` says its kind at the right.

    `score` ranks it among all apps' items: 100 exact, 80 from the start, 60 a word, 40 inside.
    """

    group: str
    label: str
    hint: str
    url: str
    score: float
    icon: str = "arrow-right"


Source = Callable[[Any, str], Iterable[PaletteItem]]


def score_of(words: str, *texts: str) -> float:
    """How well `words` match the best of `texts`: 0 when not at all."""
    asked = words.casefold().strip()
    return max((match(asked, text.casefold()) for text in texts if text), default=0.0)


def match(asked: str, text: str) -> float:
    if not asked:
        return 0.0
    if text == asked:
        return EXACT
    if text.startswith(asked):
        return START
    if any(word.startswith(asked) for word in text.split()):
        return WORD
    if asked in text or all(part in text for part in asked.split()):
        return INSIDE
    return 0.0


def sources() -> list[Source]:
    """The `palette` function of every app that has one, in the order of the settings."""
    names = (app.name for app in apps.get_app_configs() if app.name != "core")
    return [
        import_module(f"{name}.palette").palette for name in names if find_spec(f"{name}.palette")
    ]


def search(viewer: Any, words: str, among: Sequence[Source] | None = None) -> list[PaletteItem]:
    """The best items for what was typed, best first, at most twelve; each label and address once.

    A source that fails is left out and logged: the palette always answers.
    """
    items: dict[tuple[str, str], PaletteItem] = {}
    for source in sources() if among is None else among:
        try:
            for item in source(viewer, words.strip()):
                items.setdefault((item.label, item.url), item)
        except Exception:
            log.exception("The palette source %s failed.", source.__module__)
    return sorted(items.values(), key=lambda item: -item.score)[:LIMIT]


@dataclass(frozen=True)
class PaletteGroup:
    """Items under one heading, with their place in the whole list."""

    label: str
    items: tuple[PaletteItem, ...]


def grouped(items: Iterable[PaletteItem]) -> list[PaletteGroup]:
    """Items under their headings; the group of the best item comes first."""
    ranked = list(items)
    order = list(dict.fromkeys(item.group for item in ranked))
    ranked.sort(key=lambda item: order.index(item.group))
    return [PaletteGroup(label, tuple(own)) for label, own in groupby(ranked, lambda i: i.group)]
