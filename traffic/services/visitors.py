"""Visitors' keys turned into dense ids, within the database: a page may bring tens of thousands."""

from django.db.backends.utils import CursorWrapper

# Looked up as one array: joined, every page would read all visitors there are.
FIND = """
CREATE TEMP TABLE landing_visitor ON COMMIT DROP AS
SELECT key, id, false AS is_new FROM traffic_visitor WHERE store_id = %(store)s
    AND key = ANY(ARRAY(SELECT DISTINCT visitor_key FROM {staged})::text[])
"""
# In their order, so that two transactions never wait for each other in a ring. One that another
# made meanwhile is written again as it stands, so that its id comes back.
MAKE = """
WITH made AS (
    INSERT INTO traffic_visitor (store_id, key)
    SELECT %(store)s, key FROM (
        SELECT visitor_key AS key FROM {staged} EXCEPT SELECT key FROM landing_visitor) lacking
    ORDER BY key
    ON CONFLICT (store_id, key) DO UPDATE SET key = excluded.key RETURNING key, id
)
INSERT INTO landing_visitor SELECT key, id, true FROM made
"""


def stage_visitors(cursor: CursorWrapper, store_id: int, staged: str) -> None:
    """Keep the ids of the staged rows' visitors in `landing_visitor (key, id, is_new)`."""
    cursor.execute("DROP TABLE IF EXISTS landing_visitor")
    cursor.execute(FIND.format(staged=staged), {"store": store_id})
    cursor.execute(MAKE.format(staged=staged), {"store": store_id})
