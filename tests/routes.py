"""Every address of the product, read from the URL configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

OTHERS = ("account_", "mfa_", "admin:")


@dataclass(frozen=True)
class Route:
    """One address: its full name, the names of its arguments, and its view."""

    name: str
    arguments: tuple[str, ...]
    view: Any


def routes() -> list[Route]:
    """All our own named routes, without the sign-in package's."""
    found = [route for route in walk(get_resolver().url_patterns, "") if route.name]
    return [route for route in found if not route.name.startswith(OTHERS)]


def walk(patterns: list[Any], namespace: str) -> Iterator[Route]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            arguments = tuple(entry.pattern.regex.groupindex)
            yield Route(
                f"{namespace}{entry.name or ''}" if entry.name else "", arguments, entry.callback
            )
