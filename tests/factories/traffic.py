"""Minimal events and sessions."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from metrics.marks import mark
from stores.models import Store
from traffic.models import Event, Kind, Session


def key_of(*parts: object) -> UUID:
    return uuid5(NAMESPACE_OID, " ".join(str(part) for part in parts))


def moment(text: str, zone: str = "Europe/Berlin") -> datetime:
    """A local time such as "2026-03-01 10:00" as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def event(store: Store, visitor: int, at: str | datetime, kind: Kind = Kind.PAGE_VIEW, **columns):
    """One event on its local day, marked as a landing marks it."""
    when = moment(at, store.zone) if isinstance(at, str) else at
    made = Event.objects.create(
        store_id=store.pk,
        day=when.astimezone(ZoneInfo(store.zone)).date(),
        key=columns.pop("key", None) or key_of(visitor, when, kind),
        at=when,
        visitor=visitor,
        kind=kind,
        origin=columns.pop("origin", 1),
        **columns,
    )
    mark(Event, store.pk, [made.day])
    return made


def imported_session(store: Store, visitor: int, at: str, **columns) -> Session:
    """One ready-made session of a source without events."""
    when = moment(at, store.zone)
    made = Session.objects.create(
        store_id=store.pk,
        day=when.astimezone(ZoneInfo(store.zone)).date(),
        key=key_of("imported", visitor, when),
        started_at=when,
        visitor=visitor,
        origin=1,
        purchase_value=Decimal(0),
        is_derived=False,
        **columns,
    )
    mark(Session, store.pk, [made.day])
    return made
