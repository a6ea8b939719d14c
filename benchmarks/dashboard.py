"""Eight charts of a shop, from request to bytes with a cold cache, beside raw SQL and DuckDB.

1 M order lines and 5 M events over two years, the same rows for all three in one run. Prints a
table, and as its last line one JSON object: d30_ms, d730_ms, raw_ratio, duckdb_ratio, differing.
`LINES=100000 EVENTS=500000` makes a smaller shop.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")
django.setup()

import duckdb  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.shop import LAST_DAY, build  # noqa: E402
from metrics.answers import ask_many  # noqa: E402
from metrics.query import Answer, Period, Query, Scope  # noqa: E402
from stores.models import Membership, Permission, Role, Store  # noqa: E402

LINES, EVENTS = int(os.environ.get("LINES", 1_000_000)), int(os.environ.get("EVENTS", 5_000_000))
RUNS = int(os.environ.get("RUNS", 7))
RANGES = {
    30: Period(LAST_DAY - timedelta(29), LAST_DAY),
    730: Period(LAST_DAY - timedelta(729), LAST_DAY),
}
TABLES = ("sales_order", "sales_orderline", "sales_refundline", "traffic_session")

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
COUNT = """
SELECT day, COUNT(*) FROM {table} WHERE store_id = {store} {sale}
AND day BETWEEN DATE '{a}' AND DATE '{b}' GROUP BY day
"""
FUNNEL = """
SELECT 'all', COUNT(*), SUM(CASE WHEN steps & 1 = 1 THEN 1 ELSE 0 END),
  SUM(CASE WHEN steps & 3 = 3 THEN 1 ELSE 0 END), SUM(CASE WHEN steps & 7 = 7 THEN 1 ELSE 0 END),
  SUM(CASE WHEN steps & 23 = 23 THEN 1 ELSE 0 END)
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


def statements(store: Store, period: Period) -> dict[str, str]:
    """The raw SQL of each chart; the same text runs on Postgres and on DuckDB."""
    names = {"store": store.pk, "a": period.start, "b": period.end}
    orders = COUNT.format(table="sales_order", sale="AND is_sale", **names)
    sessions = COUNT.format(table="traffic_session", sale="", **names)
    top = NET.format(key="product", **names) + " ORDER BY net DESC, product LIMIT 10"
    return {
        "net_sales": NET.format(key="day", **names),
        "orders": orders,
        "sold": SOLD.format(**names),
        "sessions": sessions,
        "orders again, for conversion": orders,
        "top products": top,
        "channels": NET.format(key="channel", **names),
        "funnel": FUNNEL.format(**names),
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
    orders, sessions, sold = pairs["orders"], pairs["sessions"], pairs["sold"]
    return {
        "net_sales": pairs["net_sales"],
        "orders": orders,
        "average_order": {day: sold[day] / orders[day] for day in orders},
        "sessions": sessions,
        "conversion_rate": {day: orders.get(day, Decimal(0)) / sessions[day] for day in sessions},
        "top": pairs["top products"],
        "channels": pairs["channels"],
        "funnel": dict(zip(STEPS, map(Decimal, rows["funnel"][0][1:]), strict=True)),
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
    times = []
    for _ in range(RUNS):
        before()
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def raw(store: Store, period: Period) -> dict[str, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        found = {}
        for name, statement in statements(store, period).items():
            cursor.execute(statement)
            found[name] = cursor.fetchall()
        return found


def parquet(folder: Path) -> duckdb.DuckDBPyConnection:
    """The same rows as Parquet, read by DuckDB on two threads."""
    duck = duckdb.connect(config={"threads": 2})
    for table in TABLES:
        text = folder / f"{table}.csv"
        with connection.cursor() as cursor, text.open("wb") as out:
            cursor.copy_expert(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT csv, HEADER)", out)
            cursor.execute(AMOUNTS, [table])
            exact = {name: "DECIMAL(18, 4)" for (name,) in cursor.fetchall()}
        duck.execute(
            f"COPY (FROM read_csv('{text}', types={exact})) TO '{folder}/{table}.parquet' (FORMAT parquet)"
        )
        text.unlink()
        duck.execute(f"CREATE VIEW {table} AS FROM '{folder}/{table}.parquet'")
    return duck


def on_duckdb(duck: duckdb.DuckDBPyConnection, store: Store, period: Period) -> dict[str, Any]:
    return {name: duck.execute(text).fetchall() for name, text in statements(store, period).items()}


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


def main() -> None:
    started = time.perf_counter()
    store = build("bench", lines=LINES, events=EVENTS)
    print(f"{LINES:,} lines and {EVENTS:,} events filled in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    call_command("rollups", "sync")
    call_command("rollups", "rebuild")
    print(f"sessions and rollups in {time.perf_counter() - started:.0f} s")
    client, result, wrong = signed_in(store), {}, 0
    with tempfile.TemporaryDirectory() as folder:
        duck = parquet(Path(folder))
        for days, period in RANGES.items():
            values = answered(ask_many(charts(store, period)))
            wrong += differing(values, told(raw(store, period)))
            wrong += differing(values, told(on_duckdb(duck, store, period)))
            page(client, store, period)
            result[days] = {
                "page": median_ms(lambda p=period: page(client, store, p), cache.clear),
                "ask": median_ms(lambda p=period: ask_many(charts(store, p)), cache.clear),
                "page, cached": median_ms(lambda p=period: page(client, store, p)),
                "raw": median_ms(lambda p=period: raw(store, p)),
                "duckdb": median_ms(lambda p=period: on_duckdb(duck, store, p)),
            }
    print(f"\n{'median ms of ' + str(RUNS):<22}{'30 days':>12}{'2 years':>12}")
    for name in result[30]:
        print(f"{name:<22}{result[30][name]:>12.1f}{result[730][name]:>12.1f}")
    print(json.dumps({
        "d30_ms": round(result[30]["page"], 1), "d730_ms": round(result[730]["page"], 1),
        "raw_ratio": round(result[730]["raw"] / result[730]["page"], 1),
        "duckdb_ratio": round(result[730]["duckdb"] / result[730]["page"], 1),
        "differing": wrong,
    }))  # fmt: skip


if __name__ == "__main__":
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=storages):
        main()
