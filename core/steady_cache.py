"""The cache server as Django uses it, with sign-in going on while it does not answer."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
LIMITS = "allauth:"


class SteadyCache(RedisCache):  # type: ignore[misc, unused-ignore]
    """Limits on tries to sign in are kept in this process while the cache server is away.

    Everything else fails as it did: who asks for figures or for readiness must know.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.spare = LocMemCache("limits", {})

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._either("get", super().get, key, *args, **kwargs)

    def add(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._either("add", super().add, key, *args, **kwargs)

    def set(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._either("set", super().set, key, *args, **kwargs)

    def delete(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._either("delete", super().delete, key, *args, **kwargs)

    def _either(self, name: str, ask: Callable[..., Any], key: str, *args: Any, **kw: Any) -> Any:
        try:
            return ask(key, *args, **kw)
        except (RedisError, OSError):
            if not key.startswith(LIMITS):
                raise
            log.warning("The cache does not answer; limits on signing in are kept in the process.")
            return getattr(self.spare, name)(key, *args, **kw)
