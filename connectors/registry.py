"""Every kind of source that can be connected, by its slug."""

from connectors.base import Connector

KINDS: tuple[type[Connector], ...] = ()
CONNECTORS: dict[str, type[Connector]] = {kind.slug: kind for kind in KINDS}
