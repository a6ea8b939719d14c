"""Land records in a test as a page would: in the streams' own order, each in one batch."""

from collections import defaultdict

from connectors.landing import LANDINGS
from connectors.streams import STREAMS
from core.columns import table_of
from core.landing import Landed
from sales.services.customers import settle_customers

STREAM_OF = {record_class: stream for stream, record_class in STREAMS.items()}


def land(store, origin, *records) -> dict[str, Landed]:
    """Each stream's outcome; records of one class make one batch, in the order given."""
    batches = defaultdict(list)
    for record in records:
        batches[type(record)].append(record)
    landed = {}
    for stream, record_class in STREAMS.items():
        if record_class in batches:
            table = table_of(record_class, batches[record_class])
            landed[stream] = LANDINGS[stream](store=store, origin=origin, table=table)
    touched = {pk for done in landed.values() for pk in getattr(done, "customers", ())}
    settle_customers(store.pk, touched)
    return landed
