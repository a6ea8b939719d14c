from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from stores.models import Permission
from stores.queries import viewer_of
from stores.services import issue_token, revoke_token
from tests.factories.sales import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    RefundFactory,
    RefundLineFactory,
)


def calling(user, *scopes: str) -> Client:
    viewer = viewer_of(user)
    stores = [membership.store for membership in user.memberships.all()]
    _, secret = issue_token(viewer=viewer, name="Test", scopes=scopes, stores=stores)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def order(store, origin):
    order = OrderFactory(store=store, origin=origin, number="#1", total=30, shipping=5, country=276)
    line = OrderLineFactory(order=order, quantity=3, unit_price=10, discount=5, tax=2, cost=12)
    PaymentFactory(order=order, amount=32, method="card")
    refund = RefundFactory(order=order, shipping=1)
    RefundLineFactory(refund=refund, line=line, amount=7, tax=Decimal("0.5"))
    return order


def test_an_order_is_told_in_full(alice, order):
    client = calling(alice, Permission.SEE_ORDERS, Permission.SEE_COSTS)

    told = client.get(f"/api/v1/orders/{order.pk}/").json()

    assert told["country"] == "DE"
    assert told["sums"] == {
        "gross": "30.0000", "discount": "5.0000", "shipping": "5.0000", "tax": "2.0000",
        "total": "32.0000", "refunded": "8.5000", "paid": "32.0000",
    }  # fmt: skip
    assert told["lines"][0]["cost"] == "12.0000"


def test_costs_are_left_out_without_the_right(alice, order):
    told = calling(alice, Permission.SEE_ORDERS).get(f"/api/v1/orders/{order.pk}/").json()

    assert "cost" not in told["lines"][0]


def test_personal_data_is_left_out_without_the_right_and_cannot_be_searched(alice, store, origin):
    CustomerFactory(store=store, origin=origin, email="dora@mail.example", name="Dora")
    blind = calling(alice, Permission.SEE_CUSTOMERS)
    seeing = calling(alice, Permission.SEE_CUSTOMERS, Permission.SEE_PERSONAL_DATA)

    assert "email" not in blind.get("/api/v1/customers/").json()["results"][0]
    assert blind.get("/api/v1/customers/?search=dora").json()["results"] == []
    assert [c["name"] for c in seeing.get("/api/v1/customers/?search=dora").json()["results"]] == [
        "Dora"
    ]


def test_orders_are_found_by_number_by_key_and_by_who_bought(alice, store, origin):
    dora = CustomerFactory(store=store, origin=origin, email="d@mail.example", name="Dora Lind")
    OrderFactory(store=store, origin=origin, number="#AB-1", external_id="x1", customer=dora)
    OrderFactory(store=store, origin=origin, number="#AB-2", external_id="x2")
    seeing = calling(alice, Permission.SEE_ORDERS, Permission.SEE_PERSONAL_DATA)

    def found(words: str, client: Client = seeing) -> list[str]:
        results = client.get("/api/v1/orders/", {"search": words}).json()["results"]
        return sorted(told["number"] for told in results)

    assert found("#ab-") == ["#AB-1", "#AB-2"]
    assert found("x2") == ["#AB-2"]
    assert found("ora l") == found("D@mail.example") == found("do") == ["#AB-1"]
    assert found("li") == []
    assert found("dora", calling(alice, Permission.SEE_ORDERS)) == []


def test_unknown_parameters_are_an_error(alice, order):
    response = calling(alice, Permission.SEE_ORDERS).get("/api/v1/orders/?owner__password=x")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["errors"] == {"owner__password": ["Unknown parameter."]}


def test_a_list_is_paged_by_cursor(alice, store, origin):
    for number in range(3):
        OrderFactory(store=store, origin=origin, number=f"#{number}", total=number)
    client = calling(alice, Permission.SEE_ORDERS)

    first = client.get("/api/v1/orders/?sort=-total&size=2").json()
    second = client.get(
        "/api/v1/orders/", {"sort": "-total", "size": 2, "cursor": first["next"]}
    ).json()

    assert [o["number"] for o in first["results"]] == ["#2", "#1"]
    assert [o["number"] for o in second["results"]] == ["#0"]
    assert second["next"] is None


def test_a_forged_cursor_is_a_bad_request(alice, order):
    response = calling(alice, Permission.SEE_ORDERS).get("/api/v1/orders/?cursor=nonsense")

    assert response.status_code == 400


def test_a_token_without_the_scope_is_forbidden(alice, order):
    client = calling(alice, Permission.SEE_PRODUCTS)

    assert client.get("/api/v1/orders/").status_code == 403
    assert client.get(f"/api/v1/orders/{order.pk}/").status_code == 403


def test_a_revoked_or_expired_token_is_not_signed_in(alice, order):
    viewer = viewer_of(alice)
    stores = [alice.memberships.get().store]
    token, secret = issue_token(
        viewer=viewer, name="T", scopes=[Permission.SEE_ORDERS], stores=stores
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/orders/").status_code == 200

    token.expires_at = timezone.now() - timedelta(seconds=1)
    token.save()
    assert client.get("/api/v1/orders/").status_code == 401

    token.expires_at = timezone.now() + timedelta(days=1)
    token.save()
    revoke_token(viewer=viewer, token=token)
    assert client.get("/api/v1/orders/").status_code == 401


def test_a_token_shrinks_with_its_owner(bob, order):
    client = calling(bob, Permission.SEE_ORDERS)
    assert client.get("/api/v1/orders/").status_code == 200

    bob.memberships.all().delete()

    assert client.get("/api/v1/orders/").status_code == 403
    assert client.get(f"/api/v1/orders/{order.pk}/").status_code == 404


def test_another_stores_slug_is_not_found(alice, charlie, order):
    client = calling(alice, Permission.SEE_ORDERS)

    assert client.get("/api/v1/orders/?store=other").status_code == 404
    assert client.get("/api/v1/orders/?store=nowhere").status_code == 404
    assert client.get("/api/v1/stores/other/").status_code == 404
