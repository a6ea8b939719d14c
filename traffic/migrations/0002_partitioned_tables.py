"""Events and sessions: month partitions by local day, made ahead by `make_partitions`."""

from django.db import migrations

EVENTS = """
CREATE TABLE traffic_event (
    store_id integer NOT NULL,
    day date NOT NULL,
    key uuid NOT NULL,
    at timestamptz NOT NULL,
    visitor integer NOT NULL,
    kind smallint NOT NULL,
    origin integer NOT NULL,
    channel integer NOT NULL DEFAULT 0,
    country smallint NOT NULL DEFAULT 0,
    device smallint NOT NULL DEFAULT 0,
    tag integer NOT NULL DEFAULT 0,
    page integer NOT NULL DEFAULT 0,
    product bigint NOT NULL DEFAULT 0,
    value numeric(18, 4),
    PRIMARY KEY (store_id, day, key)
) PARTITION BY RANGE (day);
CREATE TABLE traffic_event_default PARTITION OF traffic_event DEFAULT;
CREATE INDEX traffic_event_day ON traffic_event USING brin (day) WITH (pages_per_range = 16);
"""

SESSIONS = """
CREATE TABLE traffic_session (
    store_id integer NOT NULL,
    day date NOT NULL,
    key uuid NOT NULL,
    started_at timestamptz NOT NULL,
    seconds integer NOT NULL DEFAULT 0,
    visitor integer NOT NULL,
    origin integer NOT NULL,
    channel integer NOT NULL DEFAULT 0,
    country smallint NOT NULL DEFAULT 0,
    device smallint NOT NULL DEFAULT 0,
    tag integer NOT NULL DEFAULT 0,
    landing_page integer NOT NULL DEFAULT 0,
    events integer NOT NULL DEFAULT 0,
    page_views integer NOT NULL DEFAULT 0,
    product_views integer NOT NULL DEFAULT 0,
    cart_adds integer NOT NULL DEFAULT 0,
    checkouts integer NOT NULL DEFAULT 0,
    purchases integer NOT NULL DEFAULT 0,
    purchase_value numeric(18, 4) NOT NULL DEFAULT 0,
    steps smallint NOT NULL DEFAULT 0,
    is_first boolean NOT NULL DEFAULT false,
    is_derived boolean NOT NULL DEFAULT true,
    PRIMARY KEY (store_id, day, key)
) PARTITION BY RANGE (day);
CREATE TABLE traffic_session_default PARTITION OF traffic_session DEFAULT;
CREATE INDEX traffic_session_day ON traffic_session USING brin (day) WITH (pages_per_range = 16);
CREATE INDEX traffic_session_visitor ON traffic_session (store_id, visitor, day)
    INCLUDE (channel, country, device);
"""


class Migration(migrations.Migration):
    dependencies = [("traffic", "0001_initial")]

    operations = [
        migrations.RunSQL(EVENTS, "DROP TABLE traffic_event"),
        migrations.RunSQL(SESSIONS, "DROP TABLE traffic_session"),
    ]
