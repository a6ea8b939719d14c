"""What the shell of every page shows: navigation, stores, freshness, the bell."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    return {}
