import re

from django.test import Client
from django.urls import reverse

from stores.models import ApiToken

TOKENS = reverse("tokens:token-list")
SENT = {"name": "Till", "scopes": ["see_orders"], "stores": ["berlin"], "days": "30"}


def test_a_token_is_made_shown_once_and_works_until_it_is_revoked(alice_signed_in, store):
    made = alice_signed_in.post(TOKENS, SENT)
    secret = re.search(r"ec_[\w-]{40,}", made.content.decode())[0]
    caller = Client(headers={"Authorization": f"Bearer {secret}"})

    assert caller.get("/api/v1/orders/").status_code == 200
    assert caller.get("/api/v1/products/").status_code == 403
    assert "no-store" in made.headers["Cache-Control"]
    assert secret not in alice_signed_in.get(TOKENS).content.decode()

    alice_signed_in.post(reverse("tokens:token-revoke", args=[ApiToken.objects.get().pk]))

    assert caller.get("/api/v1/orders/").status_code == 401
    assert "No token yet" in alice_signed_in.get(TOKENS).content.decode()


def test_a_token_without_a_scope_is_not_made(alice_signed_in, store):
    response = alice_signed_in.post(TOKENS, SENT | {"scopes": []})

    assert response.status_code == 422
    assert "Choose at least one." in response.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_can_give_a_token_what_they_do_not_hold(staff_signed_in, store):
    response = staff_signed_in.post(TOKENS, SENT | {"scopes": ["see_costs"]})

    assert response.status_code == 422
    assert not ApiToken.objects.exists()
    assert "See costs" not in staff_signed_in.get(TOKENS).content.decode()
