"""Write small table files for tests, and read them back as the product does."""

from dataclasses import dataclass, field

import pytest

from core.errors import Refused
from core.tabular.model import BadRow, Format
from core.tabular.opening import opened

ANY = Format()


@dataclass
class Read:
    """What came of a file: its headers, rows as text, their numbers, bad rows, notes."""

    headers: list[str]
    rows: list[dict] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(path, form: Format = ANY, **options) -> Read:
    with opened(path, form, **options) as table:
        found = Read(table.headers, notes=table.notes)
        for chunk in table.chunks():
            found.rows += chunk.table.to_pylist()
            found.numbers += chunk.rows.to_pylist()
            found.bad += chunk.bad
    return found


def written(tmp_path, content: bytes | str, name: str = "t.csv"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path, form: Format = ANY) -> str:
    """The message with which the file is refused."""
    with pytest.raises(Refused) as caught:
        read(path, form)
    return str(caught.value)
