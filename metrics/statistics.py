"""Statistics for the planner where rows arrive faster than Postgres takes them by itself."""

from collections.abc import Collection

from django.db import connection

# A table that has doubled since its statistics were taken is planned as if it were small.
OUTGROWN = """
SELECT relname FROM pg_class
WHERE relname = ANY(%s) AND relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND pg_relation_size(oid) / current_setting('block_size')::int > 2 * relpages + 32
ORDER BY relname
"""


def keep_statistics(tables: Collection[str]) -> list[str]:
    """Take statistics of the tables that have outgrown theirs; returns which.

    Rows of the running transaction count. A table that somebody else is at is left to them.
    """
    with connection.cursor() as cursor:
        cursor.execute(OUTGROWN, [sorted(tables)])
        found = [row[0] for row in cursor]
        for table in found:
            # The name comes from the database's own catalogue.
            cursor.execute(f'ANALYZE (SKIP_LOCKED) "{table}"')
    return found
