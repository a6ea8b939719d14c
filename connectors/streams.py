"""The streams that a source may give, and the record class that each one's rows are."""

from campaigns.records import SpendRecord
from catalog.records import ProductRecord
from inventory.records import LevelRecord
from sales.records import (
    CatalogueRequestRecord,
    CustomerRecord,
    LineRecord,
    OrderRecord,
    PaymentRecord,
    RefundRecord,
)
from stores.records import RateRecord
from traffic.records import EventRecord, SessionRecord

# In the order in which rows of one page land: what others refer to comes first.
STREAMS: dict[str, type] = {
    "rates": RateRecord,
    "products": ProductRecord,
    "levels": LevelRecord,
    "customers": CustomerRecord,
    "orders": OrderRecord,
    "lines": LineRecord,
    "payments": PaymentRecord,
    "refunds": RefundRecord,
    "catalogue_requests": CatalogueRequestRecord,
    "events": EventRecord,
    "sessions": SessionRecord,
    "ad_spend": SpendRecord,
}
