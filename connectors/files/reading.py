"""A first look at a file: its headers and first rows, before anybody has said what it holds."""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.files.known import SCHEMAS
from core.errors import Refused
from core.tabular.model import Format, shown
from core.tabular.opening import kind_of, opened

PREVIEW_ROWS = 20
GA4 = SCHEMAS["ga4"]


@dataclass(frozen=True)
class Look:
    """The headers, the first rows as text, and what to mention."""

    headers: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look_at(path: Path, choices: AnyMapping[str, Any] | None = None) -> Look:
    """The file's headers and first rows. Raises Refused or NeedsChoice."""
    with opened(path, _form(choices or {})) as table:
        first = next(iter(table.chunks()), None)
        rows = first.table.slice(0, PREVIEW_ROWS).to_pylist() if first is not None else []
        return Look(
            table.headers, [[shown(v) for v in row.values()] for row in rows], list(table.notes)
        )


def headers_of(path: Path, choices: AnyMapping[str, Any] | None = None) -> list[str]:
    """The file's column names; nested JSON lines are known by their outer names too."""
    try:
        with opened(path, _form(choices or {})) as table:
            headers = list(table.headers)
    except Refused:
        if kind_of(path) != "jsonl":
            raise
        headers = []
    if kind_of(path) == "jsonl" and not {"event_name", "user_pseudo_id"} - set(headers):
        with opened(path, _form(choices or {}), schema=GA4) as table:
            return list(table.headers)
    return headers


def _form(choices: AnyMapping[str, Any]) -> Format:
    return Format(
        encoding=choices.get("encoding", ""),
        delimiter=choices.get("delimiter", ""),
        sheet=choices.get("sheet", ""),
    )
