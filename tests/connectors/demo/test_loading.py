"""The demo comes by the ordinary pull, goes on where it was stopped, and goes without a trace."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import AuditRow, User
from accounts.queries import demo_signins
from accounts.records import SYSTEM
from connectors.base import SettingsError, Shop
from connectors.demo.connector import Demo
from connectors.demo.loading import load_demo, pull
from connectors.demo.opening import DemoPlan, open_demo
from connectors.demo.removal import KEPT_TABLES, TABLES_OF_STORES, remove_demo
from connectors.models import Cursor, ParkedRow, Run, Source
from core.errors import Refused
from metrics.audit import audit
from sales.models import Order, OrderLine, Payment, RefundLine
from stores.models import CalendarEntry, ExchangeRate, Role, Store
from stores.queries import viewer_of
from tests.factories.stores import MembershipFactory, StoreFactory, UserFactory
from traffic.models import Event, Session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LOADED_AT = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
TINY = DemoPlan(days=8, scale=0.06)
FACTS = (Order, OrderLine, Payment, RefundLine, Event, Session)


def quiet(text: str) -> None:
    pass


def load(at: datetime = LOADED_AT) -> list[Source]:
    with time_machine.travel(at, tick=False):
        return load_demo(TINY, quiet)


def counts() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in FACTS}


def orders_as_told() -> set[tuple]:
    return set(Order.objects.values_list("store__slug", "external_id", "status", "total"))


def rows_by_table(store_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES_OF_STORES, [list(KEPT_TABLES)])
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE store_id = %s', [store_id])
            found[table] = cursor.fetchone()[0]
    return {table: number for table, number in found.items() if number}


def test_the_demo_is_loaded_added_up_and_marked_as_demo():
    main, visits, uk, _ = load()
    assert [main.store.slug, visits.store.slug, uk.store.slug] == ["demo", "demo", "demo-uk"]
    assert main.origin == visits.origin
    assert not Store.objects.filter(is_demo=False).exists()
    assert set(Run.objects.values_list("status", flat=True)) == {Run.Status.DONE}
    assert not ParkedRow.objects.exists()
    assert Order.objects.filter(store=main.store).count() > 20
    assert Order.objects.filter(store=uk.store, currency="GBP").exclude(total=0).exists()
    assert not Order.objects.filter(reporting_rate=None).exists()
    assert Session.objects.filter(is_derived=True).exists()
    assert Session.objects.filter(is_derived=False).exists()
    assert sum(found.differing for found in audit()) == 0
    assert {source.every_s for source in Source.objects.all()} == {60}


def test_its_people_can_sign_in_and_its_calendar_tells_what_was_announced():
    main = load()[0]
    assert [each.email for each in demo_signins()] == [
        "manager@demo.example",
        "staff@demo.example",
        "executive@demo.example",
    ]
    assert User.objects.filter(email="integration@demo.example", is_demo=True).exists()
    person = User.objects.get(email="executive@demo.example")
    assert person.is_demo
    assert person.check_password("demo-executive-2026")
    assert {m.role for m in person.memberships.all()} == {Role.EXECUTIVE}
    assert len(viewer_of(person).store_ids) == 2
    entries = CalendarEntry.objects.filter(store=main.store, is_demo=True)
    assert "Coffee & tea prices up 12%" not in entries.values_list("title", flat=True)


def test_loading_again_changes_nothing():
    load()
    before, people = counts(), User.objects.count()
    load()
    assert counts() == before
    assert User.objects.count() == people


def test_a_load_that_was_stopped_goes_on():
    with time_machine.travel(LOADED_AT - timedelta(hours=30), tick=False):
        pull(open_demo(TINY), quiet)
    assert set(Source.objects.values_list("every_s", flat=True)) == {None}
    load()
    stopped = orders_as_told()
    remove_demo(viewer=SYSTEM)
    with time_machine.travel(LOADED_AT - timedelta(hours=30), tick=False):
        open_demo(TINY)
    load()
    assert orders_as_told() == stopped


def test_a_shop_that_slept_catches_up(settings):
    load()
    before = Order.objects.count()
    with time_machine.travel(LOADED_AT + timedelta(hours=40), tick=False):
        call_command("demo", "tick")
    assert Order.objects.count() > before
    reached = int((LOADED_AT + timedelta(hours=40)).timestamp())
    assert {cursor.position["to"] for cursor in Cursor.objects.all()} == {reached}


def test_a_shop_that_must_not_live_stays_at_the_moment_of_loading(settings):
    load()
    before = counts()
    settings.DEMO_LIVE = False
    with time_machine.travel(LOADED_AT + timedelta(days=2), tick=False):
        call_command("demo", "tick")
    assert counts() == before


def test_removal_takes_all_of_the_demo_and_nothing_else():
    user = UserFactory(email="owner@shop.example")
    own = MembershipFactory(user=user, store=StoreFactory(slug="own"), role=Role.MANAGER).store
    before = rows_by_table(own.pk)
    ids = [source.store_id for source in load()]
    assert rows_by_table(ids[0])["traffic_event"] > 100

    assert remove_demo(viewer=viewer_of(user)) == 2

    assert [rows_by_table(pk) for pk in ids] == [{}] * len(ids)
    assert list(Store.objects.all()) == [own]
    assert rows_by_table(own.pk) == before
    assert list(User.objects.all()) == [user]
    assert not ExchangeRate.objects.exists()
    assert not Source.objects.exists()
    assert AuditRow.objects.filter(action="removed demo", user=user).count() == 1


def test_there_must_be_a_demo_to_remove_or_to_pull():
    with pytest.raises(Refused, match="no demo data"):
        remove_demo(viewer=SYSTEM)
    with pytest.raises(CommandError, match="no demo data"):
        call_command("demo", "tick")


def test_the_command_prints_sign_ins_and_causes(capsys):
    load()
    call_command("demo", "signins")
    call_command("demo", "causes")
    told = capsys.readouterr().out
    assert "manager@demo.example / demo-manager-2026" in told
    assert "2026-01-04 – 2026-01-05  Payment step broken" in told
    assert "Best sellers: " in told


def test_the_connector_names_no_store_that_it_does_not_know(store):
    shop = Shop(store.pk, store.slug, store.currency, store.zone)
    with pytest.raises(SettingsError, match="no store"):
        Demo({"shop": "nowhere"}, shop).check()
