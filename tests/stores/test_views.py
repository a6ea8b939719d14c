"""Saved views: kept, opened, renamed, shared and forgotten by those who may."""

import pytest
from django.urls import reverse

from accounts.models import AuditRow
from core.errors import Refused
from stores.models import Membership, Role, SavedView
from stores.queries import viewer_of, views_for
from stores.services import rename_view, save_view, share_view
from tests.conftest import signed_in
from tests.factories.stores import MembershipFactory, UserFactory


@pytest.fixture
def view(alice) -> SavedView:
    return save_view(viewer=viewer_of(alice), page="kpis", name="Mine", query="country=DE")


def test_a_view_is_saved_in_its_canonical_form_and_opened(alice_signed_in, store):
    data = {"page": "kpis", "name": " DACH  board ", "query": "view=7&country=DE&cmp=prev"}

    response = alice_signed_in.post(reverse("stores:view-save"), data)

    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_shared) == ("DACH board", "country=DE", False)
    assert response["Location"] == f"/kpis/?country=DE&view={view.pk}"
    assert AuditRow.objects.get(action="saved view").object_id == str(view.pk)


def test_the_same_name_again_replaces_the_view(alice_signed_in, view):
    data = {"page": "kpis", "name": "Mine", "query": "country=FR"}

    alice_signed_in.post(reverse("stores:view-save"), data)

    assert SavedView.objects.get().query == "country=FR"
    assert SavedView.objects.get().version == 2


@pytest.mark.parametrize("data", [{"name": ""}, {"name": "x", "page": "nowhere"}])
def test_a_view_without_a_name_or_a_page_is_refused(alice_signed_in, store, data):
    given = {"page": "kpis", "query": ""} | data

    response = alice_signed_in.post(reverse("stores:view-save"), given)

    assert response.status_code == 409
    assert not SavedView.objects.exists()


def test_a_shared_view_is_seen_by_the_store_and_changed_by_its_owner_only(view, alice, bob, store):
    share_view(viewer=viewer_of(alice), view=view, store=store)

    assert list(views_for(viewer_of(bob), "kpis")) == [view]
    opened = signed_in(bob).get(reverse("stores:view-open", args=[view.pk]))
    renamed = signed_in(bob).post(reverse("stores:view-rename", args=[view.pk]), {"name": "His"})

    assert opened["Location"] == f"/kpis/?country=DE&view={view.pk}"
    assert renamed.status_code == 403
    assert SavedView.objects.get().name == "Mine"


@pytest.mark.parametrize("name", ["view-open", "view-rename", "view-share", "view-delete"])
def test_a_strangers_view_is_not_there(view, charlie_signed_in, name):
    url = reverse(f"stores:{name}", args=[view.pk])

    answers = [charlie_signed_in.get(url), charlie_signed_in.post(url, {"name": "x"})]

    assert 404 in {answer.status_code for answer in answers}
    assert SavedView.objects.get().name == "Mine"


def test_sharing_needs_the_right_in_that_store(bob, store):
    with pytest.raises(Refused, match="sharing views"):
        save_view(viewer=viewer_of(bob), page="kpis", name="His", query="", shared_in=store)

    assert not SavedView.objects.exists()


def test_an_own_view_is_renamed_unshared_and_deleted(view, alice_signed_in):
    alice_signed_in.post(reverse("stores:view-share", args=[view.pk]), {"store": "berlin"})
    assert SavedView.objects.get().is_shared
    alice_signed_in.post(reverse("stores:view-share", args=[view.pk]), {"store": ""})
    assert not SavedView.objects.get().is_shared
    alice_signed_in.post(reverse("stores:view-rename", args=[view.pk]), {"name": "Ours"})
    assert SavedView.objects.get().name == "Ours"

    response = alice_signed_in.post(reverse("stores:view-delete", args=[view.pk]))

    assert response["Location"] == "/kpis/"
    assert not SavedView.objects.exists()


def test_two_own_views_cannot_have_one_name(view, alice):
    other = save_view(viewer=viewer_of(alice), page="kpis", name="Other", query="")

    with pytest.raises(Refused, match="already"):
        rename_view(viewer=viewer_of(alice), view=other, name="Mine")


def test_a_shared_view_leaves_with_the_membership(view, alice, store):
    share_view(viewer=viewer_of(alice), view=view, store=store)
    guest = UserFactory()
    membership = MembershipFactory(user=guest, store=store, role=Role.STAFF)
    assert list(views_for(viewer_of(guest), "kpis")) == [view]

    Membership.objects.filter(pk=membership.pk).delete()

    assert list(views_for(viewer_of(guest), "kpis")) == []
