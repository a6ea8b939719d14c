"""What a page state means to one viewer today: stores, currency, clock, rights and days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.records import Viewer
from core.errors import Refused
from core.periods import Grain, Period, local_day
from metrics.declare import dimensions
from metrics.query import Query, Scope
from stores.models import Permission, Store
from stores.page_state.state import PageState
from stores.queries import currencies_rated_in, stores_for, workspace

DAYS_BY_DAY, DAYS_BY_WEEK, MOST_DAYS = 124, 400, 1500


@dataclass(frozen=True)
class ResolvedState:
    """A page state as one viewer reads it today: stores, currency, zone, rights and days."""

    state: PageState
    stores: tuple[Store, ...]
    scope: Scope
    today: date
    period: Period
    compared: Period | None
    notices: tuple[str, ...] = ()

    @property
    def zone(self) -> str:
        """The clock the days are cut by; several clocks are all named."""
        return ", ".join(dict.fromkeys(self.scope.zones))

    @property
    def grain(self) -> Grain:
        """The bucket asked for, or the one that suits the length of the range."""
        asked = self.state.grain
        if asked in list(Grain) and (asked != Grain.DAY or self.period.days <= MOST_DAYS):
            return Grain(asked)
        if self.period.days <= DAYS_BY_DAY:
            return Grain.DAY
        return Grain.WEEK if self.period.days <= DAYS_BY_WEEK else Grain.MONTH

    @property
    def is_incomplete(self) -> bool:
        """Whether the range reaches into a day that is not over."""
        return self.period.end >= self.today

    def asks(self, metrics: Sequence[str], by: Sequence[str] = (), top: int | None = None) -> Query:
        """The question for these metrics, with all that the state narrows and compares."""
        state = self.state
        return Query(
            metrics=tuple(metrics),
            scope=self.scope,
            period=self.period,
            by=tuple(by),
            where={f.slug: f.words for f in state.filters if not f.excluded},
            exclude={f.slug: f.words for f in state.filters if f.excluded},
            compare=state.compare,
            match_weekdays=state.match_weekdays,
            top=top,
        )


def resolve(
    viewer: Viewer, state: PageState, permission: Permission = Permission.SEE_METRICS,
    now: datetime | None = None,
) -> ResolvedState:  # fmt: skip
    """The state for one viewer; 404 when it names a store that is not theirs.

    One store is told in its own currency, several in the reporting currency; a store without any
    exchange rate is then left out with a notice.
    """
    stores = chosen_stores(viewer, state, permission)
    stores, currency, notices = in_one_currency(stores)
    moment = now or datetime.now(UTC)
    today = min((local_day(moment, store.zone) for store in stores), default=moment.date())
    starts = {store.week_start for store in stores}
    week_start = starts.pop() if len(starts) == 1 else 0
    period = state.period(today, week_start)
    known, unknown = known_filters(state, [store.pk for store in stores])
    scope = Scope(
        store_ids=tuple(store.pk for store in stores),
        zones=tuple(store.zone for store in stores),
        currency=currency,
        reporting=len(stores) > 1,
        week_start=week_start,
        rights=rights_in(viewer, stores),
        today=today,
    )
    compared = period.compared(state.compare, match_weekdays=state.match_weekdays)
    return ResolvedState(known, stores, scope, today, period, compared, (*notices, *unknown))


def chosen_stores(
    viewer: Viewer, state: PageState, permission: Permission
) -> tuple[Store, ...]:  # fmt: skip
    """The stores the state names, else all in which the viewer holds the permission."""
    allowed = set(viewer.stores_with(permission))
    own = [s for s in stores_for(viewer) if viewer.system or s.pk in allowed]
    if not state.stores:
        return tuple(own)
    by_slug = {store.slug: store for store in own}
    if not by_slug.keys() >= set(state.stores):
        raise Http404
    return tuple(by_slug[slug] for slug in state.stores)


def in_one_currency(stores: tuple[Store, ...]) -> tuple[tuple[Store, ...], str, list[str]]:
    """The stores whose money can be told together, in which currency, and who was left out."""
    if len(stores) == 1:
        return stores, stores[0].currency, []
    reporting = workspace().reporting_currency
    foreign = {store.currency for store in stores} - {reporting}
    if not foreign:
        return stores, reporting, []
    rated = currencies_rated_in(reporting, foreign) | {reporting}
    kept = tuple(store for store in stores if store.currency in rated)
    left_out = [store for store in stores if store.currency not in rated]
    notices = [
        _("%(store)s is left out: no exchange rate from %(currency)s to %(reporting)s is known.")
        % {"store": store.name, "currency": store.currency, "reporting": reporting}
        for store in left_out
    ]
    if len(kept) == 1:
        return kept, kept[0].currency, notices
    return kept, reporting, notices


def rights_in(viewer: Viewer, stores: Sequence[Store]) -> frozenset[str]:
    """What the viewer may do in every one of the stores."""
    if viewer.system:
        return frozenset(Permission.values)
    held = [p for p in Permission.values if all(viewer.can(p, s.pk) for s in stores)]
    return frozenset(held if stores else ())


def known_filters(state: PageState, store_ids: Sequence[int]) -> tuple[PageState, list[str]]:
    """The state without words that name nothing in these stores, and a notice for each."""
    kept, notices = [], []
    for one in state.filters:
        known = tuple(word for word in one.words if is_known(one.slug, store_ids, word))
        notices += [
            _("%(dimension)s “%(word)s” is not known here and is left out.")
            % {"dimension": _(dimensions[one.slug].label), "word": word[:60]}
            for word in one.words
            if word not in known
        ]
        if known:
            kept.append(replace(one, words=known))
    return state.with_(filters=tuple(kept)), notices


def is_known(slug: str, store_ids: Sequence[int], word: str) -> bool:
    try:
        return bool(dimensions[slug].ids(store_ids, [word]))
    except Refused:
        return False
