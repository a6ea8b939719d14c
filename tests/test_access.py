"""Nobody reaches another store's objects, and no route can be forgotten: the table is checked
against the URL configuration."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Notification, User
from accounts.records import SYSTEM
from analytics.access import KIND
from connectors.files.checking import run_check, start_check
from connectors.files.imports import mapping_for
from connectors.files.uploads import keep_upload
from connectors.models import Drift
from core.models import Job
from stores.models import SavedView
from stores.queries import viewer_of
from stores.services import issue_token
from tests.conftest import signed_in
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.connectors import RunFactory, SourceFactory
from tests.factories.sales import CustomerFactory, OrderFactory
from tests.factories.stores import MembershipFactory
from tests.routes import Route, routes

RATES = b"day,currency,to_currency,rate\n2026-01-01,USD,EUR,0.9\n2026-01-02,USD,EUR,x\n"
PUBLIC = {"healthz", "readyz"}


def member_of(store: Any) -> User:
    found = store.memberships.order_by("pk").first() or MembershipFactory(store=store)
    return found.user


def view_of(store: Any) -> SavedView:
    owner = member_of(store)
    return SavedView.objects.create(owner=owner, page="kpis", name="Mine", query="r=last7")


def view_row(store: Any) -> dict[str, Any]:
    return {"pk": view_of(store).pk}


def source_row(store: Any) -> dict[str, Any]:
    return {"pk": SourceFactory(store=store, every_s=60).pk}


def run_row(store: Any) -> dict[str, Any]:
    return {"pk": RunFactory(source__store=store).pk}


def drift_row(store: Any) -> dict[str, Any]:
    source = SourceFactory(store=store)
    return {"pk": Drift.objects.create(source=source, stream="orders", column="x", change="new").pk}


def upload_row(store: Any) -> dict[str, Any]:
    kept = keep_upload(store=store, name="rates.csv", chunks=[RATES])
    return {"store": store.slug, "key": kept.key}


def check_row(store: Any) -> dict[str, Any]:
    kept = keep_upload(store=store, name="rates.csv", chunks=[RATES])
    mapping = mapping_for(kept.path)
    job = start_check(viewer=SYSTEM, store=store, upload=kept, mapping=mapping)
    run_check(job.pk)
    return {"pk": job.pk}


def export_row(store: Any) -> dict[str, Any]:
    user = member_of(store)
    return {"pk": Job.objects.create(user=user, store_id=store.pk, kind=KIND, title="Rows").pk}


def token_row(store: Any) -> dict[str, Any]:
    viewer = viewer_of(member_of(store))
    token, _ = issue_token(viewer=viewer, name="Till", scopes=["see_metrics"], stores=[store])
    return {"pk": token.pk}


def notification_row(store: Any) -> dict[str, Any]:
    user = member_of(store)
    return {"pk": Notification.objects.create(user=user, title="Done", url="/").pk}


OBJECTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "sales:order-detail": lambda store: {"pk": OrderFactory(store=store).pk},
    "customers:customer-detail": lambda store: {"pk": CustomerFactory(store=store).pk},
    "listings:product-detail": lambda store: {
        "pk": VariantFactory(product__store=store).product_id
    },
    "connectors:source-detail": source_row,
    "connectors:source-pull": source_row,
    "connectors:source-pause": source_row,
    "connectors:source-resume": source_row,
    "connectors:parked-file": source_row,
    "connectors:parked-retry": source_row,
    "connectors:parked-drop": source_row,
    "connectors:run-detail": run_row,
    "connectors:run-stop": run_row,
    "connectors:run-pause": run_row,
    "connectors:run-resume": run_row,
    "connectors:backfill": source_row,
    "connectors:compare": source_row,
    "connectors:agreement": source_row,
    "connectors:fields": source_row,
    "connectors:fields-change": source_row,
    "connectors:drift-seen": drift_row,
    "connectors:upload-match": upload_row,
    "connectors:upload-check": check_row,
    "connectors:upload-errors": check_row,
    "connectors:upload-import": check_row,
    "accounts:notification-open": notification_row,
    "analytics:export-job": export_row,
    "tokens:token-revoke": token_row,
    "stores:view-open": view_row,
    "stores:view-rename": view_row,
    "stores:view-share": view_row,
    "stores:view-delete": view_row,
    "api:store-detail": lambda store: {"slug": store.slug},
    "api:order-detail": lambda store: {"pk": OrderFactory(store=store).pk},
    "api:customer-detail": lambda store: {"pk": CustomerFactory(store=store).pk},
    "api:product-detail": lambda store: {"pk": ProductFactory(store=store).pk},
    "api:run-detail": lambda store: {"pk": RunFactory(source__store=store).pk},
}
"""For each route that names an object: how to make one in a given store."""


WORDS: dict[str, dict[str, str]] = {
    "analytics:explain": {"slug": "net_sales"},
    "analytics:filter": {"slug": "country"},
    "analytics:table": {"slug": "net_sales"},
    "analytics:export-rows": {"slug": "country"},
    "analytics:export-start": {"slug": "country"},
    "analytics:export": {"kind": "csv"},
    "sales:order-export": {"kind": "csv"},
    "customers:customer-export": {"kind": "xlsx"},
    "listings:product-export": {"kind": "xlsx"},
}
"""Routes whose argument is a word of ours, the same in every store."""


def with_object() -> list[Route]:
    return [route for route in routes() if route.arguments and route.name not in WORDS]


def without_object() -> list[Route]:
    return [route for route in routes() if not route.arguments or route.name in WORDS]


def guarded() -> list[Route]:
    """All routes but those that answer everybody by design."""
    return [route for route in routes() if route.name not in PUBLIC]


def guarded_pages() -> list[Route]:
    """Pages: the API's own permission class guards its routes."""
    return [route for route in guarded() if not route.name.startswith("api:")]


