"""Eight charts of a shop, from request to bytes with a cold cache, beside raw SQL and DuckDB.

1 M order lines and 5 M events over two years, the same rows for all three in one run. Raw SQL and
DuckDB answer from the rows as they came: order lines, refund lines, orders and events, of which
they make sessions in one pass for the three charts that need them. A second pair of lines gives
them the ready-made sessions that this product works out from events when they land. Every value is
compared with every other's.

Prints a table, and as its last line one JSON object: d30_ms, d730_ms, raw_ratio, duckdb_ratio,
differing; raw_ready_ratio and duckdb_ready_ratio are the ratios over ready-made sessions.
`LINES=100000 EVENTS=500000` makes a smaller shop.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings

import ecomgr.wsgi  # noqa: F401 - everything is loaded as the web process loads it
from accounts.models import User
from benchmarks.shop import LAST_DAY, build
from metrics.answers import ask_many
from metrics.query import Answer, Period, Query, Scope
from stores.models import Membership, Permission, Role, Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINES, EVENTS = int(os.environ.get("LINES", 1_000_000)), int(os.environ.get("EVENTS", 5_000_000))
RUNS = int(os.environ.get("RUNS", 7))
RANGES = {
    30: Period(LAST_DAY - timedelta(29), LAST_DAY),
    730: Period(LAST_DAY - timedelta(729), LAST_DAY),
}
TABLES = (
    "sales_order",
    "sales_orderline",
    "sales_refundline",
    "traffic_session",
    "traffic_event",
)
SLOW_SECONDS = 15

NET = """
SELECT {key}, SUM(net) AS net FROM (
  SELECT {key}, gross - discount AS net FROM sales_orderline
  WHERE store_id = {store} AND is_sale AND day BETWEEN DATE '{a}' AND DATE '{b}'
  UNION ALL
  SELECT {key}, -amount FROM sales_refundline
  WHERE store_id = {store} AND day BETWEEN DATE '{a}' AND DATE '{b}') AS parts
GROUP BY {key}
"""
SOLD = """
SELECT day, SUM(gross - discount) FROM sales_orderline
WHERE store_id = {store} AND is_sale AND day BETWEEN DATE '{a}' AND DATE '{b}' GROUP BY day
"""
ORDERS = """
SELECT day, COUNT(*) FROM sales_order WHERE store_id = {store} AND is_sale
AND day BETWEEN DATE '{a}' AND DATE '{b}' GROUP BY day
"""
VISITS = """
SELECT day, COUNT(*), SUM(viewed), SUM(viewed * carted), SUM(viewed * carted * checked),
  SUM(viewed * carted * checked * bought)
FROM ({visits}) AS visits GROUP BY day
"""
FROM_EVENTS = """
SELECT day, MAX(CASE WHEN kind = 2 THEN 1 ELSE 0 END) AS viewed,
  MAX(CASE WHEN kind = 3 THEN 1 ELSE 0 END) AS carted,
  MAX(CASE WHEN kind = 4 THEN 1 ELSE 0 END) AS checked,
  MAX(CASE WHEN kind = 6 THEN 1 ELSE 0 END) AS bought
FROM (
  SELECT day, visitor, kind, SUM(opens) OVER (PARTITION BY visitor, day ORDER BY "at") AS part FROM (
    SELECT day, visitor, kind, "at", CASE WHEN LAG("at") OVER (PARTITION BY visitor, day ORDER BY "at")
      >= "at" - INTERVAL '30' MINUTE THEN 0 ELSE 1 END AS opens
    FROM traffic_event
    WHERE store_id = {store} AND day BETWEEN DATE '{a}' AND DATE '{b}') AS marked) AS parts
GROUP BY day, visitor, part
"""
READY = """
SELECT day, steps & 1 AS viewed, (steps & 2) / 2 AS carted, (steps & 4) / 4 AS checked,
  (steps & 16) / 16 AS bought
