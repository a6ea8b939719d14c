"""What every page needs: parts for htmx, refusals as answers, error pages, health."""

import json
import logging
import sys
import uuid
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
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
    """Render the whole page, or only its named part when htmx asks.

    A boosted link wants the whole page unless it names the part's region as its target.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    elsewhere = not (htmx.target or "").endswith(f"#{part}")
    whole = (htmx.boosted and elsewhere) or htmx.history_restore_request
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
        return answer(request, "errors/409.html", str(error), 409, back=own_path(request))


def address_of(request: HttpRequest) -> str | None:
    """Where the request came from, as the last proxy of ours saw it; None if that is no address."""
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    found = passed[-trusted].strip() if 0 < trusted <= len(passed) else ""
    try:
        return str(ip_address(found or request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def is_own(request: HttpRequest, url: str) -> bool:
    """Whether `url` leads back into this site."""
    return bool(url) and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )


def say(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Tell the person on the next page; `undo` is the address that a POST takes it back at."""
    messages.success(request, text, extra_tags=f"undo:{undo}" if undo else "")


def toast(response: HttpResponse, text: str, *, level: str = "success", undo: str = "") -> None:
    """Tell the person when htmx gets this response."""
    told = {"toast": {"text": text, "level": level, "undo": undo}}
    response["HX-Trigger"] = json.dumps(told)


def answer(
    request: HttpRequest, template: str, message: str, status: int, **context: object
) -> HttpResponse:
    """An error page; where htmx asked for a part, a note and a toast that leave the page alone."""
    if not getattr(request, "htmx", False):
        return render(request, template, {"message": message, **context}, status=status)
    response = render(request, "errors/note.html", {"message": message}, status=status)
    response["HX-Reswap"] = "none"
    toast(response, message, level="error")
    return response


def is_api(request: HttpRequest) -> bool:
    """Whether another system asks, which reads problem+json (RFC 9457) rather than a page."""
    return request.path.startswith("/api/")


def problem(status: int, title: str, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    message = str(exception or "") or _("Your role does not include this page.")
    return answer(request, "errors/403.html", message, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere; nothing was done."""
    message = _("This form is too old to be sent. Load the page again, then send it once more.")
    return answer(request, "errors/409.html", message, 403, back=own_path(request))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if is_api(request):
        return problem(404, "Not found", "There is nothing at this address.")
    words = " ".join(part for part in request.path.replace("-", " ").split("/") if part)
    return answer(request, "errors/404.html", _("This is not here any more."), 404, words=words)


def server_error(request: HttpRequest) -> HttpResponse:
    """A failure with its reference; it reads nothing, so it shows even when all else fails."""
    reference = getattr(request, "request_id", "")
    gone = isinstance(sys.exception(), OperationalError)
    template, status = ("errors/503.html", 503) if gone else ("errors/500.html", 500)
    if is_api(request):
        return problem(status, "Server error", f"Something failed: {reference}.")
    try:
        page: str = render_to_string(template, {"reference": reference})
    except Exception:
        log.exception("The error page itself failed.")
        page = f"<!doctype html><title>ecomgr</title><h1>Something failed</h1><p>{reference}</p>"
    response = HttpResponse(page, status=status)
    if gone:
        response["Retry-After"] = "30"
    return response


def own_path(request: HttpRequest) -> str:
    """The page that the request came from, or home."""
    back = request.headers.get("Referer", "")
    return back if is_own(request, back) else "/"


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
