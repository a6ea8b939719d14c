"""Words of a source turned into the small numbers that facts are grouped by."""

import pyarrow as pa
import pyarrow.compute as pc

from core.countries import country_number
from core.staging import distinct, recoded, with_column
from stores.models import Origin, Store
from stores.services import channel_ids
from traffic.models import Device
from traffic.services.tags import tag_column

DEVICES = {name.lower(): value for name, value in zip(Device.names, Device.values, strict=True)}
DEVICES |= {
    "phone": Device.MOBILE,
    "smartphone": Device.MOBILE,
    "web": Device.DESKTOP,
    "computer": Device.DESKTOP,
    "computers": Device.DESKTOP,
    "pc": Device.DESKTOP,
    "tablets": Device.TABLET,
    "ios": Device.APP,
    "android": Device.APP,
}


def with_dimensions(store: Store, origin: Origin, table: pa.Table) -> pa.Table:
    """The table with `channel`, `country`, `device` and `tag` as numbers, their words gone.

    A row that names no channel belongs to the origin's own. An unknown channel is opened.
    """
    channel = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    if "channel" in table.column_names:
        channel = table["channel"]
    slugs = channel_ids(store, distinct(channel))
    numbers = {
        "channel": recoded(channel, slugs, origin.channel_id),
        "country": _recoded_words(table, "country"),
        "device": _recoded_words(table, "device"),
        "tag": tag_column(store, table),
    }
    for name, column in numbers.items():
        table = with_column(table, name, column.cast(pa.int32()))
    gone = [
        name for name in ("source", "medium", "campaign", "content") if name in table.schema.names
    ]
    return table.drop_columns(gone)


def country_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The numeric code of each row's country; 0 when it is not known."""
    return recoded(column, {word: country_number(word) for word in distinct(column)})


def _recoded_words(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(0), table.num_rows)])
    if name == "country":
        return country_column(table[name])
    words = pc.utf8_lower(pc.utf8_trim_whitespace(table[name]))
    return recoded(words, {word: DEVICES.get(word, 0) for word in distinct(words)})
