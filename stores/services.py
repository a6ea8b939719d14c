"""Writes about stores: opening one, its people, its tokens, its saved views."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from accounts.records import Viewer
from accounts.services import record
from core.errors import Refused
from core.money import is_currency
from stores.models import ApiToken, Channel, Membership, Origin, Role, SavedView, Store, Workspace

MAX_TOKEN_DAYS = 365


@dataclass(frozen=True)
class StoreSettings:
    """What a store is opened with."""

    name: str
    currency: str
    zone: str
    slug: str = ""
    week_start: int = 0
    fiscal_year_start: int = 1
    is_demo: bool = False


@transaction.atomic
def open_store(*, viewer: Viewer, settings: StoreSettings) -> Store:
    """Open a store with one channel, its own shop; the first one sets the reporting currency.

    Raises Refused for an unknown currency or zone, or a name in use.
    """
    if not is_currency(settings.currency):
        raise Refused(f"“{settings.currency}” is not a currency code such as EUR or BRL.")
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refused(f"“{settings.zone}” is not a time zone such as Europe/Berlin.") from error
    slug = settings.slug or slugify(settings.name)
    if not slug or Store.objects.filter(slug=slug).exists():
        raise Refused(f"A store “{slug or settings.name}” exists already; choose another name.")
    is_first = not Store.objects.exists()
    store = Store.objects.create(
        slug=slug, name=settings.name, currency=settings.currency, zone=settings.zone,
        week_start=settings.week_start, fiscal_year_start=settings.fiscal_year_start,
        is_demo=settings.is_demo,
    )  # fmt: skip
    Channel.objects.create(store=store, slug="shop", name="Online shop")
    if is_first:
        Workspace.objects.update_or_create(pk=1, defaults={"reporting_currency": settings.currency})
    if viewer.user_id:
        Membership.objects.create(store=store, user_id=viewer.user_id, role=Role.MANAGER)
    record(viewer, "opened store", store, store_id=store.pk)
    return store


def origin_of(store: Store, slug: str, label: str = "") -> Origin:
    """The store's outside account of that name, made when it is new; sells in the own shop."""
    channel = Channel.objects.filter(store=store).order_by("pk").first()
    if channel is None:
        channel = Channel.objects.create(store=store, slug="shop", name="Online shop")
    defaults = {"label": label or slug, "channel": channel}
    return Origin.objects.get_or_create(store=store, slug=slug, defaults=defaults)[0]


@transaction.atomic
def grant_role(*, viewer: Viewer, store: Store, user: User, role: Role) -> Membership:
    """Give a person a role in a store, replacing the one they had."""
    found = Membership.objects.select_for_update().filter(store=store, user=user).first()
    old = found.role if found else None
    found, _ = Membership.objects.update_or_create(store=store, user=user, defaults={"role": role})
    record(viewer, "changed role", found, changes={"role": [old, str(role)]}, store_id=store.pk)
    return found


@transaction.atomic
def issue_token(
    *, viewer: Viewer, name: str, scopes: Sequence[str], stores: Sequence[Store],
    days: int = MAX_TOKEN_DAYS,
) -> tuple[ApiToken, str]:  # fmt: skip
    """Make an API token of the viewer's own; the secret is returned once and never kept.

    Raises Refused when it would last longer than a year or hold more than its owner.
    """
    if not 0 < days <= MAX_TOKEN_DAYS:
        raise Refused(f"A token lives between 1 and {MAX_TOKEN_DAYS} days.")
    if viewer.user_id is None:
        raise Refused("Only a person can own a token.")
    for store in stores:
        lacking = [scope for scope in scopes if not viewer.can(scope, store.pk)]
        if lacking:
            raise Refused(f"You do not hold “{lacking[0]}” in {store} yourself.")
    secret = "ec_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        owner_id=viewer.user_id, name=name, prefix=secret[: ApiToken.PREFIX_LENGTH], scopes=list(scopes),
        secret_hash=ApiToken.hash_of(secret), expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    token.stores.set(stores)
    record(viewer, "issued token", token, changes={"scopes": [None, sorted(scopes)]})
    return token, secret


@transaction.atomic
def revoke_token(*, viewer: Viewer, token: ApiToken) -> ApiToken:
    """End a token; its next request is refused."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now())
    record(viewer, "revoked token", token)
    token.refresh_from_db()
    return token


@transaction.atomic
def save_view(
    *, viewer: Viewer, page: str, name: str, query: str, shared_in: Store | None = None
) -> SavedView:
    """Keep a page's state under a name; the same name again replaces the viewer's own view."""
    name = name.strip()
    if not name or viewer.user_id is None:
        raise Refused("Give the view a name.")
    found, is_new = SavedView.objects.update_or_create(
        owner_id=viewer.user_id, page=page, name=name,
        defaults={"query": query, "store": shared_in, "is_shared": shared_in is not None},
    )  # fmt: skip
    record(
        viewer, "saved view" if is_new else "replaced view", found, changes={"query": [None, query]}
    )
    return found


@transaction.atomic
def delete_view(*, viewer: Viewer, view: SavedView) -> None:
    """Forget a saved view."""
    record(viewer, "deleted view", view, changes={"query": [view.query, None]})
    view.delete()
