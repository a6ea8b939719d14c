"""Applies a person's own locale."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core import formats


class PreferencesMiddleware:
    """Writes numbers and dates in the locale the person chose, in the pages' own language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        formats.activate(request.user.locale if request.user.is_authenticated else "")
        return self.get_response(request)
