"""What the filter editor and the choice of figures offer."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.cards import told
from analytics.queries.kpis import chosen_cards, metric_by, visible_metrics
from analytics.toolbar import Choice, page_named
from metrics.answers import ask
from metrics.declare import Metric, dimensions
from stores.page_state.resolved import ResolvedState

MAX_OPTIONS = 100


@dataclass(frozen=True)
class Option:
    """One word of a dimension to tick, with the figure it stands for."""

    value: str
    label: str
    figure: str
    is_on: bool


def filter_editor(
    resolved: ResolvedState, slug: str, find: str, page: str = ""
) -> dict[str, Any]:  # fmt: skip
    """The dimension's words with the leading figure of each, largest first, chosen ones on top."""
    state = resolved.state
    excluded = bool(state.words_of(slug, excluded=True)) and not state.words_of(slug)
    on = state.words_of(slug, excluded=excluded)
    others = [(k, v) for k, v in state.items() if k not in {slug, f"{slug}!", "view"}]
    options, measured = options_of(resolved, slug, on)
    shown = [o for o in options if find.casefold() in o.label.casefold() or o.is_on]
    return {
        "path": page_named(page),
        "self_path": reverse("analytics:filter", args=[slug]),
        "slug": slug,
        "dimension": _(dimensions[slug].label),
        "options": shown[:MAX_OPTIONS],
        "is_cut": len(shown) > MAX_OPTIONS,
        "measured": measured,
        "hidden": [*others, ("page", page)] if page else others,
        "excluded": excluded,
        "find": find,
        "without": state.with_filter(slug, ()).with_filter(slug, (), excluded=True),
        "back": state.at(page_named(page)),
    }


def options_of(resolved: ResolvedState, slug: str, on: tuple[str, ...]) -> tuple[list[Option], str]:
    """Every word that has figures in the period, and the metric they are told in."""
    metric = metric_by(resolved, slug, resolved.state.metric)
    if metric is None:
        return [], ""
    wide = resolved.asks([metric.slug], by=[slug])
    kept = {k: words for k, words in wide.where.items() if k != slug}
    rest = {k: words for k, words in wide.exclude.items() if k != slug}
    answer = ask(wide.__class__(**{**vars(wide), "where": kept, "exclude": rest}))
    options = [
        Option(
            value=row.words[0],
            label=row.labels[0],
            figure=told(
                metric, row.cells[metric.slug], resolved.scope.currency, compares=False
            ).value,
            is_on=row.words[0] in on,
        )
        for row in answer.rows
    ]
    return sorted(options, key=lambda option: not option.is_on), _(metric.label)


@dataclass(frozen=True)
class Figure:
    """One metric to show or not, its place, and the addresses that move it."""

    slug: str
    label: str
    about: str
    href: str
    up: str = ""
    down: str = ""


def card_editor(resolved: ResolvedState) -> dict[str, Any]:
    """The chosen figures in their order, and those that could be added, by group."""
    seen = visible_metrics(resolved.scope.rights)
    cards, _notices = chosen_cards(resolved.state, seen)
    slugs = tuple(card.slug for card in cards)
    here, state = reverse("analytics:choose"), resolved.state
    groups: dict[str, list[Figure]] = {}
    for slug, metric in seen.items():
        if slug not in slugs:
            href = state.with_(cards=(*slugs, slug)).at(here)
            groups.setdefault(_(metric.group), []).append(figure_of(metric, href))
    return {
        "chosen": [chosen_figure(resolved, slugs, place, here) for place in range(len(slugs))],
        "groups": groups,
        "done": state.with_(view=None).at(reverse("analytics:kpis")),
        "usual": Choice(_("The usual figures"), state.with_(cards=()).at(here)),
    }


def figure_of(metric: Metric, href: str) -> Figure:
    return Figure(metric.slug, _(metric.label), _(metric.about), href)


def chosen_figure(
    resolved: ResolvedState, slugs: tuple[str, ...], place: int, here: str
) -> Figure:  # fmt: skip
    """A chosen figure with the links that take it away or move it by one place."""
    metric = visible_metrics(resolved.scope.rights)[slugs[place]]
    rest = (*slugs[:place], *slugs[place + 1 :])

    def at(order: tuple[str, ...]) -> str:
        return resolved.state.with_(cards=order).at(here)

    def moved(to: int) -> str:
        return at((*rest[:to], slugs[place], *rest[to:])) if 0 <= to < len(slugs) else ""

    return Figure(
        metric.slug,
        _(metric.label),
        _(metric.about),
        href=at(rest) if rest else "",
        up=moved(place - 1),
        down=moved(place + 1),
    )
