"""Errors of the REST API as problem+json (RFC 9457)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from core.errors import Refused

TITLES = {400: "Bad request", 401: "Not signed in", 403: "Forbidden", 404: "Not found",
          405: "Method not allowed", 409: "Conflict", 413: "Too large", 415: "Unsupported type",
          422: "Not valid", 429: "Too many requests"}  # fmt: skip


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal in one shape: type, title, status, detail, and `errors` by field."""
    if isinstance(error, Refused):
        set_rollback()
        return problem(409, str(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    fields = response.data if isinstance(error, exceptions.ValidationError) else None
    detail = "Some values are not valid." if fields else str(getattr(error, "detail", error))
    answer = problem(response.status_code, detail, fields)
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in response.headers:
            answer[name] = response[name]
    return answer


def problem(status: int, detail: str, fields: Any = None) -> Response:
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status,
            "detail": detail}  # fmt: skip
    if fields:
        body["errors"] = fields
    return Response(body, status=status, content_type="application/problem+json")
