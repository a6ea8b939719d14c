"""What every page needs: parts for htmx, refusals as answers, error pages, health."""

import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from core.errors import Refused

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


class HtmxRequest(HttpRequest):
    """A request as the htmx middleware leaves it."""

    htmx: HtmxDetails
    request_id: str


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render the whole page, or only its named part when htmx asks."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    whole = htmx.boosted or htmx.history_restore_request
    if htmx and not whole:
        template = f"{template}#{part}"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


class RequestIdMiddleware:
    """Gives every request a reference that error pages and logs name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class RefusedMiddleware:
    """Turns `Refused` into a flash message on the page it came from, or HTTP 409."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        back = request.headers.get("Referer", "")
        is_htmx = bool(getattr(request, "htmx", False))
        if request.method == "POST" and not is_htmx and is_own(request, back):
            messages.error(request, str(error))
            return redirect(back)
        return render(request, "errors/409.html", {"message": str(error)}, status=409)


def address_of(request: HttpRequest) -> str | None:
    """Where the request came from."""
    return request.META.get("REMOTE_ADDR") or None


def is_own(request: HttpRequest, url: str) -> bool:
    """Whether `url` leads back into this site."""
    return bool(url) and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", {"message": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = " ".join(part for part in request.path.replace("-", " ").split("/") if part)
    return render(request, "errors/404.html", {"words": words}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    reference = getattr(request, "request_id", "")
    return render(request, "errors/500.html", {"reference": reference}, status=500)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database and the cache answer too; 503 names the part that does not."""
    state = {"database": database_answers(), "cache": cache_answers()}
    ready = all(state.values())
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        log.exception("The database does not answer.")
        return False
    return True


def cache_answers() -> bool:
    try:
        cache.set("readyz", "1", 10)
        return bool(cache.get("readyz") == "1")
    except Exception:
        log.exception("The cache at %s does not answer.", settings.REDIS_PREFIX)
        return False