FROM traffic_session WHERE store_id = {store} AND day BETWEEN DATE '{a}' AND DATE '{b}'
"""
AMOUNTS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND data_type = 'numeric'
"""
STEPS = (
    "sessions",
    "product_view_sessions",
    "add_to_cart_sessions",
    "checkout_sessions",
    "purchase_sessions",
)
Values = dict[str, dict[Any, Any]]


def statements(store: Store, period: Period, *, ready: bool = False) -> dict[str, str]:
    """The raw SQL of each chart; the same text runs on Postgres and on DuckDB.

    Sessions, conversion and funnel share one statement over events, or over `ready` sessions.
    """
    names = {"store": store.pk, "a": period.start, "b": period.end}
    return {
        "net_sales": NET.format(key="day", **names),
        "orders": ORDERS.format(**names),
        "sold": SOLD.format(**names),
        "visits": VISITS.format(visits=(READY if ready else FROM_EVENTS).format(**names)),
        "top products": NET.format(key="product", **names) + " ORDER BY net DESC, product LIMIT 10",
        "channels": NET.format(key="channel", **names),
    }


def charts(store: Store, period: Period) -> list[Query]:
    """The same eight charts as questions to the metric registry."""
    scope = Scope(
        (store.pk,),
        (store.zone,),
        store.currency,
        rights=frozenset(Permission.values),
        today=LAST_DAY,
    )
    by_day = [Query([slug], scope, period, ["day"]) for slug in
              ("net_sales", "orders", "average_order", "sessions", "conversion_rate")]  # fmt: skip
    return [
        *by_day,
        Query(["net_sales"], scope, period, ["product"], top=10),
        Query(["net_sales"], scope, period, ["channel"]),
        Query(STEPS, scope, period),
    ]


def told(rows: dict[str, list[tuple[Any, ...]]]) -> Values:
    """What raw rows say, as chart → key → value."""
    pairs = {name: {row[0]: Decimal(row[1]) for row in found} for name, found in rows.items()}
    orders, sessions, sold = pairs["orders"], pairs["visits"], pairs["sold"]
    steps = [sum(counts) for counts in zip(*(row[1:] for row in rows["visits"]), strict=True)]
    return {
        "net_sales": pairs["net_sales"],
        "orders": orders,
        "average_order": {day: sold[day] / orders[day] for day in orders},
        "sessions": sessions,
        "conversion_rate": {day: orders.get(day, Decimal(0)) / sessions[day] for day in sessions},
        "top": pairs["top products"],
        "channels": pairs["channels"],
        "funnel": dict(zip(STEPS, map(Decimal, steps), strict=True)),
    }


def answered(answers: list[Answer]) -> Values:
    """What the registry says, in the same shape."""
    names = (
        "net_sales",
        "orders",
        "average_order",
        "sessions",
        "conversion_rate",
        "top",
        "channels",
    )
    found: Values = {
        name: {row.key[0]: next(iter(row.cells.values())).value for row in answer.rows}
        for name, answer in zip(names, answers, strict=False)
    }
    found["funnel"] = {slug: answers[-1][slug].value for slug in STEPS}
    return found


def differing(left: Values, right: Values) -> int:
    """Values that differ by more than the last digit of a division."""
    count = 0
    for name in left:
        for key in left[name].keys() | right[name].keys():
            a, b = left[name].get(key) or Decimal(0), right[name].get(key) or Decimal(0)
            count += abs(a - b) > Decimal("1e-12")
    return count


