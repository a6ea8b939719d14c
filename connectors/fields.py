"""Which column of a source becomes which of our fields, with values as they came."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.records import Viewer
from connectors.base import Page, Pulls, QuotaError, SettingsError, TemporaryError, Window
from connectors.files.connector import FilesConnector
from connectors.files.known import headers_hash
from connectors.files.mapping import FieldFrom, Mapping, from_json, kind_of
from connectors.files.reading import Look, look_at
from connectors.files.uploads import remember_mapping
from connectors.models import Drift, Run, Source
from connectors.models import Mapping as KeptMapping
from connectors.reconcile import last_file
from connectors.registry import connector_of
from connectors.streams import STREAMS
from core.columns import required_of
from core.errors import Refused
from core.periods import local_day
from core.tabular.model import shown

SAMPLES = 3
WIDEST = 40
PERSONAL = {"email", "name", "phone", "customer_email", "customer_name"}


@dataclass(frozen=True)
class FieldShown:
    """One of our fields: where its value comes from, how it is read, and a few values."""

    field: str
    column: str
    read: str = ""
    samples: tuple[str, ...] = ()
    required: bool = False
    is_constant: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether its values say who somebody is; only some may see them."""
        return self.field in PERSONAL


@dataclass(frozen=True)
class StreamShown:
    """One stream's fields, and the columns that no field takes."""

    stream: str
    fields: list[FieldShown]
    unused: tuple[str, ...] = ()


class FileFields:
    """How the last file of a source was mapped, and how the next one will be."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.path = Path(run.params["config"]["path"])
        self.used = from_json(run.params["config"]["mapping"])

    @cached_property
    def look(self) -> Look | None:
        """The file's first rows; None when it is not kept any more."""
        try:
            return look_at(self.path, {"encoding": self.used.encoding,
                                       "delimiter": self.used.delimiter})  # fmt: skip
        except (Refused, OSError):
            return None

    @cached_property
    def kept(self) -> Mapping | None:
        """What a person chose for the next files with these columns."""
        if self.look is None:
            return None
        found = KeptMapping.objects.filter(
            store=self.run.store_id, headers_hash=headers_hash(self.look.headers)
        ).first()
        return from_json(found.spec) if found else None

    @property
    def mapping(self) -> Mapping:
        return self.kept or self.used

    @property
    def is_ahead(self) -> bool:
        """Whether the next file will be read in another way than the last one was."""
        return self.kept is not None and self.kept.fingerprint != self.used.fingerprint

    def shown(self) -> list[StreamShown]:
        samples = samples_of(self.look)
        found = []
        for part in self.mapping.parts:
            for stream in part.streams:
                rows = [shown_field(stream.stream, f, samples) for f in stream.fields]
                taken = " ".join(f.column for f in stream.fields)
                unused = tuple(name for name in samples if name not in taken)
                found.append(StreamShown(stream.stream, rows, unused))
        return found


def file_fields(source: Source) -> FileFields | None:
    """The mapping of a source of files; None before its first file."""
    run = last_file(source)
    return FileFields(run) if run and run.params.get("config", {}).get("mapping") else None


def samples_of(look: Look | None) -> dict[str, tuple[str, ...]]:
    """The first different values of each column."""
    if look is None:
        return {}
    found = {}
    for place, header in enumerate(look.headers):
        values = [row[place] for row in look.rows if place < len(row) and row[place]]
        found[header] = tuple(v[:WIDEST] for v in list(dict.fromkeys(values))[:SAMPLES])
    return found


def shown_field(stream: str, target: FieldFrom, samples: dict[str, tuple[str, ...]]) -> FieldShown:
    return FieldShown(
        field=target.to, column=target.column or target.constant, read=kind_of(stream, target),
        samples=samples.get(target.column, ()),
        required=target.to in required_of(STREAMS[stream]), is_constant=not target.column,
    )  # fmt: skip


def pulled_fields(source: Source) -> list[StreamShown]:
    """The fields that a pulled source fills, with values of its last whole day.

    Empty when it does not answer now.
    """
    if source.connector == FilesConnector.slug:
        return []
    day = local_day(timezone.now(), source.store.zone) - timedelta(days=1)
    connector = connector_of(source)
    if not isinstance(connector, Pulls):
        return []
    streams = connector.streams if connector.is_per_stream else (None,)
    found = []
    try:
        for stream in streams:
            page = next(cast(Pulls, connector).pull(stream, None, Window(day, day)), None)
            found += list(fields_in(page)) if page else []
    except (SettingsError, TemporaryError, QuotaError):
        return []
    return found


def fields_in(page: Page) -> Iterable[StreamShown]:
    for batch in page.batches:
        required = required_of(STREAMS[batch.stream])
        head = batch.table.slice(0, 40)
        rows = []
        for name in batch.table.column_names:
            values = [plain(v) for v in head[name].to_pylist() if v not in (None, "")]
            if values:
                few = tuple(dict.fromkeys(values))[:SAMPLES]
                rows.append(FieldShown(name, name, samples=few, required=name in required))
        if rows:
            yield StreamShown(batch.stream, rows)


def plain(value: Any) -> str:
    """A value of a record as people write it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    text = f"{value:f}".rstrip("0").rstrip(".") if hasattr(value, "as_tuple") else shown(value)
    return text[:WIDEST] or "0"


@transaction.atomic
def change_fields(*, viewer: Viewer, source: Source, mapping: Mapping, headers: list[str]) -> None:
    """Read the source's next files with these columns so; their changes of shape are settled."""
    named = replace(mapping, label=mapping.label or source.label)
    remember_mapping(viewer=viewer, store=source.store, headers=headers, mapping=named)
    Drift.objects.filter(source=source, acknowledged_at=None).update(acknowledged_at=timezone.now())
