"""Addresses, bodies and files made to break something: each gets a clear answer, none a 500."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stores.models import Permission
from stores.page_state.read import MAX_WORDS, parse
from tests.analytics.shop import MAY, open_shop
from tests.factories.sales import OrderFactory
from tests.sales.test_api import calling

API_METRICS = reverse("api:metric-query")
UPLOAD = reverse("connectors:upload")
RATES = b"day,currency,to_currency,rate\n2026-01-01,USD,EUR,0.9\n"


@pytest.fixture
def kept_in(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_figures_come_as_csv_too(store, alice):
    open_shop(store)
    client = calling(alice, Permission.SEE_METRICS)

    answer = client.get(f"{API_METRICS}?metric=orders&by=country&format=csv&{MAY}")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines()[0] == "country,orders"


@pytest.mark.parametrize("top", ["0", "-1", "x", "10001", "9" * 5000, "1.5"])
def test_a_number_of_groups_that_is_none_is_a_bad_request(store, alice, top):
    answer = calling(alice, Permission.SEE_METRICS).get(
        API_METRICS, {"metric": "orders", "top": top}
    )

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["top"]


def test_an_address_names_only_so_many_words_of_one_key():
    state, notices = parse("country=" + ",".join(f"w{n}" for n in range(9000)))

    assert len(state.filters[0].words) == MAX_WORDS
    assert "names too many values" in notices[0]


def test_a_word_of_thousands_of_digits_is_a_notice(alice_signed_in, store):
    words = {"channel": "9" * 5000, "product": "9" * 5000}
    for name in ("sales:order-list", "listings:product-list", "analytics:kpis"):
        assert alice_signed_in.get(reverse(name), words).status_code == 200


def test_a_list_narrowed_to_what_is_not_there_is_empty(alice_signed_in, store, origin):
    OrderFactory(store=store, origin=origin, country=276)
    orders = reverse("sales:order-list")

    shown = [
        alice_signed_in.get(orders, {"country": words}).context["count"]
        for words in ("DE", "XX", "DE,XX", "nowhere")
    ]

    assert shown == [1, 0, 1, 0]


NAMES = [
    "x." + "\N{GREEK SMALL LETTER PI}" * 110 + ".csv",
    "x." + "\N{FACE WITH TEARS OF JOY}" * 110 + ".csv",
    "../../../etc/passwd.csv",
    "..\\..\\evil.csv",
    "x" * 300 + ".csv",
    "CON.csv",
    ".csv",
    "=cmd|' /C calc'!A0.csv",
    "a\r\nX-Evil: 1.csv",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_kept_under_ours_or_refused(name, alice_signed_in, store, kept_in):
    sent = {"store": store.slug, "file": SimpleUploadedFile(name, RATES)}

    response = alice_signed_in.post(UPLOAD, sent)

    assert response.status_code in {302, 422}
    if response.status_code == 302:
        assert alice_signed_in.get(response["Location"]).status_code == 200
    for path in kept_in.rglob("*"):
        assert path.is_dir() or path.name in {"file.csv", "name"}


@pytest.mark.parametrize(
    "choice",
    [
        {"encoding": "hex"}, {"encoding": "rot13"}, {"encoding": "idna"}, {"encoding": "nope"},
        {"encoding": "undefined"}, {"encoding": "../../x"}, {"encoding": "utf-7"},
        {"encoding": "\0"}, {"encoding": "utf-32"}, {"encoding": "punycode"},
        {"delimiter": "ab"}, {"delimiter": '"'}, {"delimiter": "\n"}, {"delimiter": "\0"},
        {"delimiter": "é"}, {"mapping": "olist"}, {"mapping": "generic_"}, {"mapping": "x" * 9999},
        {"decimal": "x"}, {"dates": "%"}, {"matched": "\0"}, {"to_rate": "nope"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_check", [True, False])
def test_reading_choices_that_nobody_offered_are_no_failure(
    choice, is_check, alice_signed_in, store, kept_in
):
    file = SimpleUploadedFile("rates.csv", RATES)
    page = alice_signed_in.post(UPLOAD, {"store": store.slug, "file": file})["Location"]

    if is_check:
        response = alice_signed_in.post(page, {"mapping": "generic_rates", "check": "1"} | choice)
        assert response.status_code in {302, 422}
    else:
        assert alice_signed_in.get(page, choice).status_code == 200


def test_an_unknown_address_of_the_api_is_a_problem_too(alice_signed_in):
    answer = alice_signed_in.get("/api/v1/nope/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
