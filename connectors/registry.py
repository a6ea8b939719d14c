"""Every kind of source that can be connected, by its slug."""

from connectors.base import Connector, SettingsError, Shop
from connectors.demo.connector import Demo
from connectors.files.connector import FilesConnector
from connectors.models import Run, Source

KINDS: tuple[type[Connector], ...] = (FilesConnector, Demo)
CONNECTORS: dict[str, type[Connector]] = {kind.slug: kind for kind in KINDS}


def connector_of(source: Source, run: Run | None = None) -> Connector:
    """The source's connector, ready to be asked. Raises SettingsError for an unknown kind.

    A run may bring settings of its own: which file it reads.
    """
    kind = CONNECTORS.get(source.connector)
    if kind is None:
        raise SettingsError(f"There is no connector “{source.connector}” any more.")
    store = source.store
    config = source.config | (run.params.get("config", {}) if run else {})
    return kind(config, Shop(store.pk, store.slug, store.currency, store.zone))
