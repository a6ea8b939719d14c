"""From CSV to committed facts and marked days, against a bare COPY of the same final rows.

Orders with their lines and traffic events, deterministic. Prints a table and, as its last line,
one JSON object: `copy_ratio` is our rows a second by those of the bare COPY into tables that have
the same indexes, checks, foreign keys and month partitions (the table also names the time without
foreign keys, which COPY then does not check),
`rows_s` our rows a second, `reimport_speedup` the first time by that of the same rows in a new
file, `same_file_s` how long the identical file takes, `rss_mb_small` and `rss_mb_large` the peak
memory of the importing process for a tenth of the rows and for all.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")
os.environ.setdefault("SECRET_KEY", "benchmark")

STORE = "ingest-benchmark"
START, DAYS = "2023-01-01", 730
TABLES = {
    "sales_order": "store_id = %s",
    "sales_orderline": "store_id = %s",
    "traffic_event": "store_id = %s",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="order lines and events each: half"
    )
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "STORE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(imported(Path(options.child[0]), options.child[1])))
        return 0
    figures = measure(options.rows)
    show(figures)
    print(json.dumps(figures["keys"]))
    return 0


def measure(rows: int) -> dict[str, Any]:
    """Import twice the same rows, the identical file, a tenth; and copy the final rows bare."""
    prepare()
    with tempfile.TemporaryDirectory(prefix="ecomgr-ingest-") as folder:
        large, again, small = (Path(folder) / name for name in ("large", "again", "small"))
        write_files(large, rows)
        write_files(again, rows, turned=True)
        write_files(small, rows // 10)
        tiny = child(small, STORE + "-small")
        first = child(large, STORE)
        bare = bare_copy(STORE)
        unchecked = bare_copy(STORE, foreign_keys=False)
        second = child(again, STORE)
        same = child(large, STORE)
        forget()
    total = first["landed"]
    return {
        "rows": total,
        "bare": bare,
        "unchecked": unchecked,
        "first": first,
        "second": second,
        "keys": {
            "copy_ratio": round(bare["seconds"] / first["seconds"], 3),
            "rows_s": round(total / first["seconds"]),
            "reimport_speedup": round(first["seconds"] / second["seconds"], 2),
            "same_file_s": round(same["seconds"], 3),
            "rss_mb_small": tiny["rss_mb"],
            "rss_mb_large": first["rss_mb"],
        },
    }


def show(figures: dict[str, Any]) -> None:
    """The figures as a table."""
    lines = [
        ("bare COPY of the final rows", figures["bare"]["seconds"]),
        ("… without its foreign keys", figures["unchecked"]["seconds"]),
        ("files connector, first time", figures["first"]["seconds"]),
        ("the same rows in a new file", figures["second"]["seconds"]),
    ]
    print(f"{figures['rows']:,} rows: orders, lines and events")
    for name, seconds in lines:
        print(f"{name:<36}{seconds:>9.2f} s{figures['rows'] / seconds:>12,.0f} rows/s")
    for name, value in figures["keys"].items():
        print(f"{name:<36}{value:>11}")


def write_files(folder: Path, rows: int, *, turned: bool = False) -> None:
    """Half the rows as order lines (two an order) with their order's cells, half as events.

    `turned` writes the same rows in another order: another file with nothing new.
    """
    import numpy as np

    folder.mkdir()
    random = np.random.default_rng(7)
    lines, events = rows // 2, rows // 2
    write_orders(folder / "orders.csv", random, lines, turned)
    write_events(folder / "events.csv", random, events, turned)


def write_orders(path: Path, random: Any, lines: int, turned: bool) -> None:
    import numpy as np
    import pandas as pd

    orders = lines // 2
    placed = pd.Timestamp(START) + pd.to_timedelta(
        np.sort(random.integers(0, DAYS * 86_400, orders)), unit="s"
    )
    frame = pd.DataFrame(
        {
            "order_id": np.repeat(np.arange(1, orders + 1), 2),
            "placed_at": np.repeat(placed.strftime("%Y-%m-%d %H:%M:%S"), 2),
            "status": "paid",
            "country": np.repeat(random.choice(["DE", "FR", "NL", "AT"], orders), 2),
            "line_id": np.tile([1, 2], orders),
            "sku": random.choice([f"SKU-{n:05}" for n in range(5_000)], orders * 2),
            "quantity": random.integers(1, 4, orders * 2),
            "unit_price": np.round(random.uniform(3, 200, orders * 2), 2),
        }
    )
    if turned:
        frame = frame.iloc[np.arange(len(frame)).reshape(-1, 2)[::-1].ravel()]
    frame.to_csv(path, index=False)


def write_events(path: Path, random: Any, events: int, turned: bool) -> None:
    import numpy as np
    import pandas as pd

    at = pd.Timestamp(START) + pd.to_timedelta(
        np.sort(random.integers(0, DAYS * 86_400, events)), unit="s"
    )
    kinds = ["page_view", "view_item", "add_to_cart", "begin_checkout", "purchase"]
    frame = pd.DataFrame(
        {
            "visitor_id": np.char.add(
                "v", random.integers(0, max(events // 8, 1), events).astype(str)
            ),
            "event_id": np.arange(events),
            "timestamp": at.strftime("%Y-%m-%d %H:%M:%S"),
            "event_name": random.choice(kinds, events, p=[0.6, 0.25, 0.08, 0.05, 0.02]),
            "country": random.choice(["DE", "FR", "NL", "AT"], events),
            "device": random.choice(["desktop", "mobile", "tablet"], events),
            "utm_source": random.choice(["google", "newsletter", "direct"], events),
            "page": random.choice([f"/p/{n}" for n in range(500)], events),
        }
    )
    (frame.iloc[::-1] if turned else frame).to_csv(path, index=False)


def child(folder: Path, store: str) -> dict[str, Any]:
    """Import in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, __file__, "--child", str(folder), store]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr[-4000:])
        raise SystemExit(f"The import of {folder.name} failed.")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def imported(folder: Path, slug: str) -> dict[str, Any]:
    """Import both files up to committed facts and marks; the rollups' refresh is not part."""
    setup()
    from accounts.records import SYSTEM
    from connectors.files import imports
    from stores.models import Store

    store = Store.objects.get(slug=slug)
    seconds, landed = 0.0, 0
    for name, mapping_slug in (
        ("orders.csv", "generic_order_lines"),
        ("events.csv", "generic_events"),
    ):
        path = folder / name
        started = time.monotonic()
        mapping = imports.mapping_for(path, mapping_slug)
        run = imports.start_import(viewer=SYSTEM, store=store, path=path, mapping=mapping)
        run = imports.worked_off(run)
        seconds += time.monotonic() - started
        if run.status not in imports.LANDED or run.rows_parked:
            raise SystemExit(f"{run}: {run.get_status_display()} {run.error} {run.counts}")
        landed += run.rows_landed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": seconds, "landed": landed, "rss_mb": peak}


