"""Customers of a source become rows."""

import pyarrow as pa
from django.db import connection, transaction

from core.landing import Landed, accepted
from core.staging import rows, stage, with_column
from stores.models import Origin, Store
from traffic.services.dimensions import country_column

LAND_CUSTOMERS = """
WITH best AS (
    SELECT DISTINCT ON (external_id) * FROM (
        SELECT *, md5(ROW(updated_at, email, name, phone, country, city, accepts_marketing,
            created_at)::text) AS hash
        FROM landing_customer
    ) s
    ORDER BY external_id, updated_at DESC NULLS LAST,
        CASE WHEN updated_at IS NOT NULL THEN hash END DESC, pos DESC
), put AS (
    INSERT INTO sales_customer AS t (store_id, origin_id, external_id, email, name, phone, country,
        city, accepts_marketing, created_at, source_updated_at, content_hash, version,
        order_count, net_spent)
    SELECT %(store)s, %(origin)s, external_id, coalesce(lower(left(btrim(email), 254)), ''),
        coalesce(left(name, 200), ''), coalesce(left(phone, 40), ''), country,
        coalesce(left(city, 120), ''), accepts_marketing, created_at, updated_at, hash, 1, 0, 0
    FROM best ORDER BY external_id
    ON CONFLICT (store_id, origin_id, external_id) DO UPDATE SET email = excluded.email,
        name = excluded.name, phone = excluded.phone, country = excluded.country,
        city = excluded.city, accepts_marketing = excluded.accepts_marketing,
        created_at = excluded.created_at, source_updated_at = excluded.source_updated_at,
        content_hash = excluded.content_hash, version = t.version + 1
    WHERE (t.source_updated_at IS NULL OR excluded.source_updated_at > t.source_updated_at
            OR (excluded.source_updated_at = t.source_updated_at
                AND excluded.content_hash > t.content_hash))
        AND excluded.content_hash <> t.content_hash
    RETURNING old.id IS NULL AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM put
"""


@transaction.atomic
def land_customers(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of customers (columns of CustomerRecord)."""
    good, table = accepted(table, [])
    table = with_column(table, "country", country_column(table["country"]).cast(pa.int32()))
    with connection.cursor() as cursor:
        stage(cursor, "landing_customer", table)
        params = {"store": store.pk, "origin": origin.pk}
        new, changed = rows(cursor, LAND_CUSTOMERS, params)[0]
    return Landed(good, new, changed, good - new - changed)
