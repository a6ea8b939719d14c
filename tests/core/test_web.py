import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from core.errors import Refused
from core.web import say, server_error, toast


def refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("Order 10482 is already paid.")


def forbid(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Your role does not include “Export figures and lists”.")


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


def lose_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection refused")


def tell(request: HttpRequest) -> HttpResponse:
    say(request, "Order cancelled", undo="/orders/1/undo/")
    response = HttpResponse()
    toast(response, "Saved", undo="/undo/")
    return response


urlpatterns = [
    path("refuse/", refuse),
    path("forbid/", forbid),
    path("fail/", fail),
    path("lose/", lose_database),
    path("tell/", tell),
    path("", include("ecomgr.urls")),
]
handler403 = "core.web.forbidden"
handler404 = "core.web.not_found"
handler500 = "core.web.server_error"
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(alice) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


def told(response: HttpResponse) -> dict[str, str]:
    return json.loads(response["HX-Trigger"])["toast"]


def test_refusal_is_a_page_that_leads_back(visitor):
    response = visitor.get("/refuse/", headers={"Referer": "http://testserver/account/"})

    assert response.status_code == 409
    assert "Order 10482 is already paid." in response.content.decode()
    assert 'href="http://testserver/account/"' in response.content.decode()


def test_refused_form_comes_back_to_its_page_with_the_reason(visitor):
    back = {"Referer": "http://testserver/account/"}
    response = visitor.post("/refuse/", headers=back, follow=True)

    assert response.request["PATH_INFO"] == "/account/"
    assert "Order 10482 is already paid." in response.content.decode()


def test_refused_part_leaves_the_page_alone_and_tells(visitor):
    response = visitor.post("/refuse/", headers=HTMX)

    assert response.status_code == 409
    assert response["HX-Reswap"] == "none"
    assert told(response) == {
        "text": "Order 10482 is already paid.",
        "level": "error",
        "undo": "",
    }


def test_forbidden_page_names_the_permission_and_who_can_give_it(visitor):
    response = visitor.get("/forbid/")

    assert response.status_code == 403
    assert "“Export figures and lists”" in response.content.decode()
    assert "alice@shop.example" in response.content.decode()


def test_missing_page_offers_to_search_for_its_words(visitor):
    response = visitor.get("/nowhere/blue-lamp/")

    assert response.status_code == 404
    assert 'value="nowhere blue lamp"' in response.content.decode()


def test_failure_gives_its_reference_and_no_detail(visitor):
    response = visitor.get("/fail/")

    assert response.status_code == 500
    assert response["X-Request-Id"] in response.content.decode()
    assert "secret" not in response.content.decode()


def test_lost_database_says_when_to_come_back(visitor):
    response = visitor.get("/lose/")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"


def test_failure_page_needs_nothing_but_the_request(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "Something failed on our side" in response.content.decode()


def test_form_from_elsewhere_is_refused_in_words(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    response = client.post("/account/theme/", {"theme": "dark"})

    assert response.status_code == 403
    assert "too old to be sent" in response.content.decode()


def test_toast_and_flash_carry_the_address_that_undoes(visitor):
    assert told(visitor.get("/tell/")) == {"text": "Saved", "level": "success", "undo": "/undo/"}

    assert 'action="/orders/1/undo/"' in visitor.get("/account/").content.decode()
