"""Kept payloads read and landed again: how a reader that was put right cures what it misread.

What was right already changes nothing, so a replay may be done at any time and any number of times.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.db.models import Q, QuerySet

from connectors.base import Page, Replays, ReplaysFiles, SettingsError
from connectors.landing import Place, land_page
from connectors.models import Payload, Run, Source
from connectors.payloads import opened, unpacked
from connectors.registry import connector_of

PLACE = Place("all", in_run="replay")


def runs_with_payloads(source: Source, run: Run | None = None) -> QuerySet[Run]:
    """The source's runs of which something is kept, oldest first; or the one that is named."""
    found = Run.objects.filter(source=source).filter(
        Q(payloads__isnull=False) | Q(params__has_key="payloads")
    )
    found = found if run is None else found.filter(pk=run.pk)
    return found.distinct().order_by("pk")


def replayed(run: Run, *, turn_ends: float) -> bool:
    """Land again what the replay is of; True when all of it is done, False when its turn is over.

    A replay that is broken off goes on with the run that it was reading.
    """
    source = run.source
    only = Run.objects.filter(pk=run.params.get("of")).first()
    after = run.params.get("replayed", 0)
    for told in runs_with_payloads(source, only).filter(pk__gt=after, pk__lt=run.pk):
        for page, payload in pages_again(source, told):
            land_page(
                source=source, run=run, page=replace(page, next=None), place=PLACE, payload=payload
            )
        run.refresh_from_db(fields=["params"])
        run.params["replayed"] = told.pk
        Run.objects.filter(pk=run.pk).update(params=run.params)
        if time.monotonic() > turn_ends:
            return False
    return True


def pages_again(source: Source, told: Run) -> Iterator[tuple[Page, Payload | None]]:
    """The pages of all that the run kept, each with its payload where a page is one.

    Raises SettingsError when a copy is gone, or the connector cannot read its own again.
    """
    connector = connector_of(source, told)
    kept = list(payloads_of(told))
    try:
        if isinstance(connector, ReplaysFiles):
            with tempfile.TemporaryDirectory(prefix="ecomgr-replay-") as name:
                for payload in kept:
                    unpacked(payload, Path(name))
                yield from ((page, None) for page in connector.replay_files(Path(name)))
        elif isinstance(connector, Replays):
            for payload in kept:
                for page in connector.replay(payload.stream or None, opened(payload)):
                    yield page, payload
        else:
            raise SettingsError(f"{connector.label} cannot read again what it sent.")
    except FileNotFoundError as error:
        raise SettingsError("A kept copy is not on disk any more.") from error


def payloads_of(told: Run) -> QuerySet[Payload]:
    """What the run kept, oldest first; a copy that an earlier run had kept counts too."""
    named = told.params.get("payloads")
    wanted = Q(run=told) if named is None else Q(pk__in=named)
    return Payload.objects.filter(wanted).order_by("pk")
