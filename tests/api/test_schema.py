import io
import json
from contextlib import redirect_stderr

import pytest
from django.core.management import call_command
from django.urls import reverse
from openapi_spec_validator import validate

from tests.conftest import signed_in
from tests.routes import Route, routes
from tests.test_access import OBJECTS

ROUTES = [route for route in routes() if route.name.startswith("api:") and "docs" not in route.name]


def test_the_schema_is_openapi_3_1_and_knows_every_route(alice_signed_in):
    schema = json.loads(alice_signed_in.get("/api/v1/openapi.json").content)

    assert schema["openapi"].startswith("3.1")
    assert len(schema["paths"]) == len(ROUTES) - 1
    operations = [op["get"]["operationId"] for op in schema["paths"].values()]
    assert len(set(operations)) == len(operations)
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_the_schema_keeps_to_the_standard(alice_signed_in):
    validate(json.loads(alice_signed_in.get("/api/v1/openapi.json").content))


def test_the_schema_is_made_without_a_warning():
    told = io.StringIO()
    with redirect_stderr(told):
        call_command("spectacular", stdout=io.StringIO())

    assert told.getvalue() == ""


def test_the_docs_page_serves_its_own_files_only(alice_signed_in):
    page = alice_signed_in.get("/api/v1/").content.decode()

    assert "https://" not in page
    assert "<style" not in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_answers_json_or_a_problem(route: Route, store, alice, client):
    made = OBJECTS[route.name](store) if route.arguments else {}
    address = reverse(route.name, kwargs=made)
    if route.name != "api:schema":
        answer = signed_in(alice).get(address)
        assert answer.headers["Content-Type"] in {"application/json", "application/problem+json"}
        json.loads(answer.content)

    refused = client.get(address)

    assert refused.status_code == 401
    if route.name != "api:schema":
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert json.loads(refused.content)["status"] == 401
