"""The same thing done twice at one moment, or undone while it is done."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from accounts.records import SYSTEM
from connectors.demo.removal import remove_demo
from connectors.landing import SERIALISE
from connectors.management.commands.pull import _store
from core.errors import Refused
from metrics.refresh import lock
from stores.models import SavedView, Store
from stores.queries import viewer_of
from stores.services import (
    StoreSettings,
    delete_view,
    open_store,
    rename_view,
    save_view,
    share_view,
)
from tests.factories.stores import OriginFactory, StoreFactory

pytestmark = pytest.mark.django_db(transaction=True)
PULL = {"store": "twice", "currency": "EUR", "zone": "Europe/Berlin"}


class Plain:
    """A mapping without a currency or clock of its own."""

    currency = zone = ""


def at_once(*works):
    """What each of the functions returns or raises, all begun at the same moment."""
    start = Barrier(len(works))

    def one(work):
        try:
            start.wait()
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def test_two_pulls_open_a_new_store_once():
    for slug in ("first", "second", "third"):
        found = at_once(*[lambda slug=slug: _store(PULL | {"store": slug}, Plain()).slug] * 4)

        assert found == [slug] * 4
    assert Store.objects.count() == 3


@pytest.mark.parametrize("slug", ["../evil", "a b", "ü", "x" * 61, "a/b"])
def test_a_store_has_a_short_name_that_fits_addresses_and_folders(slug):
    wanted = StoreSettings(name="Shop", currency="EUR", zone="Europe/Berlin", slug=slug)

    with pytest.raises(Refused, match="short name"):
        open_store(viewer=SYSTEM, settings=wanted)

    assert not Store.objects.exists()


def test_two_views_renamed_to_one_name_at_once_do_not_fail(alice):
    viewer = viewer_of(alice)
    views = [save_view(viewer=viewer, page="kpis", name=name, query="") for name in "abcd"]

    found = at_once(
        *[lambda view=view: rename_view(viewer=viewer, view=view, name="One") for view in views]
    )

    assert sum(isinstance(one, SavedView) for one in found) == 1
    assert sum(isinstance(one, Refused) for one in found) == 3


def test_a_view_deleted_meanwhile_is_refused(alice):
    viewer = viewer_of(alice)
    view = save_view(viewer=viewer, page="kpis", name="a", query="")
    SavedView.objects.all().delete()

    for late in (
        lambda: rename_view(viewer=viewer, view=view, name="b"),
        lambda: share_view(viewer=viewer, view=view, store=None),
        lambda: delete_view(viewer=viewer, view=view),
    ):
        with pytest.raises(Refused, match="deleted meanwhile"):
            late()


def test_saving_one_view_twice_at_once_keeps_one(alice):
    viewer = viewer_of(alice)

    found = at_once(
        *[lambda n=n: save_view(viewer=viewer, page="kpis", name="One", query=f"r=last{n}")
          for n in range(1, 5)]
    )  # fmt: skip

    assert all(isinstance(one, SavedView) for one in found)
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("busy", ["landing", "traffic", "figures"])
def test_the_demo_is_not_removed_under_a_page_or_figures_under_way(busy, monkeypatch):
    monkeypatch.setattr("connectors.demo.removal.PATIENCE", "200ms")
    demo = StoreFactory(is_demo=True)
    origin = OriginFactory(store=demo)
    other = connection.copy()
    with other.cursor() as cursor:
        key = ("orders", demo.pk) if busy == "figures" else (f"connectors {busy}", origin.pk)
        cursor.execute("BEGIN")
        cursor.execute(SERIALISE, key)
        with pytest.raises(Refused, match="Try again in a minute"):
            remove_demo(viewer=SYSTEM)
        cursor.execute("ROLLBACK")
    other.close()

    assert Store.objects.filter(pk=demo.pk).exists()
    assert remove_demo(viewer=SYSTEM) == 1
    assert not Store.objects.exists()


def test_removing_the_demo_twice_at_once_removes_it_once():
    OriginFactory(store=StoreFactory(is_demo=True))

    found = at_once(*[lambda: remove_demo(viewer=SYSTEM)] * 2)

    assert 1 in found
    assert isinstance(next(one for one in found if one != 1), Refused)


def test_a_refresher_is_kept_out_while_the_demo_goes():
    demo = StoreFactory(is_demo=True)
    with transaction.atomic():
        assert lock("orders", demo.pk, wait=False)
