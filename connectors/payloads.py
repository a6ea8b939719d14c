"""What sources sent, kept compressed on disk, so that a better reader can read it again.

The same bytes are kept once for each source and mapping. A payload is landed from the moment that
its rows are: both are written in one transaction.
"""

import gzip
import hashlib
import shutil
from pathlib import Path

from django.core.files.base import ContentFile, File

from connectors.base import Page
from connectors.models import Payload, Run


def keep_bytes(run: Run, stream: str, name: str, raw: bytes) -> Payload:
    """Keep one answer of a source."""
    sha256 = hashlib.sha256(raw).hexdigest()
    kept = _kept(run, sha256, "")
    if kept is not None:
        return kept
    payload = _new(run, stream, name, sha256, len(raw))
    payload.file.save(f"{payload.sha256}.gz", ContentFile(gzip.compress(raw, 3)), save=False)
    payload.save()
    return payload


def keep_file(run: Run, path: Path, *, mapping_hash: str = "") -> Payload:
    """Keep a whole file; its hash is reckoned on the way."""
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    kept = _kept(run, sha256, mapping_hash)
    if kept is not None:
        return kept
    payload = _new(run, "", path.name[:300], sha256, path.stat().st_size)
    payload.mapping_hash = mapping_hash
    packed = path.with_name(f".{path.name}.{run.pk}.gz")
    try:
        with path.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as target:
            shutil.copyfileobj(source, target, 1 << 20)
        with packed.open("rb") as source:
            payload.file.save(f"{sha256}.gz", File(source), save=False)
    finally:
        packed.unlink(missing_ok=True)
    payload.save()
    return payload


def note_landed(run: Run, page: Page, payload: Payload | None) -> None:
    """Note, in the page's transaction, which kept copies it was the last of."""
    done = [payload.pk] if payload else []
    if page.is_last:
        done += run.params.get("payloads", [])
    if done:
        Payload.objects.filter(pk__in=done, is_landed=False).update(is_landed=True)


def opened(payload: Payload) -> bytes:
    """The bytes as they came."""
    with payload.file.open("rb") as packed:
        return gzip.decompress(packed.read())


def unpacked(payload: Payload, folder: Path) -> Path:
    """The bytes as they came, as a file of their own name in the folder."""
    path = folder / Path(payload.name).name
    with payload.file.open("rb") as packed, gzip.open(packed) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return path


def _kept(run: Run, sha256: str, mapping_hash: str) -> Payload | None:
    return Payload.objects.filter(
        source_id=run.source_id, sha256=sha256, mapping_hash=mapping_hash
    ).order_by("-is_landed", "pk").first()  # fmt: skip


def _new(run: Run, stream: str, name: str, sha256: str, size: int) -> Payload:
    return Payload(
        source_id=run.source_id, run=run, stream=stream, name=name, sha256=sha256, size=size
    )
