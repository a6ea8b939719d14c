"""Tables that live as long as one transaction, for work in several statements."""

from django.db import connection

from metrics.derived import Params


def temporary(name: str, select: str, params: Params, *, joined_by: str) -> None:
    """Keep the rows of a SELECT until the transaction ends, with statistics of some columns.

    Dropped first when the same transaction made it before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.' || %s) IS NOT NULL", [name])
        if cursor.fetchone()[0]:
            cursor.execute(f"DROP TABLE pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}", params)
        cursor.execute(f"ANALYZE {name} ({joined_by})")
