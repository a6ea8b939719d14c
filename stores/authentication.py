"""API tokens: who a request with `Authorization: Bearer …` acts for."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from core.web import address_of
from stores.models import ApiToken
from stores.queries import viewer_of_token


class TokenAuthentication(BaseAuthentication):
    """Accepts `Bearer <token>`; a token that is unknown, old or revoked gets 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Send one token: Authorization: Bearer <token>.")
        token = token_of(words[1].decode("latin-1"))
        viewer = viewer_of_token(token, address_of(request._request))
        request._request.viewer = viewer  # type: ignore[attr-defined]
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def token_of(secret: str) -> ApiToken:
    """The living token with this secret; its last use is noted at most once a minute."""
    living = ApiToken.objects.filter(revoked_at=None, expires_at__gt=Now(), owner__is_active=True)
    found = living.select_related("owner").filter(prefix=secret[: ApiToken.PREFIX_LENGTH]).first()
    if found is None or not constant_time_compare(found.secret_hash, ApiToken.hash_of(secret)):
        raise AuthenticationFailed("This token is not known, has expired or was revoked.")
    stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - timedelta(minutes=1))
    ApiToken.objects.filter(stale, pk=found.pk).update(last_used_at=Now())
    return found


class IsViewer(BasePermission):
    """Signed in by cookie or token; what they may see is decided by queries and access checks."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names our tokens."""

    target_class = "stores.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
