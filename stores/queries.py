"""Reads about stores: who may look, and what money is worth."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.records import Grant, Viewer
from stores.models import (
    ROLE_PERMISSIONS,
    ApiToken,
    ExchangeRate,
    Membership,
    Role,
    SavedView,
    Store,
    Workspace,
)


def viewer_of(user: User, address: str | None = None) -> Viewer:
    """The person as every query and service takes them: stores, roles and permissions of now."""
    rows = Membership.objects.filter(user=user, store__is_active=True).order_by("store__name", "pk")
    grants = tuple(Grant(m.store_id, m.role, ROLE_PERMISSIONS[m.role]) for m in rows)
    return Viewer(name=str(user), user_id=user.pk, grants=grants, address=address)


def viewer_of_token(token: ApiToken, address: str | None = None) -> Viewer:
    """The token as a viewer: never more than its scopes, its stores, and its owner has now."""
    owner = viewer_of(token.owner, address)
    stores = set(token.stores.values_list("pk", flat=True))
    scopes = frozenset(token.scopes)
    grants = tuple(
        Grant(g.store_id, g.role, g.permissions & scopes)
        for g in owner.grants
        if g.store_id in stores
    )
    return Viewer(f"{token.name} of {token.owner}", owner.user_id, token.pk, grants, address)


def stores_for(viewer: Viewer) -> QuerySet[Store]:
    """The stores that the viewer may see, by name."""
    if viewer.system:
        return Store.objects.all()
    return Store.objects.filter(pk__in=viewer.store_ids)


def tokens_of(viewer: Viewer) -> QuerySet[ApiToken]:
    """The viewer's own API tokens that were not revoked, newest first."""
    found = ApiToken.objects.filter(owner_id=viewer.user_id, revoked_at=None)
    return found.prefetch_related("stores").order_by("-created_at", "-pk")


def managers_of(viewer: Viewer) -> list[User]:
    """The people who manage one of the viewer's stores, by name."""
    roles = Membership.objects.filter(store__in=viewer.store_ids, role=Role.MANAGER)
    return list(
        User.objects.filter(memberships__in=roles, is_active=True).distinct().order_by("name")
    )


def workspace() -> Workspace:
    """The company's one row, made with defaults when it is not there yet."""
    return Workspace.objects.get_or_create(pk=1)[0]


def rate(currency: str, to_currency: str, day: date) -> Decimal | None:
    """What one unit was worth on `day` by the newest rate up to it; None if unknown."""
    if currency == to_currency:
        return Decimal(1)
    known = ExchangeRate.objects.filter(currency=currency, to_currency=to_currency, day__lte=day)
    return known.order_by("-day").values_list("rate", flat=True).first()


def currencies_rated_in(to_currency: str, currencies: Collection[str]) -> set[str]:
    """Those of the currencies for which any exchange rate to `to_currency` is known."""
    known = ExchangeRate.objects.filter(to_currency=to_currency, currency__in=currencies)
    return set(known.order_by().values_list("currency", flat=True).distinct())


def views_for(viewer: Viewer, page: str) -> QuerySet[SavedView]:
    """The viewer's own saved views of a page and those shared in their stores, oldest first."""
    shared = Q(is_shared=True, store_id__in=viewer.store_ids)
    return SavedView.objects.filter(Q(owner_id=viewer.user_id) | shared, page=page)
