"""Every kind of source that can be connected, by its slug."""

from connectors.base import Connector
from connectors.demo.connector import Demo
from connectors.files.connector import FilesConnector

KINDS: tuple[type[Connector], ...] = (FilesConnector, Demo)
CONNECTORS: dict[str, type[Connector]] = {kind.slug: kind for kind in KINDS}
