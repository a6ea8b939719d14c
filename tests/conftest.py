"""What every test may ask for: a store, and three people with different rights in it."""

import pytest
from django.db import connection
from django.test import Client

from accounts.records import Viewer
from stores.models import Origin, Role, Store, Workspace
from stores.queries import viewer_of
from tests.factories.stores import MembershipFactory, OriginFactory, StoreFactory, UserFactory


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
def charlie_signed_in(charlie) -> Client:
    return signed_in(charlie)


UNMANAGED = ("traffic_event", "traffic_session")


@pytest.fixture(autouse=True)
def _empty_unmanaged_tables(request: pytest.FixtureRequest):
    """Django's flush skips unmanaged tables, so a test that commits leaves rows in them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = (marker and marker.kwargs.get("transaction")) or (
        "transactional_db" in request.fixturenames or "live_server" in request.fixturenames
    )
    if commits:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(UNMANAGED)}")
