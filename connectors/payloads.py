"""What sources sent, kept compressed on disk, so that a better reader can read it again."""

import gzip
import hashlib
import shutil
from pathlib import Path

from django.core.files.base import ContentFile, File

from connectors.models import Payload, Run


def keep_bytes(run: Run, stream: str, name: str, raw: bytes) -> Payload:
    """Keep one answer of a source."""
    payload = _new(run, stream, name, hashlib.sha256(raw).hexdigest(), len(raw))
    payload.file.save(f"{payload.sha256}.gz", ContentFile(gzip.compress(raw, 3)), save=False)
    payload.save()
    return payload


def keep_file(run: Run, path: Path, *, mapping_hash: str = "") -> Payload:
    """Keep a whole file; its hash is reckoned on the way."""
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    payload = _new(run, "", path.name[:300], sha256, path.stat().st_size)
    payload.mapping_hash = mapping_hash
    packed = path.with_name(f".{path.name}.{run.pk}.gz")
    try:
        with path.open("rb") as source, gzip.open(packed, "wb", compresslevel=3) as target:
            shutil.copyfileobj(source, target, 1 << 20)
        with packed.open("rb") as source:
            payload.file.save(f"{sha256}.gz", File(source), save=False)
    finally:
        packed.unlink(missing_ok=True)
    payload.save()
    return payload


def opened(payload: Payload) -> bytes:
    """The bytes as they came."""
    with payload.file.open("rb") as packed:
        return gzip.decompress(packed.read())


def _new(run: Run, stream: str, name: str, sha256: str, size: int) -> Payload:
    return Payload(
        source_id=run.source_id, run=run, stream=stream, name=name, sha256=sha256, size=size
    )
