"""A folder of two files: orders with their lines, one of them unreadable, and events."""

from connectors.files.mapping import Mapping, Part, to_json
from connectors.files.presets.generic import stream_from

ORDERS = ["order_id", "placed_at", "status", "country", "line_id", "sku", "quantity", "price"]
EVENTS = ["visitor_id", "event_id", "timestamp", "event_name", "device", "utm_source"]
STORE = {"currency": "EUR", "zone": "Europe/Berlin"}


def config(folder) -> dict:
    rows = [
        [f"o{n}", f"2024-03-{n + 1:02} 10:00:00", "paid", "DE", str(m), f"S{m}", "2", f"{n}.50"]
        for n in range(20)
        for m in range(n % 3 + 1)
    ]
    rows.append(["o99", "2024-02-30 10:00:00", "paid", "DE", "1", "S1", "2", "9.50"])
    events = [
        [f"v{n % 4}", f"e{n}", f"2024-03-01 1{n % 10}:00:00", "page_view", "mobile", "google"]
        for n in range(30)
    ]
    write(folder / "orders.csv", ORDERS, rows)
    write(folder / "events.csv", EVENTS, events)
    parts = (
        Part(
            (stream_from("orders", ORDERS), stream_from("lines", ORDERS)),
            file="orders*",
            group_by="order_id",
        ),
        Part((stream_from("events", EVENTS),), file="events*"),
    )
    return {"path": str(folder), "mapping": to_json(Mapping("shop", "A small shop", parts))}


def write(path, headers, rows) -> None:
    path.write_text("\n".join(",".join(row) for row in [headers, *rows]) + "\n", encoding="utf-8")
