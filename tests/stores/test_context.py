import pytest
from django.test import RequestFactory
from django.urls import reverse

from accounts.records import Viewer
from stores.context import Shell
from stores.models import Membership, Permission, Role
from stores.navigation import FOOT, NAV, NavItem, entries
from stores.queries import viewer_of
from tests.factories.stores import MembershipFactory, StoreFactory, UserFactory

ACCOUNT = NavItem("Account", "user", "accounts:account", Permission.SEE_PRODUCTS)


def shell_of(user, path="/account/") -> Shell:
    request = RequestFactory().get(path)
    request.viewer = viewer_of(user)
    return Shell(request)


def test_pages_are_hidden_from_who_may_not_open_them(alice):
    stranger = Viewer("Nobody")

    assert [each.label for each in entries((ACCOUNT,), viewer_of(alice), "/", "")] == ["Account"]
    assert entries((ACCOUNT,), stranger, "/", "") == []


def test_page_being_looked_at_is_marked(alice):
    marked = entries((ACCOUNT,), viewer_of(alice), "/account/notifications/", "?store=a")

    assert [(each.is_current, each.url) for each in marked] == [(True, "/account/?store=a")]


def test_no_two_pages_share_a_key():
    keys = [item.key for group in NAV for item in group.items] + [item.key for item in FOOT]

    assert len([key for key in keys if key]) == len({key for key in keys if key})


def test_one_store_names_the_shell(alice):
    shell = shell_of(alice)

    assert (shell.store_name, shell.store_hint, shell.zone) == ("Berlin", "EUR", "Europe/Berlin")
    assert [choice.name for choice in shell.stores] == ["Berlin"]


def test_switcher_keeps_the_page_and_its_state_but_not_the_place_in_a_list(alice, store):
    MembershipFactory(user=alice, store=StoreFactory(slug="london", name="London", currency="GBP"))
    shell = shell_of(alice, "/account/?store=berlin&q=lamp&after=77")

    assert [
        (choice.name, choice.hint, choice.url, choice.is_current) for choice in shell.stores
    ] == [
        ("All stores", "EUR", "/account/?q=lamp", False),
        ("Berlin", "EUR", "/account/?q=lamp&store=berlin", True),
        ("London", "GBP", "/account/?q=lamp&store=london", False),
    ]


def test_store_of_somebody_else_is_never_taken_from_the_address(alice):
    StoreFactory(slug="other", name="Other")
    shell = shell_of(alice, "/account/?store=other")

    assert shell.current == []
    assert shell.query == ""


def test_refusal_names_the_managers_who_can_help(alice, bob, charlie):
    assert shell_of(bob).givers == [alice]


def test_page_with_the_shell_costs_the_same_with_many_stores(
    alice_signed_in, alice, django_assert_max_num_queries
):
    for _ in range(10):
        MembershipFactory(user=alice, store=StoreFactory())

    with django_assert_max_num_queries(9):
        alice_signed_in.get(reverse("accounts:account"))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_a_page(db, client, role):
    user = UserFactory()
    MembershipFactory(user=user, role=role)
    client.force_login(user)

    assert client.get(reverse("accounts:account")).status_code == 200


def test_person_without_a_store_gets_a_page(db, client):
    user = UserFactory()
    client.force_login(user)

    assert b"No store yet" in client.get(reverse("accounts:account")).content
    assert not Membership.objects.filter(user=user).exists()
