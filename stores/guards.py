"""What a page demands before it runs. A system check lists every view without one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.records import Viewer
from core.web import HtmxRequest
from stores.models import Permission

Args = ParamSpec("Args")


class ViewerRequest(HtmxRequest):
    """A request of somebody who is signed in."""

    viewer: Viewer


def needs(
    permission: Permission | None,
) -> Callable[
    [Callable[Concatenate[Any, Args], HttpResponseBase]], Callable[..., HttpResponseBase]
]:
    """Let only signed-in people in who hold the permission in at least one store.

    `None` asks for a signed-in person only. Objects are checked again, each in its own store.
    """

    def guard(
        view: Callable[Concatenate[Any, Args], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs
        ) -> HttpResponseBase:
            viewer: Viewer = request.viewer  # type: ignore[attr-defined]
            if permission and not viewer.can_anywhere(permission):
                raise PermissionDenied(f"Your role does not include “{permission.label}”.")
            return view(request, *args, **kwargs)

        guarded.guard = permission or "signed in"  # type: ignore[attr-defined]
        return guarded

    return guard
