"""Files that people send through the pages: kept, recognised, previewed, mapped, imported."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.records import Viewer
from accounts.services import record
from connectors.files import imports
from connectors.files.known import choices as known_mappings
from connectors.files.known import headers_hash, mapping_named, recognise
from connectors.files.mapping import Mapping, check, from_json, to_json
from connectors.files.presets.generic import LABELS, PREFIX
from connectors.files.reading import Look, headers_of, look_at
from connectors.models import Mapping as KeptMapping
from connectors.models import Run
from core.errors import Refused
from core.tabular.model import shown
from core.tabular.opening import kind_of
from stores.models import Store

MB = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file that was sent: the name it came with, and where it is kept."""

    key: str
    name: str
    path: Path
    size: int


@dataclass(frozen=True)
class Recognised:
    """What an upload is taken for; `mapping` is None when a person must say."""

    look: Look
    mapping: Mapping | None
    is_remembered: bool = False
    choices: list[tuple[str, str]] = field(default_factory=known_mappings)


def keep_upload(*, store: Store, name: str, chunks: Iterable[bytes]) -> Upload:
    """Keep a sent file under a key of ours; its own name is only shown.

    Raises Refused for what is no table, and for more than UPLOAD_MAX_MB.
    """
    name = Path(name.replace("\\", "/")).name[-120:] or "upload"
    if not kind_of(Path(name)):
        raise Refused(f"“{shown(name)}” is no table: send CSV, TSV, XLSX, Parquet or JSON lines.")
    key = uuid.uuid4().hex
    plain = Path(re.sub(r"[^a-z0-9.]", "", name.lower()))
    ending = "".join(plain.suffixes[-2:] if plain.suffix == ".gz" else plain.suffixes[-1:])
    folder = folder_of(store) / key
    folder.mkdir(parents=True)
    path = folder / f"file{ending if kind_of(Path('x' + ending)) else Path(name).suffix.lower()}"
    limit, size = settings.UPLOAD_MAX_MB * MB, 0
    with path.open("wb") as out:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                path.unlink()
                raise Refused(f"The file is larger than {settings.UPLOAD_MAX_MB} MB.")
            out.write(chunk)
    (folder / "name").write_text(name, encoding="utf-8")
    return Upload(key, name, path, size)


def upload_of(store: Store, key: str) -> Upload:
    """The upload of that key. Raises Refused when it is gone, or is another store's."""
    folder = folder_of(store) / key
    if not re.fullmatch(r"[0-9a-f]{32}", key) or not folder.is_dir():
        raise Refused("This upload is not there any more. Send the file again.")
    path = next((file for file in folder.iterdir() if file.name.startswith("file")), None)
    if path is None:
        raise Refused("This upload is not there any more. Send the file again.")
    name = (folder / "name").read_text(encoding="utf-8")
    return Upload(key, name, path, path.stat().st_size)


def recognise_upload(
    store: Store, upload: Upload, choices: dict[str, Any] | None = None
) -> Recognised:
    """What the file is by its headers: as the store mapped it before, else by our presets.

    Raises Refused, or NeedsChoice for an encoding or delimiter that a person must choose.
    """
    look = look_at(upload.path, choices)
    headers = headers_of(upload.path, choices)
    kept = KeptMapping.objects.filter(store=store, headers_hash=headers_hash(headers)).first()
    if kept is not None:
        return Recognised(look, from_json(kept.spec), is_remembered=True)
    slug = recognise(headers)
    found = mapping_named(slug, headers).adjusted(choices or {}) if slug else None
    return Recognised(look, found)


def blank_mapping(slug: str, headers: list[str]) -> Mapping:
    """The mapping of that name as far as the headers fill it, for a person to complete."""
    return mapping_named(slug, headers)


def mappable_streams() -> list[tuple[str, str]]:
    """What a table may hold, for a form: slug and label."""
    return [(PREFIX + kind, label) for kind, label in LABELS.items()]


@transaction.atomic
def remember_mapping(
    *, viewer: Viewer, store: Store, headers: list[str], mapping: Mapping
) -> KeptMapping:
    """Use this mapping for the store's next files with the same columns."""
    check(mapping)
    kept, _ = KeptMapping.objects.update_or_create(
        store=store,
        headers_hash=headers_hash(headers),
        defaults={"name": mapping.label[:80], "spec": to_json(mapping)},
    )
    record(viewer, "kept mapping", kept, store_id=store.pk)
    return kept


def preview(*, store: Store, upload: Upload, mapping: Mapping) -> imports.Preview:
    """What importing the upload would do: counts by stream, and the rows that would be parked."""
    return imports.dry_run(store=store, path=upload.path, mapping=mapping)


def start_import(
    *, viewer: Viewer, store: Store, upload: Upload, mapping: Mapping, again: bool = False
) -> Run:
    """Queue the upload's import; the run row shows how it goes.

    A file that has been taken in is only read once more when `again` says so.
    """
    told = imports.Told(name=upload.name, again=again)
    return imports.start_import(
        viewer=viewer, store=store, path=upload.path, mapping=mapping, told=told
    )


def folder_of(store: Store) -> Path:
    return Path(settings.DATA_DIR) / "uploads" / str(store.pk)
