"""The files connector: a file, or a folder of files that belong together, read page by page."""

from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import Connector, Page, Position, SettingsError, Shop, Window
from connectors.files.client import Found, found_files, identity, open_part
from connectors.files.known import SHAPES, TALLIES
from connectors.files.lookups import loaded
from connectors.files.mapping import Mapping, Part, from_json
from connectors.files.shaping import AnyTables, Shaped, Shaper, prepared, whole_groups
from connectors.streams import STREAMS
from core.errors import Refused
from core.tabular.delimited import without_long_cells
from core.tabular.model import Chunk
from core.tabular.opening import AnyTable


class FilesConnector(Connector):
    """A file or folder. `config`: `path`, and `mapping` as JSON.

    The cursor is the files' identity, the part and its last row: the same files again bring
    nothing, other files start anew, a broken-off read goes on where it stood.
    """

    slug = "files"
    label = "Files"
    streams: ClassVar[tuple[str, ...]] = tuple(STREAMS)
    is_per_stream: ClassVar[bool] = False

    def __init__(self, config: AnyMapping[str, Any], shop: Shop) -> None:
        super().__init__(config, shop)
        self.path = Path(config["path"])
        self.mapping: Mapping = from_json(config["mapping"])

    def check(self) -> None:
        """Raises SettingsError when a file is missing or cannot be opened."""
        try:
            for part, path in found_files(self.mapping, self.path).parts:
                with open_part(self.mapping, part, path) as table:
                    check_headers(part, table.headers)
        except Refused as error:
            raise SettingsError(str(error)) from error

    def pull(
        self, stream: str | None, cursor: Position | None, window: Window | None
    ) -> Iterator[Page]:
        """The pages after the cursor; a window is ignored, as a file is always read whole."""
        try:
            found = found_files(self.mapping, self.path)
            of = config_identity(self.config, self.mapping, found)
            if cursor and cursor.get("of") == of and cursor.get("done"):
                return
            resumed = cursor if cursor and cursor.get("of") == of else {}
            yield from self._pages(found, of, resumed)
        except Refused as error:
            raise SettingsError(str(error)) from error

    def replay_files(self, folder: Path) -> Iterator[Page]:
        """The pages of kept copies; one file alone lies in the folder under whatever name."""
        files = sorted(folder.iterdir())
        path = folder if len(self.mapping.parts) > 1 or len(files) != 1 else files[0]
        try:
            found = found_files(self.mapping, path)
            yield from self._pages(found, config_identity(self.config, self.mapping, found), {})
        except Refused as error:
            raise SettingsError(str(error)) from error

    def _pages(self, found: Found, of: str, resumed: Position) -> Iterator[Page]:
        notes: list[str] = list(self.mapping.notes)
        first = int(resumed.get("part", 0))
        for at, (part, path) in enumerate(found.parts):
            if at < first:
                continue
            after = int(resumed.get("row", 0)) if at == first else 0
            reader = PartReader(self.mapping, part, path, self.shop)
            for page_of, last in reader.pages(after):
                position = {"of": of, "part": at, "row": last}
                yield _page(page_of, position, reader.estimated_rows)
            notes += reader.notes()
        yield Page([], {"of": of, "done": True}, notes=list(dict.fromkeys(notes)), is_last=True)


class PartReader:
    """One file of a mapping, read in pages from any row on."""

    def __init__(self, mapping: Mapping, part: Part, path: Path, shop: Shop) -> None:
        self.mapping, self.part, self.path = mapping, part, path
        foreign = mapping.currency if mapping.currency != shop.currency else ""
        self.shaper = Shaper(part, mapping.rules(shop.zone), foreign)
        self.tally = TALLIES[part.shape]() if part.shape in TALLIES else None
        self.estimated_rows: int | None = None
        self._notes: list[str] = []

    def pages(self, after: int) -> Iterator[tuple[Shaped, int]]:
        """What each chunk after that row became, with the chunk's last row."""
        lookups = loaded(self.mapping, self.part, self.path)
        with open_part(self.mapping, self.part, self.path) as table:
            check_headers(self.part, table.headers)
            self._notes += table.notes
            self.estimated_rows = table.estimated_rows or None
            for chunk in self._chunks(table, after):
                prepared_table = prepared(chunk, self.part)
                for lookup in lookups:
                    prepared_table = lookup.added(prepared_table)
                tables = shaped_tables(self.part, prepared_table)
                if self.tally:
                    self.tally.add(chunk.table)
                yield self.shaper.shaped(tables, chunk.rows, chunk.bad), _last_row(chunk)

    def notes(self) -> list[str]:
        """What is to be told about the whole file."""
        return [*self._notes, *(self.tally.notes() if self.tally else [])]

    def _chunks(self, table: AnyTable, after: int) -> Iterator[Chunk]:
        chunks: Iterator[Chunk] = map(without_long_cells, table.chunks(self._columns(table)))
        if self.part.group_by:
            chunks = whole_groups(chunks, self.part.group_by)
        for chunk in chunks:
            if not len(chunk.rows) or chunk.rows[-1].as_py() > after or not after:
                yield chunk

    def _columns(self, table: AnyTable) -> list[str] | None:
        """Only the columns that are used, when nothing but the mapping uses them."""
        if self.part.shape:
            return None
        used = {self.part.group_by, *self.part.fill, *(lookup.on for lookup in self.part.lookups)}
        for stream in self.part.streams:
            used |= {stream.when, stream.filled}
            for target in stream.fields:
                used |= {name for name in table.headers if _uses(target.column, name)}
        return [name for name in table.headers if name in used] or None


def shaped_tables(part: Part, table: pa.Table) -> AnyTables:
    """The part's own reshaping of a chunk; without one the chunk itself."""
    return SHAPES[part.shape](table) if part.shape else {"": table}


def check_headers(part: Part, headers: list[str]) -> None:
    """Raise Refused when a column by which the file is known is missing."""
    missing = [name for name in part.needs if name not in headers]
    if missing:
        raise Refused(f"The file has no column “{missing[0]}”. It has: {', '.join(headers[:20])}.")


def config_identity(config: AnyMapping[str, Any], mapping: Mapping, found: Found) -> str:
    """The files' identity together with the mapping's; reckoned once when the caller knows it.

    `again` in the config makes known files others, so that they are read anew.
    """
    bytes_of = str(config.get("sha256") or identity(mapping, found.paths))
    again = f":{config['again']}" if config.get("again") else ""
    return f"{bytes_of}:{mapping.fingerprint}{again}"


def _page(shaped: Shaped, position: Position, total: int | None) -> Page:
    notes = list(dict.fromkeys(shaped.notes))
    return Page(shaped.batches, position, parked=shaped.rejected, notes=notes, total=total)


def _last_row(chunk: Chunk) -> int:
    return int(chunk.rows[-1].as_py()) if len(chunk.rows) else 0


def _uses(column: str, name: str) -> bool:
    return column == name or ("{" + name + "}") in column
