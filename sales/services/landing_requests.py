"""Requests for catalogues become rows."""

import pyarrow as pa
from django.db import connection, transaction

from core.landing import Landed, accepted, moments_checked, words_checked
from core.staging import rows, stage
from metrics.marks import mark
from sales.models import CatalogueRequest
from stores.models import Origin, Store
from traffic.services.dimensions import with_dimensions

LAND_REQUESTS = """
WITH best AS (
    SELECT DISTINCT ON (external_id) *, (requested_at AT TIME ZONE %(zone)s)::date AS day,
        md5(ROW(requested_at, kind, email, country, tag, quantity)::text) AS hash
    FROM landing_request ORDER BY external_id, pos DESC
), put AS (
    INSERT INTO sales_cataloguerequest AS t (store_id, origin_id, external_id, kind, requested_at,
        day, channel, country, device, tag, customer_type, is_sale, email, customer_id, quantity,
        content_hash)
    SELECT %(store)s, %(origin)s, b.external_id, b.kind, b.requested_at, b.day, b.channel,
        b.country, b.device, b.tag, 0, true, coalesce(lower(left(btrim(b.email), 254)), ''), c.id,
        coalesce(b.quantity, 1), b.hash
    -- All addresses at once: looked up one by one, each could cost a walk over all customers.
    FROM best b LEFT JOIN (
        SELECT email, (array_agg(id ORDER BY external_id))[1] AS id FROM sales_customer
        WHERE store_id = %(store)s AND email = ANY(ARRAY(
            SELECT DISTINCT lower(btrim(email)) FROM landing_request WHERE email <> ''))
        GROUP BY email
    ) c ON b.email <> '' AND c.email = lower(btrim(b.email))
    ORDER BY b.external_id
    ON CONFLICT (store_id, origin_id, external_id) DO UPDATE SET kind = excluded.kind,
        requested_at = excluded.requested_at, day = excluded.day, country = excluded.country,
        tag = excluded.tag, email = excluded.email, customer_id = excluded.customer_id,
        quantity = excluded.quantity, content_hash = excluded.content_hash
    WHERE t.content_hash <> excluded.content_hash
    RETURNING old.id IS NULL AS is_new, old.day AS old_day, new.day
)
SELECT is_new, old_day, day, count(*) FROM put GROUP BY 1, 2, 3
"""


@transaction.atomic
def land_catalogue_requests(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of catalogue requests (columns of CatalogueRequestRecord)."""
    bad = moments_checked(table, "requested_at")
    bad += words_checked(table, "kind", set(CatalogueRequest.Kind.values))
    good, table = accepted(table, bad)
    if not good:
        return Landed(read=len(bad), rejected=bad)
    params = {"store": store.pk, "origin": origin.pk, "zone": store.zone}
    empty = pa.nulls(good, pa.string())
    for name in ("channel", "device", "content"):
        table = table.append_column(name, empty)
    with connection.cursor() as cursor:
        stage(cursor, "landing_request", with_dimensions(store, origin, table))
        found = rows(cursor, LAND_REQUESTS, params)
    mark(CatalogueRequest, store.pk, {day for row in found for day in row[1:3] if day})
    new = sum(row[3] for row in found if row[0])
    changed = sum(row[3] for row in found if not row[0])
    return Landed(good + len(bad), new, changed, good - new - changed, bad)
