"""Says who is looking: every request gets `request.viewer`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.records import Viewer
from core.web import address_of
from stores.queries import viewer_of


class ViewerMiddleware:
    """Puts the signed-in person's viewer on the request, read when first needed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def viewer() -> Viewer:
            if isinstance(request.user, User) or request.user.is_authenticated:
                return viewer_of(request.user, address_of(request))
            return Viewer(name="")

        request.viewer = SimpleLazyObject(viewer)  # type: ignore[attr-defined]
        return self.get_response(request)
