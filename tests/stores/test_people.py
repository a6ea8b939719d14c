"""People who are added from a terminal."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditRow, User
from stores.models import Membership, Role

pytestmark = pytest.mark.django_db


def test_an_added_person_signs_in_with_the_password_that_was_shown(store, capsys):
    call_command("people", "add", "Owner@Shop.example", "--store", store.slug, "--name", "Ola")

    password = capsys.readouterr().out.splitlines()[0].removeprefix("Password, shown this once: ")
    found = Membership.objects.get(user__email="owner@shop.example")
    assert (found.store, found.role, found.user.name) == (store, Role.MANAGER, "Ola")
    assert Client().login(username="owner@shop.example", password=password)
    assert AuditRow.objects.filter(action="added person").count() == 1


def test_a_known_person_keeps_the_password_and_gets_the_new_role(store, alice, capsys):
    person = User.objects.get(pk=alice.pk)
    before = person.password

    call_command("people", "add", person.email.upper(), "--store", store.slug, "--role", "staff")

    person.refresh_from_db()
    assert person.password == before
    assert person.memberships.get(store=store).role == Role.STAFF
    assert capsys.readouterr().out == f"{person.email}: Staff in {store}.\n"


def test_the_list_names_each_person_of_each_store(store, alice, capsys):
    call_command("people", "list")

    email = User.objects.get(pk=alice.pk).email
    assert f"{store.slug}: {email}, Manager" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("email", "slug", "words"),
    [("nobody", "berlin", "is not an e-mail address"), ("a@b.example", "nix", "There is no store")],
)
def test_who_cannot_be_added_is_told_why_and_nothing_changes(store, email, slug, words):
    before = User.objects.count()

    with pytest.raises(CommandError, match=words):
        call_command("people", "add", email, "--store", slug)

    assert User.objects.count() == before
