"""XLSX workbooks: checked from outside, then read by a child process with little memory."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from core.errors import Refused
from core.tabular.delimited import without_blank_rows
from core.tabular.headers import checked_headers
from core.tabular.model import Chunk, Format, chunk_of, shown
from core.tabular.packed import check_workbook

CHILD = Path(__file__).with_name("workbook_child.py")
WALL_SECONDS = 120


class WorkbookFile:
    """An opened sheet. Numbers are written with the file's chosen decimal mark, days as ISO."""

    def __init__(self, path: Path, form: Format, decimal: str = ".") -> None:
        check_workbook(path)
        self._folder = tempfile.TemporaryDirectory(prefix="ecomgr-")
        self._arrow = Path(self._folder.name) / "sheet.arrow"
        self.notes = self._run(path, form.sheet, decimal)
        with pa.OSFile(str(self._arrow)) as file, pa.ipc.open_stream(file) as stream:
            self._header_row = int(stream.schema.metadata[b"header_row"])
            self.headers = checked_headers(
                _without_empty_tail(stream.read_next_batch().to_pylist())
            )
        self.estimated_rows = 0

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """The sheet's rows in order."""
        number = self._header_row + 1
        with pa.OSFile(str(self._arrow)) as file, pa.ipc.open_stream(file) as stream:
            stream.read_next_batch()
            for batch in stream:
                table = pa.Table.from_batches([batch]).select(range(len(self.headers)))
                table = table.rename_columns(self.headers)
                chunk = chunk_of(table.select(columns) if columns else table, number)
                number += table.num_rows
                yield without_blank_rows(chunk)

    def _run(self, path: Path, sheet: str, decimal: str) -> list[str]:
        command = [sys.executable, "-I", str(CHILD), str(path), str(self._arrow), decimal, sheet]
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, timeout=WALL_SECONDS, check=False, text=True
            )
        except subprocess.TimeoutExpired as error:
            raise Refused("The workbook took too long to read. Save it as CSV.") from error
        if done.returncode == 3:
            raise Refused(shown(done.stderr.strip(), 400))
        if done.returncode != 0:
            raise Refused(
                "The workbook needs more memory or time than a workbook may, or is damaged. "
                "Save it as CSV."
            )
        return done.stdout.splitlines()


def _without_empty_tail(rows: list[dict[str, str]]) -> list[str]:
    names = list(rows[0].values()) if rows else []
    while names and not names[-1].strip():
        names.pop()
    return names
