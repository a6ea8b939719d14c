"""What the first row of a table must be like."""

from collections.abc import Sequence

from core.errors import Refused
from core.tabular.model import MAX_COLUMNS, shown


def checked_headers(names: Sequence[str | None]) -> list[str]:
    """The column names, trimmed. Raises Refused for too many, unnamed or repeated columns."""
    headers = [(name or "").strip().removeprefix("\ufeff") for name in names]
    if not any(headers):
        raise Refused("The file has no rows.")
    if len(headers) > MAX_COLUMNS:
        raise Refused(
            f"The file has {len(headers):,} columns; at most {MAX_COLUMNS} can be read. "
            "Delete the columns that are not needed."
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(headers, start=1):
        if not name:
            raise Refused(f"Column {position} has no name. Name it or delete it.")
        key = name.casefold()
        if key in seen:
            raise Refused(
                f"The column “{shown(name)}” stands twice (columns {seen[key]} and {position}). "
                "Rename or delete one of them."
            )
        seen[key] = position
    return headers
