"""Signing in when others try to, when the cache server is away, and behind a proxy."""

import pytest
from django.core.cache import caches
from django.test import RequestFactory
from django.urls import reverse
from redis.exceptions import RedisError

from core.web import address_of

LOGIN = reverse("account_login")
RIGHT, WRONG = "a long enough password", "a wrong password"
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def known(alice):
    alice.set_password(RIGHT)
    alice.save()
    return alice


def tried(client, who, password, **headers) -> bool:
    """Whether the person was let in."""
    sent = {"login": who.email, "password": password}
    return client.post(LOGIN, sent, headers=headers).status_code == 302


@pytest.fixture
def without_cache(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    caches["default"].spare.clear()
    yield
    caches["default"].spare.clear()


@pytest.mark.usefixtures("without_cache")
def test_people_sign_in_while_the_cache_is_away(known, client):
    assert tried(client, known, RIGHT)
    assert client.post(reverse("account_reset_password"), {"email": known.email}).status_code == 302


@pytest.mark.usefixtures("without_cache")
def test_tries_are_limited_while_the_cache_is_away(known, client):
    assert not any(tried(client, known, WRONG) for _ in range(12))

    assert not tried(client, known, RIGHT)


@pytest.mark.usefixtures("without_cache")
def test_everything_else_is_told_that_the_cache_is_away(client, db):
    with pytest.raises((RedisError, OSError)):
        caches["default"].get("answer:1")
    assert client.get(reverse("readyz")).json()["cache"] is False


@pytest.mark.parametrize(
    ("proxies", "passed", "address"),
    [
        (0, "1.1.1.1", "127.0.0.1"),
        (1, "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (1, "", "127.0.0.1"),
        (1, "<script>", None),
        (1, "::1", "::1"),
    ],
)
def test_an_address_is_taken_from_trusted_proxies_only(settings, proxies, passed, address):
    settings.TRUSTED_PROXIES = proxies

    request = RequestFactory().get("/", headers={"X-Forwarded-For": passed})

    assert address_of(request) == address


def test_one_persons_wrong_tries_do_not_shut_out_others_behind_the_same_proxy(
    known, client, settings
):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(12):
        sent = {"login": f"nobody{number}@shop.example", "password": WRONG}
        client.post(LOGIN, sent, headers={"X-Forwarded-For": "6.6.6.6"})

    assert not tried(client, known, RIGHT, **{"X-Forwarded-For": "6.6.6.6"})
    assert tried(client, known, RIGHT, **{"X-Forwarded-For": "7.7.7.7"})
