"""Answers are kept as long as no day that they read was rebuilt, and never longer."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import F

from core.periods import Period
from metrics.answers import ask
from metrics.marks import mark
from metrics.models import RollupState, Version
from metrics.query import Query
from metrics.refresh import refresh
from sales.models import Order
from tests.metrics.rows import DAY, MAY, figure, scope_of, sell, use_rollups

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_keys(settings, request):
    """A prefix of this run's own, so that nothing kept by another run is found."""
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            **settings.CACHES["default"],
            "KEY_PREFIX": f"{request.node.name}-{id(request)}",
        },
    }


def falsify_rollups():
    """Change what the next reading from the tables would find."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rollup_orders_month SET orders = orders + 100")


def test_an_answer_is_kept_until_a_day_that_it_read_is_rebuilt(store):
    sell(store, DAY)
    use_rollups(store)

    first = figure(store, "orders")
    falsify_rollups()
    kept = figure(store, "orders")
    Version.objects.filter(fact="orders", day=DAY).update(n=F("n") + 1)
    computed = figure(store, "orders")

    assert (first, kept, computed) == (1, 1, 101)


def test_another_database_on_the_same_cache_finds_nothing_of_this_one(store, monkeypatch):
    sell(store, DAY)
    use_rollups(store)

    first = figure(store, "orders")
    falsify_rollups()
    monkeypatch.setitem(connection.settings_dict, "NAME", "another shop's")

    assert (first, figure(store, "orders")) == (1, 101)


def test_a_rebuilt_day_outside_the_range_evicts_nothing(store):
    sell(store, DAY)
    sell(store, date(2026, 6, 1))
    use_rollups(store)

    figure(store, "orders")
    falsify_rollups()
    Version.objects.filter(fact="orders", day=date(2026, 6, 1)).update(n=F("n") + 1)

    assert figure(store, "orders") == 1


def test_a_refresh_shows_at_once(store):
    sell(store, DAY)
    use_rollups(store)
    before = figure(store, "orders")

    with transaction.atomic():
        sell(store, DAY)
        mark(Order, store.pk, [DAY])
    waiting = figure(store, "orders")
    refresh("orders", store.pk, [DAY])

    assert (before, waiting, figure(store, "orders")) == (1, 1, 2)


def test_facts_read_while_days_wait_are_not_kept(store):
    sell(store, DAY)
    RollupState.objects.update(is_built=False)
    mark(Order, store.pk, [DAY])
    before = figure(store, "orders")

    sell(store, DAY)

    assert (before, figure(store, "orders")) == (1, 2)


def test_inside_a_transaction_nothing_is_kept_or_taken(store):
    sell(store, DAY)
    use_rollups(store)

    with transaction.atomic():
        falsify_rollups()
        inside = figure(store, "orders")
        transaction.set_rollback(True)

    assert (inside, figure(store, "orders")) == (101, 1)


def test_the_answer_is_the_same_without_a_cache_server(store, settings):
    sell(store, DAY)
    use_rollups(store)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    assert figure(store, "orders") == 1


def test_scopes_do_not_share_what_is_kept(store, charlie):
    other = charlie.memberships.get().store
    sell(store, DAY)
    use_rollups(store, other)

    mine = ask(Query(["orders"], scope_of(store), MAY))
    theirs = ask(Query(["orders"], scope_of(other), MAY))
    one_day = ask(Query(["orders"], scope_of(store), Period(DAY, DAY)))

    assert (mine["orders"].value, theirs["orders"].value, one_day["orders"].value) == (1, 0, 1)
    assert len({mine.version, theirs.version, one_day.version}) == 3
