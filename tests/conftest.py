"""What every test may ask for: a store, and three people with different rights in it."""

import pytest
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.records import Viewer
from metrics.models import RollupState
from metrics.sql import all_rollups
from metrics.tables import UNIQUE_TABLES, declared, sync
from stores.models import Origin, Role, Store, Workspace
from stores.queries import viewer_of
from tests.factories.stores import MembershipFactory, OriginFactory, StoreFactory, UserFactory


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The drill takes longest and computes least: beside it the other tests have a core to run on."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/drills/"))


@pytest.fixture
def store(db: None) -> Store:
    """A shop in Berlin that sells in euros; the workspace reports in euros too."""
    Workspace.objects.update_or_create(pk=1, defaults={"reporting_currency": "EUR"})
    return StoreFactory(slug="berlin", name="Berlin", currency="EUR", zone="Europe/Berlin")


@pytest.fixture
def origin(store: Store) -> Origin:
    return OriginFactory(store=store, slug="shop")


@pytest.fixture
def alice(store: Store):
    """The store's manager: she may."""
    user = UserFactory(email="alice@shop.example", name="Alice")
    MembershipFactory(user=user, store=store, role=Role.MANAGER)
    return user


@pytest.fixture
def bob(store: Store):
    """An executive: he may look."""
    user = UserFactory(email="bob@shop.example", name="Bob")
    MembershipFactory(user=user, store=store, role=Role.EXECUTIVE)
    return user


@pytest.fixture
def staff(store: Store):
    """Staff: they see figures, but neither costs nor margins."""
    user = UserFactory(email="staff@shop.example", name="Dana")
    MembershipFactory(user=user, store=store, role=Role.STAFF)
    return user


@pytest.fixture
def charlie(db: None):
    """Manager of another store: here a stranger."""
    user = UserFactory(email="charlie@other.example", name="Charlie")
    MembershipFactory(user=user, store=StoreFactory(slug="other", name="Other"), role=Role.MANAGER)
    return user


@pytest.fixture
def alices_view(alice) -> Viewer:
    return viewer_of(alice)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice_signed_in(alice) -> Client:
    return signed_in(alice)


@pytest.fixture
def bob_signed_in(bob) -> Client:
    return signed_in(bob)


@pytest.fixture
def staff_signed_in(staff) -> Client:
    return signed_in(staff)


@pytest.fixture
def charlie_signed_in(charlie) -> Client:
    return signed_in(charlie)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The rollup tables are made from the declarations, after the migrations."""
    BLOCKERS.append(django_db_blocker)
    with django_db_blocker.unblock():
        sync()


BLOCKERS: list[DjangoDbBlocker] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item):
    """Django's flush skips unmanaged tables, so a test that commits leaves rows in them.

    It also empties the record of which rollups are built; empty ones are. Both are put right when
    every fixture is gone, the flush among them.
    """
    result = yield
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    commits = marker and marker.kwargs.get("transaction")
    if BLOCKERS and (commits or {"transactional_db", "live_server"} & set(names)):
        with BLOCKERS[0].unblock():
            empty_what_flush_leaves()
    return result


def empty_what_flush_leaves() -> None:
    rollups = [rollup.table for rollup in all_rollups()]
    unmanaged = ["traffic_event", "traffic_session", *UNIQUE_TABLES, *rollups]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(unmanaged)}")
    RollupState.objects.all().delete()
    RollupState.objects.bulk_create(
        RollupState(table=table, fact=fact.name, signature=signature, is_built=True)
        for table, (fact, signature) in declared().items()
    )
    connection.close()