def named(route: Route) -> str:
    return route.name


def test_every_route_that_names_an_object_is_in_the_table():
    assert {route.name for route in with_object()} == set(OBJECTS)


@pytest.mark.parametrize("route", with_object(), ids=named)
def test_another_stores_object_is_not_found(route: Route, store, alice, charlie):
    other = charlie.memberships.get().store
    theirs = reverse(route.name, kwargs=OBJECTS[route.name](other))
    missing = re.sub(r"\d+", "999999999", theirs) if re.search(r"\d", theirs) else None
    client = signed_in(alice)

    answers = {method: getattr(client, method)(theirs).status_code for method in ("get", "post")}

    assert set(answers.values()) <= {404, 405}
    assert 404 in answers.values()
    if missing and missing != theirs:
        assert client.get(missing).status_code == client.get(theirs).status_code


@pytest.mark.parametrize("route", with_object(), ids=named)
def test_a_person_of_the_store_reaches_the_object(route: Route, store, alice):
    address = reverse(route.name, kwargs=OBJECTS[route.name](store))

    answers = {
        signed_in(alice).get(address).status_code,
        signed_in(alice).post(address).status_code,
    }

    assert 404 not in answers
    assert not {403, 500} & answers


@pytest.mark.parametrize("route", guarded(), ids=named)
def test_nobody_gets_in_without_signing_in(route: Route, store, charlie, client):
    made = WORDS.get(route.name) or (OBJECTS[route.name](store) if route.arguments else {})
    address = reverse(route.name, kwargs=made)

    response = client.get(address)
    if response.status_code == 405:
        response = client.post(address)

    if route.name.startswith("api:"):
        assert response.status_code in {401, 403}
    else:
        assert response.status_code == 302
        assert "/accounts/login/" in response.headers["Location"]


@pytest.mark.parametrize("route", without_object(), ids=named)
def test_pages_without_an_object_answer_and_never_name_another_store(
    route: Route, store, alice, charlie
):
    other = charlie.memberships.get().store
    other.name = "Zanzibar Secret Shop"
    other.save()
    OrderFactory(store=other, number="#SECRET-1")

    response = signed_in(alice).get(reverse(route.name, kwargs=WORDS.get(route.name)))

    assert response.status_code in {200, 204, 302, 400, 405}
    if response.status_code == 200 and not response.streaming:
        assert b"Zanzibar" not in response.content
        assert b"#SECRET-1" not in response.content


@pytest.mark.parametrize("route", guarded_pages(), ids=named)
def test_every_page_says_what_right_it_needs(route: Route):
    assert getattr(route.view, "guard", None) is not None
