"""Open any table file by what it is."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from core.errors import Refused
from core.tabular.columnar import ParquetFile
from core.tabular.delimited import DelimitedFile
from core.tabular.json_lines import JsonLinesFile
from core.tabular.model import Format
from core.tabular.packed import unpacked
from core.tabular.workbook import WorkbookFile

KINDS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".tab": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".xlsb": "xlsx", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip
AnyTable = DelimitedFile | WorkbookFile | JsonLinesFile | ParquetFile


def kind_of(path: Path) -> str:
    """csv, xlsx, parquet or jsonl, by the name's ending; empty when it is none of them."""
    name = path.name.lower().removesuffix(".gz")
    return KINDS.get(Path(name).suffix, "")


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(
    path: Path, form: Format, *, decimal: str = ".", schema: pa.Schema | None = None
) -> Iterator[AnyTable]:
    """The file as a table. Raises Refused, or NeedsChoice when a person must say how to read it.

    `decimal` is the decimal mark that a workbook's own numbers are written with; `schema` is how
    nested JSON lines are typed.
    """
    kind = form.kind or kind_of(path)
    if not kind:
        raise Refused(
            f"“{path.name}” is no table that can be read: CSV, TSV, XLSX, Parquet or JSON lines, "
            "the text ones also as .gz."
        )
    if not path.is_file():
        raise Refused(f"There is no file “{path.name}”.")
    if path.stat().st_size == 0:
        raise Refused("The file is empty: it has no rows.")
    with unpacked(path) as plain:
        if kind == "csv":
            yield DelimitedFile(plain, form)
        elif kind == "xlsx":
            yield WorkbookFile(plain, form, decimal)
        elif kind == "jsonl":
            yield JsonLinesFile(plain, form, schema)
        else:
            yield ParquetFile(plain)
