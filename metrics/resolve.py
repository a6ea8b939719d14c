"""A question checked and made exact: metrics, columns, stored ids, ranges and buckets."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext

from core.errors import Refused
from core.periods import Compare, Grain, Period, bucket_start
from metrics.declare import Dimension, Metric, Part, dimensions, metrics
from metrics.needs import Filter, Leaf
from metrics.query import Query, Scope

MOST_BUCKETS = 1600
GRAINS = frozenset(Grain)


class Lookup:
    """The stores' own words, looked up once for all questions of a page."""

    def __init__(self, stores: Sequence[int]) -> None:
        self.stores = tuple(stores)
        self._folds: dict[str, dict[int, int]] = {}
        self._ids: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        self.spans: dict[tuple[object, ...], tuple[Span, ...]] = {}

    def fold(self, dimension: Dimension) -> dict[int, int] | None:
        if dimension.fold is None:
            return None
        if dimension.slug not in self._folds:
            self._folds[dimension.slug] = dimension.fold(self.stores)
        return self._folds[dimension.slug]

    def filter(self, dimension: Dimension, words: Sequence[str], *, is_kept: bool) -> Filter:
        """The words as stored ids of the fact's column."""
        key = (dimension.slug, tuple(words))
        if key not in self._ids:
            self._ids[key] = dimension.ids(self.stores, words)
        ids, fold = self._ids[key], self.fold(dimension)
        if fold is not None and 0 in ids:
            # What folds to nothing has no list of its own: leave out everything else.
            ids = [stored for stored, target in fold.items() if target not in ids]
            is_kept = not is_kept
        elif fold is not None:
            ids = [stored for stored, target in fold.items() if target in ids]
        return Filter(dimension.column, tuple(sorted(ids)), is_kept)


@dataclass(frozen=True)
class Span:
    """One of the two ranges: its buckets as (key, first day, last day), and any day's bucket.

    Buckets of a compared range carry the keys of the range that they are held against.
    """

    period: Period
    buckets: tuple[tuple[date, date, date], ...]
    key_of: Callable[[date], date]
    keeps_months: bool


@dataclass(frozen=True)
class Resolved:
    """A question with everything looked up. `spans` are the range and the compared one."""

    query: Query
    metrics: tuple[Metric, ...]
    withheld: tuple[Metric, ...]
    axis: Grain | None
    dims: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    spans: tuple[Span, ...]
    lookup: Lookup = field(repr=False)

    @property
    def scope(self) -> Scope:
        return self.query.scope

    def filters_of(self, leaf: Leaf) -> tuple[Filter, ...]:
        """The question's filters, and those of the leaf itself."""
        if not isinstance(leaf, Part) or not leaf.dimension:
            return self.filters
        own = self.lookup.filter(dimensions[leaf.dimension], leaf.words, is_kept=True)
        return (*self.filters, own)


def resolve(query: Query, lookup: Lookup) -> Resolved:
    """Check a question against the declarations. Raises Refused with what is wrong."""
    check_scope(query)
    asked = [metric_called(slug) for slug in dict.fromkeys(query.metrics)]
    if not asked:
        raise Refused(gettext("Choose at least one figure."))
    withheld = [m for m in asked if m.permission and m.permission not in query.scope.rights]
    axis, dims = split_by(query.by)
    touched = [*dims, *(dimension_called(s) for s in (*query.where, *query.exclude))]
    check_dimensions(asked, touched)
    filters = [
        lookup.filter(dimension_called(slug), words, is_kept=is_kept)
        for chosen, is_kept in ((query.where, True), (query.exclude, False))
        for slug, words in chosen.items()
        if words
    ]
    return Resolved(
        query,
        tuple(metric for metric in asked if metric not in withheld),
        tuple(withheld),
        axis,
        tuple(dims),
        tuple(sorted(filters, key=repr)),
        shared_spans(query, axis, lookup),
        lookup,
    )


def check_scope(query: Query) -> None:
    if not query.scope.store_ids:
        raise Refused(gettext("There is no store to ask about."))
    if query.top is not None and query.top < 1:
        raise Refused(gettext("Ask for at least one row."))


def metric_called(slug: str) -> Metric:
    if slug in metrics:
        return metrics[slug]
    raise Refused(unknown(gettext("There is no figure called “%s”."), slug, metrics))


def dimension_called(slug: str) -> Dimension:
    if slug in dimensions:
        return dimensions[slug]
    raise Refused(unknown(gettext("There is no dimension called “%s”."), slug, dimensions))


def unknown(message: str, slug: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(slug, list(known), n=1)
    hint = " " + gettext("Did you mean “%s”?") % near[0] if near else ""
    return message % slug + hint


def split_by(by: Sequence[str]) -> tuple[Grain | None, list[Dimension]]:
    """The time axis, if any, and the dimensions."""
    grains = [Grain(word) for word in by if word in GRAINS]
    if len(grains) > 1 or len(set(by)) < len(by):
        raise Refused(gettext("Group by each thing once, and by one of day, week or month."))
    return (grains[0] if grains else None), [dimension_called(s) for s in by if s not in GRAINS]


def check_dimensions(asked: Iterable[Metric], touched: Iterable[Dimension]) -> None:
    """A figure asked by what one of its facts does not know is refused, never ignored."""
    for dimension in touched:
        for metric in asked:
            if any(dimension.column not in leaf.fact.dims for leaf in metric.formula.leaves()):
                raise Refused(
                    gettext("%(metric)s cannot be broken down or filtered by %(dimension)s.")
                    % {
                        "metric": gettext(metric.label),
                        "dimension": gettext(dimension.label).lower(),
                    }
                )


def shared_spans(query: Query, axis: Grain | None, lookup: Lookup) -> tuple[Span, ...]:
    """The spans, cut into buckets once for all questions over the same range."""
    key = (query.period, axis, query.compare, query.match_weekdays, query.scope.week_start)
    if key not in lookup.spans:
        lookup.spans[key] = spans_of(query, axis)
    return lookup.spans[key]


def spans_of(query: Query, axis: Grain | None) -> tuple[Span, ...]:
    period = query.period
    compared = period.compared(query.compare, match_weekdays=query.match_weekdays)
    found = [span_of(query, period, axis, align=None)]
    if compared is not None:
        by_years = query.compare is Compare.YEAR and not query.match_weekdays
        align = year_later if by_years else shift(period.start - compared.start)
        found.append(span_of(query, compared, axis, align))
    return tuple(found)


def span_of(
    query: Query, period: Period, axis: Grain | None, align: Callable[[date], date] | None
) -> Span:
    week_start = query.scope.week_start
    if axis is None:
        whole = ((period.start, period.start, period.end),)
        return Span(period, whole, same_day, keeps_months=True)

    def bucket_of(day: date) -> date:
        return bucket_start(align(day) if align else day, axis, week_start)

    key_of = same_day if axis is Grain.DAY and align is None else bucket_of
    found: dict[date, tuple[date, date]] = {}
    for day in period.each_day():
        key = key_of(day)
        found[key] = (found[key][0], day) if key in found else (day, day)
    if len(found) > MOST_BUCKETS:
        raise Refused(gettext("Those are too many days to show one by one: choose week or month."))
    buckets = tuple((key, start, end) for key, (start, end) in found.items())
    keeps_months = axis is Grain.MONTH and (align is None or align is year_later)
    return Span(period, buckets, key_of, keeps_months)


def same_day(day: date) -> date:
    return day


def shift(by: timedelta) -> Callable[[date], date]:
    return lambda day: day + by


def year_later(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
