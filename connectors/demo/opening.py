"""The demo's stores, people, sources and calendar: what there is before the first row is pulled."""

from dataclasses import dataclass
from datetime import UTC, date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.queries import demo_email, demo_password
from accounts.records import SYSTEM
from accounts.services import record
from connectors.demo.causes import CAUSES
from connectors.demo.connector import SALES, TRAFFIC, Demo
from connectors.demo.world import (
    HISTORY_DAYS,
    PLANS,
    ShopPlan,
    World,
    black_friday,
    public_holidays,
)
from connectors.models import Source
from connectors.services import SourceSettings, connect_source
from stores.models import CalendarEntry, Channel, Role, Store
from stores.services import StoreSettings, grant_role, open_store

SMALL_DAYS, SMALL_SCALE = 30, 0.25
NAMES = {
    Role.MANAGER: "Mara Lindqvist",
    Role.STAFF: "Tom Okafor",
    Role.EXECUTIVE: "Elena Brandt",
    Role.INTEGRATION: "Data bridge",
}
CHANNELS = (
    ("shop", "Online shop", Channel.Kind.SHOP),
    ("app", "App", Channel.Kind.SHOP),
    ("marketplace", "Homemarket", Channel.Kind.MARKETPLACE),
    ("stores", "Shops in town", Channel.Kind.POS),
)
PARTS = ((SALES, Demo.label), (TRAFFIC, "Demo tracking"))


@dataclass(frozen=True)
class DemoPlan:
    """What the demo is loaded with: its seed, the days before the anchor, its volume."""

    seed: int = 7
    days: int = HISTORY_DAYS
    scale: float = 1.0
    anchor: date | None = None


SMALL = DemoPlan(days=SMALL_DAYS, scale=SMALL_SCALE)


@transaction.atomic
def open_demo(plan: DemoPlan) -> list[Source]:
    """The demo's sources, main store first, each store's sales before its traffic; stores, people
    and calendar are made when missing.

    A demo that is there keeps the settings with which it was first opened.
    """
    people = [_person(role) for role in Role if role in NAMES]
    sources: list[Source] = []
    for shop in PLANS.values():
        store = _store(shop)
        for person, role in people:
            if not person.memberships.filter(store=store).exists():
                grant_role(viewer=SYSTEM, store=store, user=person, role=role)
        sources += _sources(store, shop, plan)
    return sources


def _person(role: Role) -> tuple[User, Role]:
    email = demo_email(role)
    found = User.objects.filter(email=email).first()
    if found is None:
        found = User.objects.create_user(email, demo_password(role), name=NAMES[role], is_demo=True)
        record(SYSTEM, "added person", found)
    return found, role


def _store(shop: ShopPlan) -> Store:
    store = Store.objects.filter(slug=shop.slug, is_demo=True).first()
    if store is None:
        settings = StoreSettings(shop.name, shop.currency, shop.zone, shop.slug, is_demo=True)
        store = open_store(viewer=SYSTEM, settings=settings)
    for slug, name, kind in CHANNELS:
        Channel.objects.get_or_create(store=store, slug=slug, defaults={"name": name, "kind": kind})
    return store


def _sources(store: Store, shop: ShopPlan, plan: DemoPlan) -> list[Source]:
    found = list(Source.objects.filter(store=store, connector=Demo.slug).order_by("pk"))
    if found:
        return found
    now = timezone.now()
    anchor = plan.anchor or now.astimezone(UTC).date()
    config = {
        "shop": shop.slug, "seed": plan.seed, "anchor": anchor.isoformat(), "days": plan.days,
        "scale": plan.scale, "loaded_at": int(now.timestamp()),
    }  # fmt: skip
    for part, label in PARTS:
        # Without an interval: beat leaves it alone until its history is in.
        settings = SourceSettings(Demo.slug, label, config=config | {"part": part})
        found.append(connect_source(viewer=SYSTEM, store=store, settings=settings))
    _mark_calendar(store, World(shop.slug, plan.seed, anchor, plan.days, plan.scale))
    return found


def _mark_calendar(store: Store, world: World) -> None:
    """What the shop's people knew of: announced causes in the main store, holidays in both."""
    entries = [
        CalendarEntry(
            kind=cause.calendar, title=cause.title, start_on=cause.starts_on(world.anchor),
            end_on=cause.ends_on(world.anchor) or cause.starts_on(world.anchor),
        )
        for cause in CAUSES.values()
        if cause.calendar and world.plan.code == 1
    ]  # fmt: skip
    for year in range(world.start.year, world.anchor.year + 2):
        entries += [_single_day(day, name) for day, name in public_holidays(year).items()]
        entries.append(_single_day(black_friday(year), "Black Friday", CalendarEntry.Kind.CAMPAIGN))
    for entry in entries:
        entry.store, entry.is_demo = store, True
    CalendarEntry.objects.bulk_create(entry for entry in entries if entry.end_on >= world.start)


def _single_day(
    day: date, title: str, kind: CalendarEntry.Kind = CalendarEntry.Kind.HOLIDAY
) -> CalendarEntry:
    return CalendarEntry(kind=kind, title=title, start_on=day, end_on=day)
