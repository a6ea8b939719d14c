"""How allauth is used here: accounts are made by invitation, never by sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up, and links built from the configured address, never from the request."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        path: str = super().get_reset_password_from_key_url(key)
        base: str = settings.BASE_URL
        return base.rstrip("/") + "/" + path.split("://", 1)[-1].split("/", 1)[-1]
