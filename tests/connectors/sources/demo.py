"""The simulated shop's smaller store, two months of it at a twentieth of its volume."""

from datetime import UTC, datetime

STORE = {"currency": "GBP", "zone": "Europe/London"}
UNTIL = datetime(2026, 1, 15, 9, 20, tzinfo=UTC)


def config(folder) -> dict:
    return {
        "shop": "demo-uk",
        "seed": 7,
        "anchor": "2026-01-15",
        "days": 62,
        "scale": 0.05,
        "until": int(UNTIL.timestamp()),
    }
