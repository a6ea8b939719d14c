"""What a database holds, told without its own ids and clocks, so that two can be compared."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

Held = dict[str, Counter[str]]

TABLES = """
SELECT c.table_name FROM information_schema.columns c
JOIN pg_class k ON k.relname = c.table_name AND k.relnamespace = 'public'::regnamespace
WHERE c.table_schema = 'public' AND k.relkind IN ('r', 'p') AND NOT k.relispartition
  AND (c.table_name ~ '^(catalog|inventory|sales|traffic|campaigns|rollup)_'
       OR c.table_name IN ('stores_exchangerate', 'metrics_presence', 'metrics_gap',
                           'connectors_cursor', 'connectors_parkedrow', 'connectors_run'))
GROUP BY 1 ORDER BY 1
"""
# How each kind of id is told: by what the source calls the row.
NAMES = {
    "product": "SELECT id, external_id FROM catalog_product",
    "variant": "SELECT id, external_id FROM catalog_variant",
    "category": "SELECT id, slug FROM catalog_category",
    "brand": "SELECT id, name FROM catalog_brand",
    "location": "SELECT id, name FROM inventory_location",
    "customer": "SELECT id, external_id || ' ' || email FROM sales_customer",
    "order": "SELECT id, external_id FROM sales_order",
    "line": "SELECT l.id, o.external_id || '/' || l.external_id FROM sales_orderline l "
    "JOIN sales_order o ON o.id = l.order_id",
    "refund": "SELECT id, external_id FROM sales_refund",
    "visitor": "SELECT id, key FROM traffic_visitor",
    "page": "SELECT id, path FROM traffic_page",
    "tag": "SELECT id, concat_ws('|', source, medium, campaign, content) FROM traffic_tag",
    "campaign": "SELECT id, name FROM campaigns_campaign",
}
KINDS = {f"{kind}_id": kind for kind in NAMES} | {
    "product": "product",
    "category": "category",
    "parent_id": "category",
    "visitor": "visitor",
    "landing_page": "page",
    "page": "page",
    "tag": "tag",
}
PRESENCE = {"visitors": "visitor", "customers": "customer"}
# Ids and clocks of the database's own, and hashes that are reckoned from such ids. How often a
# product's row was written depends on which source names it first: its sales or its page views.
OWN = {"id", "created_at", "updated_at", "moved_at", "run_id", "content_hash"}
OWN_OF_TABLE = {
    "catalog_product": {"version"},
    "connectors_run": {"params", "error", "notes", "user_id", "started_at", "finished_at"},
    "traffic_session": {"key"},
    "traffic_firstsession": {"key"},
}


def held(cursor: Any) -> Held:
    """Every table's rows as digests; empty tables are left out."""
    names = {kind: told(cursor, sql) for kind, sql in NAMES.items()}
    cursor.execute(TABLES)
    found = {table: digests(cursor, table, names) for (table,) in cursor.fetchall()}
    return {table: rows for table, rows in found.items() if rows}


def told(cursor: Any, sql: str) -> dict[int, str]:
    cursor.execute(sql)
    return dict(cursor.fetchall())


def digests(cursor: Any, table: str, names: Mapping[str, Mapping[int, str]]) -> Counter[str]:
    # The table's name comes from the database's own catalogue.
    cursor.execute(f'SELECT * FROM "{table}"')
    columns = [each[0] for each in cursor.description]
    own = OWN | OWN_OF_TABLE.get(table, set())
    return Counter(
        digest(plain(dict(zip(columns, row, strict=True)), own, names)) for row in cursor
    )


def plain(
    row: dict[str, Any], own: set[str], names: Mapping[str, Mapping[int, str]]
) -> dict[str, Any]:
    """The row with the source's names in place of ids."""
    kept = {column: value for column, value in row.items() if column not in own}
    for column in kept.keys() & KINDS.keys():
        kept[column] = names[KINDS[column]].get(kept[column], kept[column])
    if "measure" in row and "value" in row:
        kept["value"] = names[kind_of_measure(row["measure"])].get(row["value"], row["value"])
    return kept


def kind_of_measure(measure: str) -> str:
    return next(kind for word, kind in PRESENCE.items() if word in measure)


def digest(row: Mapping[str, Any]) -> str:
    text = repr(sorted((column, str(value)) for column, value in row.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(found: Held) -> str:
    """One short hash over everything."""
    whole = hashlib.sha256()
    for table, rows in sorted(found.items()):
        whole.update(f"{table} {sorted(rows.items())}".encode())
    return whole.hexdigest()[:16]


def differences(one: Held, other: Held) -> dict[str, int]:
    """Rows that only one of the two has, by table."""
    tables = one.keys() | other.keys()
    none: Counter[str] = Counter()
    found = {
        table: ((one.get(table, none) - other.get(table, none)).total())
        + ((other.get(table, none) - one.get(table, none)).total())
        for table in sorted(tables)
    }
    return {table: count for table, count in found.items() if count}
