"""Rows that could not be taken: kept once each, as they came, until fixed, awaited or dropped."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.models import QuerySet

from connectors.base import Batch, Rejected
from connectors.models import ParkedRow, Run, Source
from connectors.streams import STREAMS
from core.columns import schema_of
from core.landing import Landed
from core.staging import stage

PARK = """
INSERT INTO connectors_parkedrow AS t (store_id, source_id, run_id, stream, key, waits_for,
    row_number, "column", value, reason, remedy, raw, content_hash, status, created_at)
SELECT DISTINCT ON (stream, content_hash) %(store)s, %(source)s, %(run)s, stream, left(key, 300),
    left(waits_for, 300), row_number, left("column", 200), value, left(reason, 400),
    left(remedy, 400), raw::jsonb, content_hash, status, now()
FROM landing_parked ORDER BY stream, content_hash, pos
ON CONFLICT (source_id, stream, content_hash) DO UPDATE SET run_id = excluded.run_id,
    row_number = excluded.row_number,
    status = CASE WHEN t.status = 'applied' THEN excluded.status ELSE t.status END,
    waits_for = CASE WHEN t.status = 'applied' THEN excluded.waits_for ELSE t.waits_for END
"""
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("stream", "key", "waits_for", "column", "value", "reason",
                                      "remedy", "raw", "content_hash", "status")]
    + [("row_number", pa.int64())]
)  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """One row to park."""

    stream: str
    reason: str
    raw: Mapping[str, Any]
    key: str = ""
    waits_for: str = ""
    row_number: int | None = None
    column: str = ""
    value: str = ""
    remedy: str = ""

    def as_row(self) -> dict[str, Any]:
        raw = json.dumps(dict(self.raw), default=str, sort_keys=True, ensure_ascii=False)
        raw = raw.replace("\\u0000", "")
        words = raw if self.waits_for else f"{self.column}\x1f{self.reason}\x1f{raw}"
        return {
            "stream": self.stream,
            "key": self.key,
            "waits_for": self.waits_for,
            "column": self.column,
            "value": self.value.replace("\x00", "")[:2000],
            "reason": self.reason,
            "remedy": self.remedy,
            "raw": raw,
            "content_hash": hashlib.md5(words.encode(), usedforsecurity=False).hexdigest(),
            "status": ParkedRow.Status.WAITING if self.waits_for else ParkedRow.Status.PARKED,
            "row_number": self.row_number,
        }


def park(source: Source, run: Run, refusals: Sequence[Refusal]) -> None:
    """Keep the rows; one that is parked already now belongs to this run, else as it is."""
    if not refusals:
        return
    table = pa.Table.from_pylist([refusal.as_row() for refusal in refusals], schema=SCHEMA)
    with connection.cursor() as cursor:
        stage(cursor, "landing_parked", table)
        cursor.execute(PARK, {"store": source.store_id, "source": source.pk, "run": run.pk})


def unread(rejected: Iterable[Rejected]) -> list[Refusal]:
    """What a reader could not read, ready to park."""
    return [
        Refusal(
            r.stream, r.reason, r.raw, row_number=r.row_number, column=r.column, value=r.value,
            remedy=r.remedy,
        )
        for r in rejected
    ]  # fmt: skip


def refused(batch: Batch, landed: Landed) -> list[Refusal]:
    """What did not land of a batch, with each row as it came, ready to park."""
    positions = [row.position for row in landed.rejected] + [row.position for row in landed.waiting]
    if not positions:
        return []
    raws = dict(zip(positions, batch.table.take(pa.array(positions)).to_pylist(), strict=True))
    bad = [
        Refusal(
            batch.stream, row.reason, raws[row.position], row_number=batch.row_number(row.position),
            column=row.column, value=row.value, remedy=row.remedy,
        )
        for row in landed.rejected
    ]  # fmt: skip
    late = [
        Refusal(
            batch.stream, f"Waits for {row.waits_for.replace(':', ' ', 1)}.", raws[row.position],
            key=row.key, waits_for=row.waits_for, row_number=batch.row_number(row.position),
            remedy="It is taken in as soon as that arrives.",
        )
        for row in landed.waiting
    ]  # fmt: skip
    return bad + late


def is_record(row: ParkedRow) -> bool:
    """Whether the row was read already, so that it can be landed again just as it stands."""
    record_class = STREAMS.get(row.stream)
    return record_class is not None and set(row.raw) == set(schema_of(record_class).names)


def read_again(stream: str, parked: Sequence[ParkedRow]) -> Batch:
    """The parked rows as a batch, as they were when they were parked."""
    schema = schema_of(STREAMS[stream])
    columns = []
    for field in schema:
        values = [row.raw.get(field.name) for row in parked]
        is_text = pa.types.is_decimal(field.type) or pa.types.is_temporal(field.type)
        if is_text:
            columns.append(
                pa.array([None if v is None else str(v) for v in values]).cast(field.type)
            )
        else:
            columns.append(pa.array(values, field.type))
    numbers = pa.array([row.row_number for row in parked], pa.int64())
    return Batch(stream, pa.Table.from_arrays(columns, schema=schema), numbers)


def waiting_for(origin_id: int, keys: Sequence[str] | None) -> QuerySet[ParkedRow]:
    """The rows of an outside account that wait for these names; all that wait when None."""
    found = ParkedRow.objects.filter(
        source__origin_id=origin_id, status=ParkedRow.Status.WAITING
    ).order_by("pk")
    return found if keys is None else found.filter(waits_for__in=keys)