def median_ms(work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    """The median of all runs; of three where one takes seconds."""
    times: list[float] = []
    while len(times) < RUNS and (len(times) < 3 or sum(times) < SLOW_SECONDS * 1000):
        before()
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def raw(store: Store, period: Period, **how: bool) -> dict[str, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        found = {}
        for name, statement in statements(store, period, **how).items():
            cursor.execute(statement)
            found[name] = cursor.fetchall()
        return found


def parquet(folder: Path) -> DuckDBPyConnection:
    """The same rows as Parquet in the order of their days, read by DuckDB on two threads."""
    import duckdb

    duck = duckdb.connect(config={"threads": 2})
    for table in TABLES:
        text = folder / f"{table}.csv"
        with connection.cursor() as cursor, text.open("wb") as out:
            cursor.copy_expert(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT csv, HEADER)", out)
            cursor.execute(AMOUNTS, [table])
            exact = {name: "DECIMAL(18, 4)" for (name,) in cursor.fetchall()}
        duck.execute(
            f"COPY (FROM read_csv('{text}', types={exact}) ORDER BY day) "
            f"TO '{folder}/{table}.parquet' (FORMAT parquet)"
        )
        text.unlink()
        duck.execute(f"CREATE VIEW {table} AS FROM '{folder}/{table}.parquet'")
    return duck


def on_duckdb(
    duck: DuckDBPyConnection, store: Store, period: Period, **how: bool
) -> dict[str, Any]:
    asked = statements(store, period, **how)
    return {name: duck.execute(text).fetchall() for name, text in asked.items()}


def page(client: Client, store: Store, period: Period) -> int:
    """The overview board of the product, from request to bytes."""
    address = f"/kpis/board/?store={store.slug}&from={period.start}&to={period.end}&cmp=none&g=day"
    response = client.get(address)
    if response.status_code != 200:
        sys.exit(f"{address} answered {response.status_code}")
    return len(response.content)


def signed_in(store: Store) -> Client:
    user = User.objects.create_user("benchmark@shop.example", None)
    Membership.objects.create(user=user, store=store, role=Role.MANAGER)
    client = Client()
    client.force_login(user)
    return client


def rivals_differ(duck: DuckDBPyConnection, store: Store, period: Period) -> int:
    """Values of the page's charts that raw SQL or DuckDB tell otherwise."""
    values = answered(ask_many(charts(store, period)))
    return sum(
        differing(values, told(rows))
        for ready in (False, True)
        for rows in (
            raw(store, period, ready=ready),
            on_duckdb(duck, store, period, ready=ready),
        )
    )


def measured(store: Store) -> None:
    """Everything of both ranges, as a table and one JSON object."""
    client, result, wrong = signed_in(store), {}, 0
    with tempfile.TemporaryDirectory() as folder:
        duck = parquet(Path(folder))
        for days, period in RANGES.items():
            wrong += rivals_differ(duck, store, period)
            page(client, store, period)
            result[days] = {
                "page": median_ms(partial(page, client, store, period), cache.clear),
                "ask": median_ms(lambda p=period: ask_many(charts(store, p)), cache.clear),
                "page, cached": median_ms(partial(page, client, store, period)),
                "raw": median_ms(partial(raw, store, period)),
                "duckdb": median_ms(partial(on_duckdb, duck, store, period)),
                "raw, ready sessions": median_ms(partial(raw, store, period, ready=True)),
                "duckdb, ready sessions": median_ms(
                    partial(on_duckdb, duck, store, period, ready=True)
                ),
            }
    print(f"\n{'median ms of ' + str(RUNS):<24}{'30 days':>12}{'2 years':>12}")
    for name in result[30]:
        print(f"{name:<24}{result[30][name]:>12.1f}{result[730][name]:>12.1f}")
    print(json.dumps(told_in_short(result) | {"differing": wrong}))


def told_in_short(result: dict[int, dict[str, float]]) -> dict[str, float]:
    years = result[730]
    ratios = {
        "raw_ratio": "raw",
        "duckdb_ratio": "duckdb",
        "raw_ready_ratio": "raw, ready sessions",
        "duckdb_ready_ratio": "duckdb, ready sessions",
    }
    return {
        "d30_ms": round(result[30]["page"], 1),
        "d730_ms": round(years["page"], 1),
        **{key: round(years[name] / years["page"], 1) for key, name in ratios.items()},
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    store = build("bench", lines=LINES, events=EVENTS)
    print(f"{LINES:,} lines and {EVENTS:,} events filled in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    call_command("rollups", "sync")
    call_command("rollups", "rebuild")
    print(f"sessions and rollups in {time.perf_counter() - started:.0f} s")
    measured(store)


if __name__ == "__main__":
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=storages):
        main()
