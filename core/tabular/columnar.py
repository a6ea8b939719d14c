"""Parquet: columns with types of their own, read in chunks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import Refused
from core.tabular.headers import checked_headers
from core.tabular.model import MAX_UNPACKED_BYTES, Chunk, chunk_of, shown

BATCH = 50_000
MAX_GROUP_BYTES = 512 * 1024 * 1024


class ParquetFile:
    """An opened Parquet file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        try:
            self._file = pq.ParquetFile(path, memory_map=True)
        except (pa.ArrowInvalid, OSError) as error:
            raise Refused("The file is not readable Parquet.") from error
        meta = self._file.metadata
        sizes = [meta.row_group(at).total_byte_size for at in range(meta.num_row_groups)]
        if sum(sizes) > MAX_UNPACKED_BYTES or max(sizes, default=0) > MAX_GROUP_BYTES:
            raise Refused("The file is too large unpacked; write it in smaller row groups.")
        self.headers = checked_headers(self._file.schema_arrow.names)
        self.estimated_rows = meta.num_rows
        if not meta.num_rows:
            raise Refused("The file has no rows.")

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """The rows in order; row 2 is the first, as in the other kinds of file."""
        number = 2
        try:
            for batch in self._file.iter_batches(BATCH, columns=columns, use_threads=False):
                yield chunk_of(pa.Table.from_batches([batch]), number)
                number += batch.num_rows
        except (pa.ArrowInvalid, OSError) as error:
            raise Refused("The Parquet file is damaged: " + shown(error)) from error
