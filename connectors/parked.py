"""All parked rows of a source at once: as a file, tried again, or given up."""

import csv
from collections import defaultdict
from collections.abc import Iterator

from django.db import transaction

from accounts.records import Viewer
from accounts.services import record
from connectors.landing import Tally, apply_parked, land_batches
from connectors.models import ParkedRow, Source
from connectors.parking import is_record
from connectors.streams import STREAMS
from core.tabular.error_file import COLUMNS, safe_cell
from sales.services.customers import settle_customers

AT_ONCE = 20_000


class Line:
    """A file of one line: what is written is handed on at once."""

    def write(self, text: str) -> str:
        return text


def error_file(source: Source, *, with_values: bool = True) -> Iterator[str]:
    """The parked rows as CSV, one line each: row, column, value, reason, remedy.

    The value stays empty for who may not see what rows hold.
    """
    writer = csv.writer(Line())
    yield writer.writerow(["Stream", *COLUMNS])
    rows = ParkedRow.objects.filter(source=source, status=ParkedRow.Status.PARKED)
    for row in rows.order_by("stream", "row_number", "pk").iterator(chunk_size=2000):
        cells = (
            row.stream,
            str(row.row_number or ""),
            row.column,
            row.value if with_values else "",
            row.reason,
            row.remedy,
        )
        yield writer.writerow([safe_cell(cell) for cell in cells])


@transaction.atomic
def retry_all(*, viewer: Viewer, source: Source) -> int:
    """Try every parked row again that could be read; returns how many were taken.

    At most 20,000 rows at once, the oldest first.
    """
    parked = ParkedRow.objects.select_for_update().filter(
        source=source, status=ParkedRow.Status.PARKED
    )
    by_stream: dict[str, list[ParkedRow]] = defaultdict(list)
    for row in parked.order_by("pk")[:AT_ONCE]:
        if is_record(row):
            by_stream[row.stream].append(row)
    tally = Tally()
    for stream in STREAMS:
        if by_stream[stream]:
            apply_parked(source, stream, by_stream[stream], tally)
    ParkedRow.objects.filter(pk__in=tally.applied).update(status=ParkedRow.Status.APPLIED)
    if tally.customers:
        settle_customers(source.store_id, sorted(tally.customers))
    land_batches(source, [], tally)
    record(viewer, "tried parked rows again", source, changes={"taken": [0, len(tally.applied)]})
    return len(tally.applied)


@transaction.atomic
def drop_all(*, viewer: Viewer, source: Source) -> int:
    """Give every parked row up; returns how many."""
    parked = ParkedRow.objects.filter(source=source, status=ParkedRow.Status.PARKED)
    count = parked.update(status=ParkedRow.Status.DROPPED)
    record(viewer, "dropped parked rows", source, changes={"dropped": [0, count]})
    return count
