"""What a role or a token leaves out stays out of every way to it: order, cursors, files, errors."""

import json
from zlib import decompress

import pytest
from django.core.files.base import ContentFile
from django.core.signing import b64_decode
from django.urls import reverse

from accounts.models import User
from analytics.access import KIND
from core.models import Job
from stores.models import Membership, Permission, Role, Store
from tests.analytics.shop import MAY, open_shop
from tests.conftest import signed_in
from tests.factories.connectors import ParkedRowFactory, RunFactory, SourceFactory
from tests.factories.sales import CustomerFactory
from tests.factories.stores import MembershipFactory, StoreFactory
from tests.sales.test_api import calling
from tests.sales.test_views import text_of

CUSTOMERS = reverse("customers:customer-list")
API_CUSTOMERS = reverse("api:customer-list")
API_METRICS = reverse("api:metric-query")


def inside(cursor: str) -> object:
    """What anybody can read in a signed cursor."""
    body = cursor.split(":")[0]
    raw = b64_decode(body.removeprefix(".").encode())
    return json.loads(decompress(raw) if body.startswith(".") else raw)


@pytest.fixture
def people(store, origin):
    """Two customers whose order by name is not the order in which they came."""
    CustomerFactory(store=store, origin=origin, external_id="1", name="Zoe", order_count=1)
    CustomerFactory(store=store, origin=origin, external_id="2", name="Adam", order_count=2)


@pytest.mark.usefixtures("people")
def test_customers_are_not_sorted_by_names_that_may_not_be_seen(bob_signed_in, alice_signed_in):
    asked = {"sort": "name"}

    assert alice_signed_in.get(CUSTOMERS, asked).context["sort"] == "name"
    hidden = bob_signed_in.get(CUSTOMERS, asked)

    assert hidden.context["sort"] == "-last_order"
    assert hidden.context["sorts"].keys() == {"-last_order", "-spent", "-orders"}


@pytest.mark.usefixtures("people")
def test_a_cursor_tells_no_name_to_who_may_not_see_it(alice):
    seeing = calling(alice, Permission.SEE_CUSTOMERS, Permission.SEE_PERSONAL_DATA)
    blind = calling(alice, Permission.SEE_CUSTOMERS)
    asked = {"sort": "name", "size": 1}

    assert inside(seeing.get(API_CUSTOMERS, asked).json()["next"])[2][0] == "Adam"
    refused = blind.get(API_CUSTOMERS, asked)

    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["sort"]


def test_a_key_that_is_an_email_is_personal_too(store, origin, alice, bob_signed_in):
    dora = CustomerFactory(store=store, origin=origin, external_id="dora@mail.example", name="Dora")
    blind = calling(alice, Permission.SEE_CUSTOMERS)

    assert blind.get(reverse("api:customer-detail", args=[dora.pk])).json()["external_id"] == ""
    assert blind.get(API_CUSTOMERS, {"search": "dora@mail.example"}).json()["results"] == []
    page = bob_signed_in.get(reverse("customers:customer-detail", args=[dora.pk]))
    assert "dora@mail.example" not in page.content.decode()


def test_values_of_parked_rows_are_for_who_may_see_people_and_costs(
    store, origin, alice_signed_in, bob_signed_in, staff_signed_in
):
    source = SourceFactory(store=store, origin=origin)
    ParkedRowFactory(run=RunFactory(source=source), column="email", value="dora@mail.example")
    page = reverse("connectors:source-detail", args=[source.pk])
    file = reverse("connectors:parked-file", args=[source.pk])

    def told(client) -> list[bool]:
        rows = b"".join(client.get(file).streaming_content).decode()
        return ["dora" in text_of(client.get(page)), "dora" in rows]

    assert told(alice_signed_in) == [True, True]
    assert told(bob_signed_in) == [False, False]
    assert told(staff_signed_in) == [False, False]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.INTEGRATION])
def test_only_who_manages_the_demo_removes_it(store, role):
    demo = StoreFactory(slug="demo", is_demo=True)
    stranger = MembershipFactory(store=store, role=role).user
    integration = MembershipFactory(store=demo, role=Role.INTEGRATION).user
    address = reverse("connectors:demo-remove")

    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(stranger).post(address).status_code == 404
    assert signed_in(integration).post(address).status_code == 403
    assert Store.objects.filter(pk=demo.pk).exists()


def ready_export(user: User, stores: list[Store], rights: list[str]) -> str:
    result = {"stores": [store.pk for store in stores], "rights": rights}
    job = Job.objects.create(
        user=user, store_id=stores[0].pk, kind=KIND, title="Rows", status=Job.Status.DONE,
        result=result,
    )  # fmt: skip
    job.file.save("x.csv", ContentFile(b"x"))
    return reverse("analytics:export-job", args=[job.pk])


def test_a_written_export_goes_with_the_store_and_the_right(store, alice, settings, tmp_path):
    settings.STORAGES["default"]["OPTIONS"]["location"] = str(tmp_path)
    other = MembershipFactory(user=alice, store=StoreFactory(), role=Role.MANAGER)
    both = ready_export(alice, [store, other.store], [])
    margins = ready_export(alice, [store], [Permission.SEE_COSTS])
    client = signed_in(alice)
    assert [client.get(each).status_code for each in (both, margins)] == [200, 200]

    Membership.objects.filter(pk=other.pk).delete()
    Membership.objects.filter(user=alice, store=store).update(role=Role.STAFF)

    assert [client.get(each).status_code for each in (both, margins)] == [404, 404]


@pytest.mark.parametrize("words", ["country=XX", "product=999999", "country=DE,XX"])
def test_the_api_never_answers_without_a_filter_it_was_given(store, alice, words):
    open_shop(store)
    client = calling(alice, Permission.SEE_METRICS)

    answer = client.get(f"{API_METRICS}?metric=orders&{MAY}&{words}")

    assert answer.status_code == 400
    assert "is not known here" in answer.json()["errors"]["parameters"][0]
