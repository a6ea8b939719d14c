"""Load a real shop's files once for a module of tests, and ask for its figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.test import override_settings

from accounts.records import SYSTEM
from connectors.files import imports
from connectors.models import Run
from core.periods import Period
from metrics.answers import ask
from metrics.query import Query, Scope
from stores.models import Permission, Store
from stores.services import StoreSettings, open_store
from tests.samples import sample_path


@contextmanager
def shop_of(sample: str, mapping_slug: str, folder, blocker) -> Iterator[Run]:
    """The run that took the sample in, in a transaction that is rolled back at the end."""
    path = sample_path(sample)
    storages = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with blocker.unblock(), override_settings(STORAGES=storages), transaction.atomic():
        with connection.cursor() as cursor:
            # Nothing is committed, so the planner has no statistics and would loop.
            cursor.execute("SET LOCAL enable_nestloop = off")
        mapping = imports.mapping_for(path, mapping_slug)
        settings = StoreSettings(
            name=mapping.label, slug=mapping_slug.replace("_", "-"),
            currency=mapping.currency, zone=mapping.zone,
        )  # fmt: skip
        store = open_store(viewer=SYSTEM, settings=settings)
        yield imports.import_now(viewer=SYSTEM, store=store, path=path, mapping=mapping)
        transaction.set_rollback(True)


def asked(store: Store, slugs: str, start: str, end: str, **query):
    """The answer for one store and period."""
    scope = Scope(
        (store.pk,), (store.zone,), store.currency, rights=frozenset(Permission.values),
        today=date(2026, 1, 1),
    )  # fmt: skip
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    return ask(Query(slugs.split(","), scope, period, **query))


def figure(store: Store, slug: str, start: str, end: str, **query) -> Decimal | None:
    """One figure of one store."""
    return asked(store, slug, start, end, **query)[slug].value
