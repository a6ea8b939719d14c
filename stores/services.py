"""Writes about stores: opening one, its people, its tokens, its saved views."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.records import Viewer
from accounts.services import notify, record
from core.errors import Refused
from core.landing import Landed, accepted, known_currencies_checked, positive_checked
from core.money import is_currency
from core.staging import rows, stage, with_column
from stores.models import (
    ApiToken,
    Channel,
    Membership,
    Origin,
    Permission,
    Role,
    SavedView,
    Store,
    Workspace,
)

MAX_TOKEN_DAYS = 365
MAX_VIEW_NAME = 60
SLUG = re.compile(r"[a-zA-Z0-9_-]{1,60}")


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
    if not SLUG.fullmatch(slug):
        raise Refused(f"“{slug or settings.name}” cannot be a store's short name: use a-z, 0-9, -.")
    is_first = not Store.objects.exists()
    store, is_new = Store.objects.get_or_create(
        slug=slug,
        defaults={
            "name": settings.name, "currency": settings.currency, "zone": settings.zone,
            "week_start": settings.week_start, "fiscal_year_start": settings.fiscal_year_start,
            "is_demo": settings.is_demo,
        },
    )  # fmt: skip
    if not is_new:
        raise Refused(f"A store “{slug}” exists already; choose another name.")
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
        owner_id=viewer.user_id, name=name, prefix=secret[: ApiToken.PREFIX_LENGTH],
        scopes=list(scopes), secret_hash=ApiToken.hash_of(secret),
        expires_at=timezone.now() + timedelta(days=days),
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
    """Keep a page's state under a name; the same name again replaces the viewer's own view.

    Raises Refused without a name, and when the viewer may not share views in that store.
    """
    user_id, name = owner_of_views(viewer), named(name)
    may_share(viewer, shared_in)
    found, is_new = SavedView.objects.select_for_update().get_or_create(
        owner_id=user_id, page=page, name=name, defaults={"query": query}
    )
    old = None if is_new else found.query
    found.query, found.store, found.is_shared = query, shared_in, shared_in is not None
    found.version = found.version if is_new else found.version + 1
    found.save(update_fields=["query", "store", "is_shared", "version"])
    action = "saved view" if is_new else "replaced view"
    record(viewer, action, found, changes={"query": [old, query]})
    return found


@transaction.atomic
def rename_view(*, viewer: Viewer, view: SavedView, name: str) -> SavedView:
    """Give a saved view another name; Refused when the viewer has one of that name."""
    view = still_there(view)
    old, view.name, view.version = view.name, named(name), view.version + 1
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "version"])
    except IntegrityError as error:
        raise Refused(
            _("You have a view called “%(name)s” already.") % {"name": view.name}
        ) from error
    name = view.name
    record(viewer, "renamed view", view, changes={"name": [old, name]})
    return view


@transaction.atomic
def share_view(*, viewer: Viewer, view: SavedView, store: Store | None) -> SavedView:
    """Show a saved view to everybody in a store, or with no store to its owner alone."""
    may_share(viewer, store)
    view = still_there(view)
    old = view.store_id
    view.store, view.is_shared, view.version = store, store is not None, view.version + 1
    view.save(update_fields=["store", "is_shared", "version"])
    new = store.pk if store else None
    record(viewer, "shared view" if store else "unshared view", view, changes={"store": [old, new]})
    return view


@transaction.atomic
def delete_view(*, viewer: Viewer, view: SavedView) -> None:
    """Forget a saved view."""
    view = still_there(view)
    record(viewer, "deleted view", view, changes={"query": [view.query, None]})
    view.delete()


def still_there(view: SavedView) -> SavedView:
    """The view as it is now, locked. Raises Refused when it was deleted meanwhile."""
    found = SavedView.objects.select_for_update().filter(pk=view.pk).first()
    if found is None:
        raise Refused(_("This view was deleted meanwhile."))
    return found


def named(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_VIEW_NAME:
        raise Refused(_("Give the view a name of at most %(n)s letters.") % {"n": MAX_VIEW_NAME})
    return name


def owner_of_views(viewer: Viewer) -> int:
    if viewer.user_id is None:
        raise Refused(_("Only a person can save a view."))
    return viewer.user_id


def may_share(viewer: Viewer, store: Store | None) -> None:
    if store is not None and not viewer.can(Permission.SHARE_VIEWS, store.pk):
        raise Refused(
            _("Your role does not include sharing views in %(store)s.") % {"store": store}
        )


def channel_ids(store: Store, names: Sequence[str]) -> dict[str, int]:
    """The id of each channel that a source names, by the source's own word; new ones are opened."""
    slugs = {name: slugify(name)[:60] for name in names}
    known = dict(Channel.objects.filter(store=store).values_list("slug", "pk"))
    lacking = {slug: name for name, slug in sorted(slugs.items()) if slug and slug not in known}
    if lacking:
        Channel.objects.bulk_create(
            [Channel(store=store, slug=slug, name=name[:80]) for slug, name in lacking.items()],
            ignore_conflicts=True,
        )
        known = dict(Channel.objects.filter(store=store).values_list("slug", "pk"))
    return {name: known[slug] for name, slug in slugs.items() if slug in known}


def tell_of_wrong_figures(*, store_id: int, fact: str) -> None:
    """Tell the store's managers that the nightly comparison found wrong figures."""
    managers = Membership.objects.filter(store_id=store_id, role=Role.MANAGER)
    notify(
        list(managers.values_list("user_id", flat=True)),
        title=_("Figures were found wrong and are being computed anew"),
        body=_("The nightly comparison with the source rows found differences in “%(fact)s”.")
        % {"fact": fact},
        group=Notification.Group.ACTION,
    )


LAND_RATES = """
WITH best AS (
    SELECT DISTINCT ON (currency, to_currency, day) * FROM landing_rate
    ORDER BY currency, to_currency, day, pos DESC
), put AS (
    INSERT INTO stores_exchangerate AS t (currency, to_currency, day, rate, source)
    SELECT currency, to_currency, day, round(rate, 10), %(source)s FROM best
    ON CONFLICT (currency, to_currency, day) DO UPDATE SET rate = excluded.rate,
        source = excluded.source
    WHERE t.rate <> excluded.rate
    RETURNING old.id IS NULL AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM put
"""


@transaction.atomic
def land_rates(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of exchange rates (columns of RateRecord); all stores share them."""
    for name in ("currency", "to_currency"):
        table = with_column(table, name, pc.utf8_upper(pc.utf8_trim_whitespace(table[name])))
    bad = positive_checked(table, "rate") + known_currencies_checked(table, "currency")
    bad += known_currencies_checked(table, "to_currency")
    good, table = accepted(table, bad)
    with connection.cursor() as cursor:
        stage(cursor, "landing_rate", table)
        new, changed = rows(cursor, LAND_RATES, {"source": origin.label[:80]})[0]
    return Landed(good + len(bad), new, changed, good - new - changed, bad)
