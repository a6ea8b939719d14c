"""Events follow a product that turned out to be another."""

from collections.abc import Mapping

from django.db import connection, transaction

from core.staging import rows
from metrics.marks import mark
from traffic.models import Event

# Only bare products are ever replaced: what a source described stays its own.
FOLLOW = """
UPDATE traffic_event e SET product = w.becomes
FROM unnest(%(was)s::bigint[], %(becomes)s::bigint[]) AS w(was, becomes)
JOIN catalog_product p ON p.id = w.was AND p.content_hash = ''
WHERE e.store_id = %(store)s AND e.product = w.was
RETURNING e.day
"""


@transaction.atomic
def follow_events(*, store_id: int, replaced: Mapping[int, int]) -> int:
    """Let events of each bare product be of the one that replaces it; returns events changed."""
    if not replaced:
        return 0
    params = {"store": store_id, "was": list(replaced), "becomes": list(replaced.values())}
    with connection.cursor() as cursor:
        changed = rows(cursor, FOLLOW, params)
    mark(Event, store_id, {row[0] for row in changed})
    return len(changed)
