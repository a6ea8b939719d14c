"""All that a store holds, told in the sources' own words, so that two stores can be compared."""

from django.db import connection

DIMENSIONS = """x.day::text, (SELECT slug FROM stores_channel WHERE id = x.channel), x.country, x.device,
    (SELECT concat_ws('/', source, medium, campaign, content) FROM traffic_tag WHERE id = x.tag)"""
SALES = f"{DIMENSIONS}, x.customer_type, x.is_sale"
GOODS = """(SELECT external_id FROM catalog_product WHERE id = x.product),
    (SELECT slug FROM catalog_category WHERE id = x.category)"""
ORDER = "(SELECT external_id FROM sales_order WHERE id = x.order_id)"
CUSTOMER = "(SELECT external_id FROM sales_customer WHERE id = x.customer_id)"

TABLES = {
    "products": """SELECT external_id, title, status, (SELECT slug FROM catalog_category
        WHERE id = x.category_id), (SELECT name FROM catalog_brand WHERE id = x.brand_id),
        tags::text FROM catalog_product x""",
    "variants": """SELECT external_id, (SELECT external_id FROM catalog_product
        WHERE id = x.product_id), sku, price, cost FROM catalog_variant x""",
    "levels": """SELECT (SELECT external_id FROM catalog_variant WHERE id = x.variant_id),
        (SELECT name FROM inventory_location WHERE id = x.location_id), on_hand, committed
        FROM inventory_level x""",
    "customers": """SELECT external_id, email, name, country, first_order_at, last_order_at,
        order_count, net_spent FROM sales_customer x""",
    "orders": f"""SELECT external_id, number, status, placed_at, first_day, currency, currency_rate,
        reporting_rate, line_count, shipping, shipping_reporting, order_discount, total,
        {CUSTOMER}, {SALES} FROM sales_order x""",
    "lines": f"""SELECT {ORDER}, external_id, sku, title, quantity, gross, gross_reporting, discount,
        discount_reporting, tax, cost, {GOODS}, {SALES} FROM sales_orderline x""",
    "payments": f"""SELECT {ORDER}, external_id, method, status, amount, amount_reporting, {SALES}
        FROM sales_payment x""",
    "refunds": f"""SELECT {ORDER}, external_id, refunded_at, order_day::text, reason, shipping, {SALES}
        FROM sales_refund x""",
    "refund_lines": f"""SELECT (SELECT external_id FROM sales_refund WHERE id = x.refund_id),
        external_id, (SELECT external_id FROM sales_orderline WHERE id = x.line_id), amount, tax,
        cost, quantity, order_day::text, {GOODS}, {SALES} FROM sales_refundline x""",
    "catalogue_requests": f"""SELECT external_id, kind, email, quantity, {SALES}
        FROM sales_cataloguerequest x""",
    "events": f"""SELECT (SELECT key FROM traffic_visitor WHERE id = x.visitor), at, kind, value,
        (SELECT path FROM traffic_page WHERE id = x.page),
        (SELECT external_id FROM catalog_product WHERE id = x.product), {DIMENSIONS}
        FROM traffic_event x""",
    "sessions": f"""SELECT (SELECT key FROM traffic_visitor WHERE id = x.visitor), started_at,
        seconds, events, page_views, steps, {DIMENSIONS} FROM traffic_session x
        WHERE NOT is_derived AND""",
    "ad_spend": f"""SELECT external_id, campaign_name, spend, spend_reporting, impressions, clicks,
        {DIMENSIONS} FROM campaigns_adspend x""",
    "campaigns": """SELECT name, (SELECT count(*) FROM campaigns_campaigntag m
        WHERE m.campaign_id = x.id) FROM campaigns_campaign x""",
}


def facts_of(store) -> dict[str, list[str]]:
    """Each table's rows, sorted; ids of ours appear nowhere."""
    found = {}
    with connection.cursor() as cursor:
        for name, sql in TABLES.items():
            where = "" if sql.rstrip().endswith("AND") else " WHERE"
            cursor.execute(f"{sql}{where} x.store_id = %s", [store.pk])
            found[name] = sorted(str(row) for row in cursor.fetchall())
    return found
