"""Ad spend of a source becomes rows; source tags find their campaign."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from campaigns.models import AdSpend
from core.landing import Landed, WaitingRow, accepted, known_currencies_checked, negative_checked
from core.money_sql import converted_sql
from core.staging import rows, stage, with_column
from metrics.marks import mark
from sales.services.money_sql import rate_sql
from stores.models import Origin, Store
from stores.queries import workspace
from traffic.services.dimensions import with_dimensions

PAID = "cpc"
PREPARE = f"""
CREATE TEMP TABLE landing_spend ON COMMIT DROP AS
WITH best AS (
    SELECT DISTINCT ON (external_id, day) * FROM landing_spend_raw
    ORDER BY external_id, day, pos DESC
), rates AS MATERIALIZED (
    SELECT currency, day, {rate_sql("d.currency", "%(currency)s", "d.day")} AS currency_rate,
        {rate_sql("%(currency)s", "%(reporting)s", "d.day")} AS reporting_rate
    FROM (SELECT DISTINCT currency, day FROM best) d
)
SELECT b.*, r.currency_rate, r.reporting_rate,
    {converted_sql("b.spend", "r.currency_rate")} AS cost,
    md5(ROW(platform, campaign_name, ad_group, ad, b.currency, trim_scale(spend), impressions,
        clicks, channel, country, device, tag)::text) AS hash
FROM best b JOIN rates r ON r.currency = b.currency AND r.day = b.day
"""
COLUMNS = ("channel", "country", "device", "tag", "platform", "campaign_name", "ad_group", "ad",
           "currency", "spend", "spend_reporting", "impressions", "clicks",
           "content_hash")  # fmt: skip
LAND_SPEND = """
WITH put AS (
    INSERT INTO campaigns_adspend AS t (store_id, origin_id, external_id, day, {columns})
    SELECT %(store)s, %(origin)s, left(external_id, 300), day, channel, country, device, tag,
        left(platform, 60), coalesce(left(campaign_name, 300), ''),
        coalesce(left(ad_group, 300), ''), coalesce(left(ad, 300), ''), currency, cost,
        {reporting}, coalesce(impressions, 0), coalesce(clicks, 0), hash
    FROM landing_spend ORDER BY day, external_id
    ON CONFLICT (store_id, origin_id, external_id, day) DO UPDATE SET {assigned}
    WHERE t.content_hash <> excluded.content_hash
    RETURNING old.id IS NULL AS is_new, new.day
)
SELECT is_new, day, count(*) FROM put GROUP BY 1, 2
""".format(
    columns=", ".join(COLUMNS),
    reporting=converted_sql("cost", "reporting_rate"),
    assigned=", ".join(f"{name} = excluded.{name}" for name in COLUMNS),
)
REPRICE = f"""
WITH rates AS (
    SELECT day, {rate_sql("%(currency)s", "%(reporting)s", "d.day")} AS rate
    FROM (SELECT DISTINCT day FROM campaigns_adspend WHERE store_id = %(store)s) d
)
UPDATE campaigns_adspend a SET spend_reporting = {converted_sql("a.spend", "r.rate")}
FROM rates r WHERE a.store_id = %(store)s AND a.day = r.day
    AND a.spend_reporting IS DISTINCT FROM {converted_sql("a.spend", "r.rate")}
RETURNING a.day
"""
MAKE_CAMPAIGNS = """
INSERT INTO campaigns_campaign (store_id, name)
SELECT DISTINCT t.store_id, t.campaign FROM traffic_tag t
WHERE t.store_id = %(store)s AND t.campaign <> ''
    AND NOT EXISTS (SELECT FROM campaigns_campaigntag m WHERE m.tag_id = t.id)
ORDER BY t.campaign
ON CONFLICT DO NOTHING
"""
MAP_TAGS = """
INSERT INTO campaigns_campaigntag (campaign_id, tag_id)
SELECT c.id, t.id FROM traffic_tag t
JOIN campaigns_campaign c ON c.store_id = t.store_id AND c.name = t.campaign
WHERE t.store_id = %(store)s AND t.campaign <> ''
    AND NOT EXISTS (SELECT FROM campaigns_campaigntag m WHERE m.tag_id = t.id)
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def land_spend(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of ad spend (columns of SpendRecord); read again, a day is replaced.

    Spend in a currency without a known rate waits for the rate.
    """
    bad = known_currencies_checked(table, "currency")
    bad += [row for name in ("impressions", "clicks") for row in negative_checked(table, name)]
    good, table = accepted(table, bad)
    if not good:
        return Landed(read=len(bad), rejected=bad)
    params: dict[str, Any] = {
        "store": store.pk,
        "origin": origin.pk,
        "currency": store.currency,
        "reporting": workspace().reporting_currency,
    }
    with connection.cursor() as cursor:
        stage(cursor, "landing_spend_raw", _coded(store, origin, table))
        cursor.execute("DROP TABLE IF EXISTS landing_spend")
        cursor.execute(PREPARE, params)
        waiting = _waiting(cursor)
        found = rows(cursor, LAND_SPEND, params)
    mark(AdSpend, store.pk, {row[1] for row in found})
    map_tags(store=store)
    new = sum(row[2] for row in found if row[0])
    changed = sum(row[2] for row in found if not row[0])
    unchanged = good - new - changed - len(waiting)
    return Landed(good + len(bad), new, changed, unchanged, bad, waiting)


@transaction.atomic
def map_tags(*, store: Store) -> None:
    """Give each source tag that names a campaign and belongs to none the one of that name."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_CAMPAIGNS, {"store": store.pk})
        cursor.execute(MAP_TAGS, {"store": store.pk})


@transaction.atomic
def follow_rates(*, store: Store) -> int:
    """Convert the store's spend by the rates known now; returns rows changed."""
    params: dict[str, Any] = {
        "store": store.pk,
        "currency": store.currency,
        "reporting": workspace().reporting_currency,
    }
    with connection.cursor() as cursor:
        changed = rows(cursor, REPRICE, params)
    mark(AdSpend, store.pk, {row[0] for row in changed})
    return len(changed)


def _coded(store: Store, origin: Origin, table: pa.Table) -> pa.Table:
    table = table.append_column("campaign_name", table["campaign"])
    is_plain = pc.is_null(table["source"])
    table = with_column(table, "source", pc.fill_null(table["source"], table["platform"]))
    medium = pc.if_else(pc.and_(is_plain, pc.is_null(table["medium"])), PAID, table["medium"])
    table = with_column(table, "medium", medium)
    money = pc.fill_null(pc.utf8_upper(pc.utf8_trim_whitespace(table["currency"])), store.currency)
    return with_dimensions(store, origin, with_column(table, "currency", money))


def _waiting(cursor: CursorWrapper) -> list[WaitingRow]:
    without_rate = rows(
        cursor,
        "DELETE FROM landing_spend WHERE currency_rate IS NULL "
        "RETURNING place, external_id, currency",
    )
    return [WaitingRow(place, key, f"rate:{money}") for place, key, money in without_rate]
