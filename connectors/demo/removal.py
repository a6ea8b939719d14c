"""Takes the demo away again: its stores with every row of theirs, and its people."""

from collections.abc import Iterable

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import User
from accounts.records import Viewer
from accounts.services import record
from campaigns.models import CampaignTag
from connectors.demo.connector import Demo
from connectors.landing import take_turn
from connectors.models import Cursor, Drift, Payload
from connectors.streams import STREAMS
from core.errors import Refused
from metrics.declare import facts
from metrics.derived import derived
from metrics.refresh import lock
from stores.models import ApiToken, ExchangeRate, Origin, Store

# Rows that say what was done stay: the trail is only ever added to.
KEPT_TABLES = ("accounts_auditrow",)
RATE_SOURCE = Demo.label
PATIENCE = "10s"
TABLES_OF_STORES = """
SELECT c.table_name FROM information_schema.columns c
JOIN pg_class k ON k.relname = c.table_name AND k.relnamespace = 'public'::regnamespace
WHERE c.table_schema = 'public' AND c.column_name = 'store_id'
    AND k.relkind IN ('r', 'p') AND NOT k.relispartition AND c.table_name <> ALL(%s)
ORDER BY c.table_name
"""


def remove_demo(*, viewer: Viewer) -> int:
    """Delete the demo's stores, people and everything of theirs; returns how many stores.

    Nothing of another store is touched. Raises Refused when there is no demo, or when somebody
    put rows of another store on top of it, or while it is being loaded or added up.
    """
    files: list[tuple[str, Payload]] = []
    with transaction.atomic():
        stores = list(Store.objects.filter(is_demo=True))
        if not stores:
            raise Refused("There is no demo data.")
        ids = [store.pk for store in stores]
        _keep_others_out(ids)
        if not Store.objects.select_for_update().filter(pk__in=ids).exists():
            raise Refused("The demo data is gone already.")
        payloads = Payload.objects.filter(source__store__in=ids)
        files = [(payload.file.name, payload) for payload in payloads]
        _delete_linked(ids)
        with connection.cursor() as cursor:
            for table in _tables_of_stores(cursor):
                # The names come from the database's own catalogue.
                cursor.execute(f'DELETE FROM "{table}" WHERE store_id = ANY(%s)', [ids])  # noqa: S608
            cursor.execute("DELETE FROM stores_store WHERE id = ANY(%s)", [ids])
        ExchangeRate.objects.filter(source=RATE_SOURCE).delete()
        # Before the people go: who removes the demo may be one of them.
        record(viewer, "removed demo", stores[0], changes={"stores": [len(stores), 0]})
        User.objects.filter(is_demo=True).delete()
    for name, payload in files:
        payload.file.storage.delete(name)
    return len(stores)


def _keep_others_out(ids: Iterable[int]) -> None:
    """Wait for the pages and figures under way, and let none begin: they would outlive the store.

    Raises Refused when one does not end within some seconds.
    """
    origins = Origin.objects.filter(store__in=ids).order_by("pk").values_list("pk", flat=True)
    try:
        # The failed statement must not take the caller's transaction with it.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            for origin in origins:
                take_turn(origin, set(STREAMS))
            for store_id in sorted(ids):
                for name in sorted({*facts, *derived}):
                    lock(name, store_id, wait=True)
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        raise Refused(
            "The demo is being loaded or added up at this moment. Try again in a minute."
        ) from error


def _tables_of_stores(cursor: CursorWrapper) -> list[str]:
    cursor.execute(TABLES_OF_STORES, [list(KEPT_TABLES)])
    return [row[0] for row in cursor.fetchall()]


def _delete_linked(ids: Iterable[int]) -> None:
    """Rows that name a store only through another row; foreign keys are checked at the commit."""
    stores = list(ids)
    for model in (Cursor, Drift, Payload):
        model.objects.filter(source__store__in=stores).delete()
    CampaignTag.objects.filter(campaign__store__in=stores).delete()
    ApiToken.stores.through.objects.filter(store__in=stores).delete()
