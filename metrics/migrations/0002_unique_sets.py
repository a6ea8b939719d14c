"""Who was seen on which day, and what exact counts of different visitors are made from."""

from django.db import migrations

PRESENCE = """
CREATE TABLE metrics_presence (
    store_id integer NOT NULL,
    measure text COLLATE "C" NOT NULL,
    value bigint NOT NULL,
    day date NOT NULL,
    channel integer NOT NULL,
    country integer NOT NULL,
    device integer NOT NULL,
    customer_type integer NOT NULL,
    PRIMARY KEY (store_id, measure, value, day, channel, country, device, customer_type)
);
CREATE INDEX metrics_presence_day ON metrics_presence (store_id, measure, day);
"""

GAP = """
CREATE TABLE metrics_gap (
    store_id integer NOT NULL,
    measure text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    val integer NOT NULL,
    day date NOT NULL,
    prev date NOT NULL,
    n integer NOT NULL,
    PRIMARY KEY (store_id, measure, scope, val, day, prev) INCLUDE (n)
);
"""

CELL = """
CREATE TABLE metrics_cell (
    store_id integer NOT NULL,
    measure text COLLATE "C" NOT NULL,
    month date NOT NULL,
    channel integer NOT NULL,
    country integer NOT NULL,
    device integer NOT NULL,
    bitmap bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (store_id, measure, month, channel, country, device)
);
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]

    operations = [
        migrations.RunSQL(PRESENCE, "DROP TABLE metrics_presence"),
        migrations.RunSQL(GAP, "DROP TABLE metrics_gap"),
        migrations.RunSQL(CELL, "DROP TABLE metrics_cell"),
    ]