def bare_copy(slug: str, *, foreign_keys: bool = True) -> dict[str, Any]:
    """COPY of the same final rows into empty tables like ours, each in one transaction.

    The store's rows are kept as CSV in memory, deleted from no table: they go into clones.
    """
    setup()
    from django.db import connection, transaction

    from stores.models import Store

    store = Store.objects.get(slug=slug)
    seconds, rows = 0.0, 0
    with connection.cursor() as cursor:
        for table in TABLES:
            columns = stored_columns(cursor, table)
            kept = io.BytesIO()
            cursor.copy_expert(
                f"COPY (SELECT {columns} FROM {table} WHERE store_id = {store.pk}) TO STDOUT", kept
            )
            kept.seek(0)
            clone(cursor, table, foreign_keys=foreign_keys)
            started = time.monotonic()
            with transaction.atomic():
                cursor.copy_expert(f"COPY bare_{table} ({columns}) FROM STDIN", kept)
                rows += cursor.rowcount
            seconds += time.monotonic() - started
            cursor.execute(f"DROP TABLE bare_{table}")
    return {"seconds": seconds, "rows": rows}


def clone(cursor: Any, table: str, *, foreign_keys: bool) -> None:
    """An empty table with the columns, indexes, checks, foreign keys and partitions of `table`."""
    cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
    cursor.execute("SELECT pg_get_partkeydef(%s::regclass)", [table])
    (key,) = cursor.fetchone()
    parted = f" PARTITION BY {key}" if key else ""
    cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL){parted}")
    cursor.execute(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
        "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
        [table],
    )
    for name, bounds in cursor.fetchall():
        cursor.execute(f"CREATE TABLE bare_{name} PARTITION OF bare_{table} {bounds}")
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' "
        "AND conparentid = 0 AND conrelid = %s::regclass",
        [table],
    )
    for (definition,) in cursor.fetchall() if foreign_keys else ():
        cursor.execute(f"ALTER TABLE bare_{table} ADD {definition}")


def stored_columns(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    found: str = cursor.fetchone()[0]
    return found


def prepare() -> None:
    """Two empty stores; what an earlier benchmark left is removed."""
    setup()
    from accounts.records import SYSTEM
    from stores.services import StoreSettings, open_store

    forget()
    for slug in (STORE, STORE + "-small"):
        settings = StoreSettings(name=slug, slug=slug, currency="EUR", zone="UTC")
        open_store(viewer=SYSTEM, settings=settings)


def forget() -> None:
    """Delete the benchmark's stores and all their rows."""
    from django.db import connection

    from connectors.models import Source
    from sales.models import Order
    from stores.models import Channel, Origin, Store
    from traffic.models import Tag

    for store in Store.objects.filter(slug__in=[STORE, STORE + "-small"]):
        with connection.cursor() as cursor:
            for table in store_tables(cursor):
                cursor.execute(f"DELETE FROM {table} WHERE store_id = %s", [store.pk])
        Source.objects.filter(store=store).delete()
        for model in (Order, Tag, Origin, Channel):
            model.objects.filter(store=store).delete()
        Store.objects.filter(pk=store.pk).delete()


def store_tables(cursor: Any) -> list[str]:
    """Big tables first emptied by hand, children before parents: the ORM would load every row."""
    wanted = ["sales_orderline", "sales_order", "traffic_event", "traffic_session",
              "traffic_visitor", "metrics_mark", "connectors_parkedrow"]  # fmt: skip
    cursor.execute(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'store_id'"
    )
    have = {row[0] for row in cursor.fetchall()}
    return [table for table in wanted if table in have]


def setup() -> None:
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
