"""What every outside source is to the rest: pages of columnar rows, each with its cursor."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import pyarrow as pa

Position = dict[str, Any]


class TemporaryError(Exception):
    """The source did not answer as it should, and may the next time: it is asked again."""


class SettingsError(Exception):
    """The source will not answer until a person changes something; the message says what."""

    def __init__(self, message: str, *, sign_in: bool = False) -> None:
        super().__init__(message)
        self.sign_in = sign_in


class QuotaError(Exception):
    """The source wants to be left alone until `until`."""

    def __init__(self, until: datetime, message: str = "The source's quota is used up.") -> None:
        super().__init__(message)
        self.until = until


@dataclass(frozen=True)
class Rejected:
    """A row that could not be read: where it stood, what was wrong, and how to put it right."""

    stream: str
    row_number: int | None
    column: str
    value: str
    reason: str
    remedy: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Rows of one stream, with exactly the columns of `core.columns.schema_of(STREAMS[stream])`.

    `rows` are the rows' numbers in the source (a file's lines, first data row 1), for messages.
    `table` is never null in the columns that the record class demands.
    """

    stream: str
    table: pa.Table
    rows: pa.Array | None = None

    def row_number(self, position: int) -> int | None:
        return None if self.rows is None else self.rows[position].as_py()


@dataclass(frozen=True)
class ColumnChange:
    """A column that came, went, or changed its type since the source was last read."""

    stream: str
    column: str
    change: str  # "new", "missing" or "type"


@dataclass(frozen=True)
class Page:
    """What one step of a pull brought. Its rows, parked rows and cursor are saved together.

    `next` is the cursor that follows the page, in the connector's own words; None leaves the
    cursor where it is. `raw` is what the source sent, byte for byte, kept for a replay.
    `total` is how many rows the whole pull will bring, when the source says so. `is_last` says
    that with this page everything that the run keeps a copy of has been read.
    """

    batches: list[Batch]
    next: Position | None = None
    parked: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    drift: list[ColumnChange] = field(default_factory=list)
    raw: bytes | None = None
    total: int | None = None
    is_last: bool = False


@dataclass(frozen=True)
class Window:
    """The local days that a backfill asks for, both included."""

    start: date
    end: date


@dataclass(frozen=True)
class Shop:
    """What a connector may know of the store it reads for."""

    store_id: int
    slug: str
    currency: str
    zone: str


class Connector(ABC):
    """One outside shop, ad platform or folder: fetch pages, translate rows, nothing else.

    A connector writes nothing, and its pages are read in a thread of their own, without the
    database. It raises TemporaryError, SettingsError or QuotaError; anything else is taken for a
    fault of the connector itself and is tried again.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    streams: ClassVar[tuple[str, ...]]
    # Each stream has a cursor of its own; False when one pull brings all streams together.
    is_per_stream: ClassVar[bool] = True

    def __init__(self, config: Mapping[str, Any], shop: Shop) -> None:
        self.config = config
        self.shop = shop

    @abstractmethod
    def check(self) -> None:
        """Ask the source whether it can be read; raises SettingsError with what to change."""


@runtime_checkable
class Pulls(Protocol):
    """A connector that rows can be read from."""

    def pull(
        self, stream: str | None, cursor: Position | None, window: Window | None
    ) -> Iterator[Page]:
        """Pages after the cursor, oldest change first; `stream` is None when not per stream.

        Reading again from an older cursor gives the same rows again, which changes nothing.
        With a window, only rows of those days, and the cursor counts within the window.
        """
        ...


@runtime_checkable
class Replays(Protocol):
    """A connector that can read its own kept payloads again."""

    def replay(self, stream: str | None, raw: bytes) -> Iterator[Page]:
        """The pages that these bytes held."""
        ...


@runtime_checkable
class ReplaysFiles(Protocol):
    """A connector that can read kept copies of its files again."""

    def replay_files(self, folder: Path) -> Iterator[Page]:
        """The pages of the files in the folder, which lie there under their own names."""
        ...
