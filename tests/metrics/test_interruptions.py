"""A killed refresher loses nothing; refreshers and writers at once end equal to the facts."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest
from django.db import connection

from metrics.audit import audit
from metrics.models import Mark
from metrics.refresh import drain
from tests.factories.orders import customer, sell
from tests.factories.traffic import event
from traffic.services.partitions import make_partitions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.serial]


def hand(*words: object) -> subprocess.Popen[bytes]:
    """Another process on this test's database."""
    base = connection.settings_dict
    address = f"{base['HOST']}:{base['PORT']}/{base['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{base['USER']}:{base['PASSWORD']}@{address}",
        "DJANGO_SETTINGS_MODULE": "ecomgr.settings.test",
    }
    command = [sys.executable, "-m", "tests.metrics.hands", *map(str, words)]
    return subprocess.Popen(command, env=environment)


def differing() -> list[tuple[str, int]]:
    return [(found.table, found.differing) for found in audit() if found.differing]


@pytest.fixture
def shop(store, origin):
    make_partitions([date(2026, 1, 1), date(2026, 2, 1)])
    for n in range(1, 5):
        sell(origin, customer(origin), f"2026-01-{n:02d}", "10", channel=n)
        event(store, n % 2, f"2026-01-{n:02d} 10:00")
    return store


@pytest.mark.parametrize("statement", [12, 60])
def test_a_refresher_killed_in_the_middle_leaves_its_marks_and_nothing_half_written(
    shop, statement
):
    assert hand("die", statement).wait(60) == -signal.SIGKILL
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM metrics_mark")
        assert cursor.fetchone()[0] > 0

    drain()

    assert Mark.objects.count() == 0
    assert differing() == []


def test_without_the_transaction_the_same_kill_is_noticed(shop):
    assert hand("die-unprotected").wait(60) == -signal.SIGKILL

    drain()

    assert "rollup_lines_day" in dict(differing())


def test_two_writers_and_two_refreshers_end_equal_to_the_facts(shop):
    seconds = 6
    hands = [hand("write", shop.pk, seed, seconds) for seed in (1, 2)]
    hands += [hand("refresh", seconds) for _ in range(2)]
    assert [each.wait(120) for each in hands] == [0, 0, 0, 0]

    drain()

    assert differing() == []
