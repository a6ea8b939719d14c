"""Look at a packed file's directory before anything of it is unpacked."""

import gzip
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import Refused
from core.tabular.model import MAX_RATIO, MAX_UNPACKED_BYTES

MAX_WORKBOOK_BYTES = 50 * 1024 * 1024
MAX_WORKBOOK_ENTRIES = 2_000
SMALL = 10 * 1024 * 1024
BLOCK = 1024 * 1024
FORBIDDEN = {
    "xl/vbaProject.bin": "The workbook holds macros. Save it as .xlsx without macros.",
    "xl/externalLinks/": "The workbook links to other files. Break the links and save it again.",
}


def check_workbook(path: Path) -> None:
    """Refuse a workbook that is no zip, is too large unpacked, or holds what it should not."""
    if path.suffix.lower() in {".xlsm", ".xlsb", ".xltm"}:
        raise Refused("Workbooks with macros are not read. Save the file as .xlsx.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_no_dtd(archive, entry)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, NotImplementedError) as error:
        raise Refused("The file is not a readable .xlsx workbook.") from error
    except RuntimeError as error:
        raise Refused("The workbook is protected by a password.") from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_WORKBOOK_ENTRIES:
        raise Refused(f"The workbook has {len(entries):,} parts; at most 2,000 are read.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_WORKBOOK_BYTES:
        raise Refused(
            f"The workbook is {unpacked // 1024**2:,} MB unpacked; at most 50 MB are read. "
            "Save it as CSV."
        )
    if unpacked > MAX_RATIO * max(packed, 1):
        raise Refused("The workbook unpacks to over 100 times its size and is not opened.")
    _check_names([entry.filename for entry in entries])


def _check_names(names: list[str]) -> None:
    if "xl/workbook.xml" not in names:
        raise Refused("The file is not a readable .xlsx workbook.")
    for name in names:
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise Refused("The workbook names parts outside itself and is not opened.")
        if name.lower().endswith((".zip", ".xlsx")):
            raise Refused("The workbook holds another packed file and is not opened.")
        for part, message in FORBIDDEN.items():
            if name.startswith(part):
                raise Refused(message)


def _check_no_dtd(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with archive.open(entry) as file:
        if b"<!DOCTYPE" in file.read(BLOCK):
            raise Refused("The workbook holds a document type definition and is not opened.")


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or a temporary copy without its gzip wrapping, bounded in size."""
    if path.suffix.lower() != ".gz":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="ecomgr-") as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path, "rb") as packed, plain.open("wb") as out:
                allowed = max(SMALL, path.stat().st_size * MAX_RATIO)
                _copy_bounded(packed, out, min(MAX_UNPACKED_BYTES, allowed))
        except (gzip.BadGzipFile, EOFError, OSError) as error:
            raise Refused("The file is not readable gzip; it may be cut off.") from error
        yield plain


def _copy_bounded(source: gzip.GzipFile, out: BinaryIO, limit: int) -> None:
    size = 0
    while block := source.read(BLOCK):
        size += len(block)
        if size > limit:
            raise Refused("The file unpacks to over 100 times its size and is not opened.")
        out.write(block)
