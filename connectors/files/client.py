"""Find the files that a mapping reads, and open them."""

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from connectors.files.known import SCHEMAS
from connectors.files.mapping import Mapping, Part
from core.errors import Refused
from core.tabular.opening import AnyTable, digest, kind_of, opened

MAX_FILES = 50


@dataclass(frozen=True)
class Found:
    """A mapping's parts with the file of each; optional parts may have none."""

    root: Path
    parts: tuple[tuple[Part, Path], ...]

    @property
    def paths(self) -> list[Path]:
        return list(dict.fromkeys(path for _, path in self.parts))


def found_files(mapping: Mapping, path: Path) -> Found:
    """The file of each part. Raises Refused when one is missing or a name fits several."""
    if not path.exists():
        raise Refused(f"There is no file or folder “{path}”.")
    if path.is_file():
        if len(mapping.parts) > 1:
            raise Refused(f"“{mapping.label}” reads a folder of files, not one file.")
        return Found(path.parent, ((mapping.parts[0], path),))
    parts = []
    for part in mapping.parts:
        file = named(path, part.file, optional=part.optional)
        if file is not None:
            parts.append((part, file))
    return Found(path, tuple(parts))


def named(folder: Path, pattern: str, *, optional: bool = False) -> Path | None:
    """The one table file in the folder whose name fits the pattern."""
    fits = sorted(file for file in folder.glob(pattern or "*") if file.is_file() and kind_of(file))[
        :MAX_FILES
    ]
    if not fits and optional:
        return None
    if not fits:
        raise Refused(f"The folder holds no file named like “{pattern or '*'}”.")
    if len(fits) > 1:
        names = ", ".join(file.name for file in fits[:5])
        raise Refused(f"Several files are named like “{pattern}”: {names}. Keep one of them.")
    return fits[0]


def identity(mapping: Mapping, paths: Sequence[Path]) -> str:
    """SHA-256 of the bytes of all files, whatever their names and places."""
    if len(paths) == 1:
        return digest(paths[0])
    return hashlib.sha256("\n".join(digest(path) for path in paths).encode()).hexdigest()


def open_part(mapping: Mapping, part: Part, path: Path) -> AbstractContextManager[AnyTable]:
    """The part's file as a table."""
    schema = SCHEMAS.get(part.shape)
    return opened(path, mapping.form, decimal=mapping.decimal, schema=schema)
