"""Stock levels of a source become rows."""

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from catalog.services.matching import matches_of, sku_key
from core.landing import BadRow, Landed, WaitingRow
from core.staging import distinct, ids_of, rows, stage
from stores.models import Origin, Store

LAND_LEVELS = """
WITH best AS (
    SELECT DISTINCT ON (variant, location_id) *
    FROM landing_level ORDER BY variant, location_id, as_of DESC NULLS LAST,
        CASE WHEN as_of IS NOT NULL THEN (on_hand, committed, incoming) END DESC, pos DESC
), put AS (
    INSERT INTO inventory_level AS t (store_id, origin_id, variant_id, location_id, on_hand,
        committed, incoming, as_of)
    SELECT %(store)s, %(origin)s, variant, location_id, coalesce(on_hand, 0),
        coalesce(committed, 0), coalesce(incoming, 0), coalesce(as_of, now())
    FROM best ORDER BY variant, location_id
    ON CONFLICT (store_id, variant_id, location_id) DO UPDATE SET on_hand = excluded.on_hand,
        committed = excluded.committed, incoming = excluded.incoming, as_of = excluded.as_of,
        origin_id = excluded.origin_id
    WHERE excluded.as_of > t.as_of OR (excluded.as_of = t.as_of
        AND (excluded.on_hand, excluded.committed, excluded.incoming)
        > (t.on_hand, t.committed, t.incoming))
    RETURNING old.id IS NULL AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM put
"""


@transaction.atomic
def land_levels(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of levels (columns of LevelRecord); the newest telling of one stands.

    A level whose SKU is not known waits for it.
    """
    named = list(
        zip(
            *([value or "" for value in table[name].to_pylist()] for name in ("variant_id", "sku")),
            strict=True,
        )
    )
    wanted = sorted({("", variant, sku, "") for variant, sku in named})
    found = {(w[1], w[2]): match.variant for w, match in matches_of(store, origin, wanted).items()}
    bad, waiting = _unmatched(named, found)
    variants = pa.array([found[pair] for pair in named], pa.int64())
    places = ids_of("inventory_location", "name", store.pk, _places(table))
    locations = pa.array([places[name[:120]] for name in table["location"].to_pylist()], pa.int64())
    coded = table.append_column("variant", variants).append_column("location_id", locations)
    coded = coded.filter(pc.is_valid(coded["variant"]))
    with connection.cursor() as cursor:
        stage(cursor, "landing_level", coded)
        new, changed = rows(cursor, LAND_LEVELS, {"store": store.pk, "origin": origin.pk})[0]
    unchanged = coded.num_rows - new - changed
    return Landed(table.num_rows, new, changed, unchanged, bad, waiting)


def _places(table: pa.Table) -> list[str]:
    return sorted({name[:120] for name in distinct(table["location"])})


def _unmatched(
    named: list[tuple[str, ...]], found: dict[tuple[str, str], int | None]
) -> tuple[list[BadRow], list[WaitingRow]]:
    bad, waiting = [], []
    for position, (variant, sku) in enumerate(named):
        if found[variant, sku] is not None:
            continue
        if sku:
            waiting.append(WaitingRow(position, sku, f"sku:{sku_key(sku)}"))
        else:
            bad.append(
                BadRow(position, "sku", "", "The row names no product.", "Give an id or a SKU.")
            )
    return bad, waiting
