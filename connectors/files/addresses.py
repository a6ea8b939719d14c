"""What a landing address tells: its path and the campaign words behind the question mark."""

from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from core.tabular.rules import plain

WORDS = ("utm_source", "utm_medium", "utm_campaign", "utm_content")


def with_address_parts(table: pa.Table, name: str) -> pa.Table:
    """The table with `path` and the utm words of the addresses in column `name`."""
    found = [_parts(url) for url in plain(table[name]).to_pylist()]
    table = table.append_column("path", pa.array([parts[0] for parts in found], pa.string()))
    for at, word in enumerate(WORDS, start=1):
        table = table.append_column(word, pa.array([parts[at] for parts in found], pa.string()))
    return table


@lru_cache(4096)
def _parts(url: str | None) -> tuple[str | None, ...]:
    if not url:
        return (None,) * (1 + len(WORDS))
    try:
        split = urlsplit(url)
    except ValueError:
        return (None,) * (1 + len(WORDS))
    given = parse_qs(split.query)
    words = (given.get(word, [""])[0].strip().lower()[:200] or None for word in WORDS)
    return ((split.path or "/")[:500], *words)
