"""Other processes for tests: refreshers that die, refreshers and writers at the same time.

python -m tests.metrics.hands refresh SECONDS | die STATEMENT | die-unprotected | write STORE SEED SECONDS
"""

import os
import random
import signal
import sys
import time
from contextlib import nullcontext
from datetime import date, timedelta

import django


def refresh(seconds: str) -> None:
    from metrics.refresh import drain

    ends = time.monotonic() + float(seconds)
    while time.monotonic() < ends:
        drain(wait=False)
        time.sleep(0.02)


def die(statement: str) -> None:
    """Drain the marks, killed with SIGKILL just before the n-th statement."""
    from django.db import connection

    from metrics.refresh import drain

    left = int(statement)

    def countdown(execute, sql, params, many, context):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(countdown):
        drain()


def die_unprotected() -> None:
    """The same without the transaction: what the test must notice."""
    from metrics import refresh

    class NoTransaction:
        atomic = staticmethod(nullcontext)

    refresh.transaction = NoTransaction
    refresh.recompute = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    refresh.drain(name="lines")


def write(store: str, seed: str, seconds: str) -> None:
    from django.db import transaction

    from sales.models import Customer
    from stores.models import Origin, Store
    from tests.factories.orders import sell
    from tests.factories.traffic import event, key_of

    chance, ends, n = random.Random(seed), time.monotonic() + float(seconds), 0
    shop = Store.objects.get(pk=store)
    origin = Origin.objects.filter(store=shop).get()
    buyers = list(Customer.objects.filter(store=shop).order_by("pk"))
    while time.monotonic() < ends:
        n += 1
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(40))
        with transaction.atomic():
            event(
                shop,
                chance.randrange(6),
                f"{day} {chance.randrange(24):02d}:{chance.randrange(60):02d}",
                key=key_of(seed, n),
                channel=chance.randrange(3),
            )
            sell(origin, chance.choice(buyers), str(day), external_suffix(seed, n))


def external_suffix(seed: str, n: int) -> str:
    return str(1 + (int(seed) * 7 + n) % 90)


if __name__ == "__main__":
    django.setup()
    verb, *words = sys.argv[1:]
    {"refresh": refresh, "die": die, "die-unprotected": die_unprotected, "write": write}[verb](
        *words
    )
