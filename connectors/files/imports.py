"""Taking in a file or folder: which source it is of, whether it is known, what it would do."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from django.db import transaction
from django.utils import timezone

from accounts.records import SYSTEM, Viewer
from accounts.services import record
from connectors.base import Shop
from connectors.files.client import found_files, identity
from connectors.files.connector import FilesConnector
from connectors.files.known import mapping_named, recognise, recognise_folder
from connectors.files.mapping import Mapping, to_json
from connectors.files.reading import headers_of
from connectors.landing import Place, land_page
from connectors.models import Drift, ParkedRow, Run, Source
from connectors.payloads import keep_file
from connectors.services import start_run
from connectors.sync import perform
from core.errors import Refused
from core.tabular.error_file import write_error_file
from core.tabular.model import BadRow
from metrics.refresh import drain
from stores.models import Store
from stores.services import StoreSettings, open_store, origin_of

ACTIVE = (Run.Status.WAITING, Run.Status.RUNNING)
LANDED = (Run.Status.DONE, Run.Status.PARTLY, Run.Status.UNCHANGED)
NOT_TAKEN = (ParkedRow.Status.PARKED, ParkedRow.Status.WAITING)
SHOWN_ERRORS = 1000
WAIT_S = 0.5


@dataclass(frozen=True)
class Preview:
    """What an import would do, by stream: rows read, landed, unchanged and parked."""

    counts: dict[str, dict[str, int]]
    errors: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def parked(self) -> int:
        return sum(mine["parked"] for mine in self.counts.values())

    @property
    def read(self) -> int:
        return sum(mine["read"] for mine in self.counts.values())


def mapping_for(path: Path, slug: str = "", *, choices: dict[str, Any] | None = None) -> Mapping:
    """The mapping of that name fitted to the file, or the one that the file is recognised by.

    Raises Refused when none fits, NeedsChoice when the file can be read in several ways.
    """
    chosen = choices or {}
    if path.is_dir():
        found = slug or recognise_folder(path)
        if not found:
            raise Refused("The folder's files are not known together. Import them one by one.")
        return mapping_named(found).adjusted(chosen)
    headers = headers_of(path, chosen)
    found = slug or recognise(headers)
    if not found:
        raise Refused(
            "The columns are not known. Say what the table holds, or map its columns by hand. "
            f"The file has: {', '.join(headers[:20])}."
        )
    return mapping_named(found, headers).adjusted(chosen)


def source_of(store: Store, mapping: Mapping) -> Source:
    """The store's files of that kind, made a source when they are new."""
    origin = origin_of(store, mapping.origin, mapping.label)
    found, _ = Source.objects.get_or_create(
        origin=origin, connector=FilesConnector.slug, label=mapping.label, defaults={"store": store}
    )
    return found


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is known of a file beside its bytes: the name that its sender gave it; whether it is to
    be read again though it has been taken in.
    """

    name: str = ""
    again: bool = False


@transaction.atomic
def start_import(
    *, viewer: Viewer, store: Store, path: Path, mapping: Mapping, told: Told = Told()
) -> Run:
    """Queue the import of a file or folder; one that has landed already is a run of its own, over.

    That run says how many of the file's rows are still parked; with `told.again` the file is read
    once more instead, which writes only what was not right. Raises Refused when a file is missing.
    """
    source = source_of(store, mapping)
    found = found_files(mapping, path)
    sha256 = identity(mapping, found.paths)
    config = {"path": str(path), "mapping": to_json(mapping), "sha256": sha256}
    params = {"config": config, "sha256": sha256, "fingerprint": mapping.fingerprint}
    params["name"] = told.name or path.name
    params["headers"] = headers = headers_if_one(path, mapping)
    known = landed_before(source, sha256, mapping)
    if known is not None and not told.again:
        return _known_run(viewer, known, params)
    if known is not None:
        config["again"] = uuid.uuid4().hex
    note_drift(source, mapping, headers)
    run = start_run(viewer=viewer, source=source, kind=Run.Kind.FILE, params=params)
    kept = [keep_file(run, file, mapping_hash=mapping.fingerprint) for file in found.paths]
    run.params["payloads"] = [payload.pk for payload in kept]
    run.save(update_fields=["params"])
    return run


def still_parked(run: Run) -> int:
    """How many rows of the run's file are parked or wait; for a known file, those of its import."""
    known = run.params.get("known", run.pk)
    return ParkedRow.objects.filter(run_id=known, status__in=NOT_TAKEN).count()


def _known_run(viewer: Viewer, known: Run, params: dict[str, Any]) -> Run:
    notes = [f"The same file was taken in on {known.created_at:%Y-%m-%d}; nothing changed."]
    parked = still_parked(known)
    if parked:
        notes.append(
            f"{parked:,} of its rows are still parked. Import the file again on purpose to read "
            "them once more."
        )
    run = Run.objects.create(
        source=known.source, store=known.store, user_id=viewer.user_id, kind=Run.Kind.FILE,
        params=params | {"known": known.pk}, status=Run.Status.UNCHANGED, notes=notes,
        started_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    record(viewer, "imported known file", run)
    return run


def headers_if_one(path: Path, mapping: Mapping) -> list[str]:
    """The columns of a single file; none for a folder, or for what cannot be opened."""
    if path.is_dir():
        return []
    try:
        return headers_of(path, {"encoding": mapping.encoding, "delimiter": mapping.delimiter})
    except Refused:
        return []


def note_drift(source: Source, mapping: Mapping, headers: Sequence[str]) -> None:
    """Note which columns came or went since the source's last file."""
    runs = Run.objects.filter(source=source, kind=Run.Kind.FILE, params__has_key="headers")
    last = runs.order_by("-pk").first()
    if last is None or not headers or not last.params["headers"]:
        return
    before, now = set(last.params["headers"]), set(headers)
    changes = [(name, "new") for name in sorted(now - before)]
    changes += [(name, "missing") for name in sorted(before - now)]
    Drift.objects.bulk_create(
        [
            Drift(source=source, stream=mapping.streams[0], column=name[:200], change=change)
            for name, change in changes
        ],
        ignore_conflicts=True,
    )


def landed_before(source: Source, sha256: str, mapping: Mapping) -> Run | None:
    """The last run that took in the same bytes with the same mapping, if one did."""
    return Run.objects.filter(
        source=source, kind=Run.Kind.FILE, status__in=LANDED,
        params__sha256=sha256, params__fingerprint=mapping.fingerprint,
    ).exclude(params__has_key="known").order_by("-pk").first()  # fmt: skip


def import_now(
    *, viewer: Viewer, store: Store, path: Path, mapping: Mapping, told: Told = Told()
) -> Run:
    """Import and wait until it is over and the figures of the changed days are right."""
    run = start_import(viewer=viewer, store=store, path=path, mapping=mapping, told=told)
    return finish_now(run)


def finish_now(run: Run) -> Run:
    """Work the run off in this process; then refresh the figures of the days it changed."""
    run = worked_off(run)
    drain(store_id=run.store_id)
    return run


def worked_off(run: Run) -> Run:
    """The run when it is over: this process works on it, unless a worker already does."""
    while run.status in ACTIVE:
        perform(run.pk)
        run.refresh_from_db()
        if run.status in ACTIVE:
            time.sleep(WAIT_S)
    return run


def dry_run(*, store: Store, path: Path, mapping: Mapping) -> Preview:
    """What the import would do, found out by doing it and taking it back."""
    with transaction.atomic():
        source = source_of(store, mapping)
        run = Run.objects.create(
            source=source, store=store, kind=Run.Kind.DRY_RUN, status=Run.Status.RUNNING
        )
        shop = Shop(store.pk, store.slug, store.currency, store.zone)
        connector = FilesConnector({"path": str(path), "mapping": to_json(mapping)}, shop)
        counts: dict[str, dict[str, int]] = {}
        notes: list[str] = []
        errors: list[BadRow] = []
        for page in connector.pull(None, None, None):
            tally = land_page(source=source, run=run, page=page, place=Place("all"))
            notes += page.notes
            errors += [
                BadRow(r.row_number, r.column, r.value, r.reason, r.remedy)
                for r in tally.refusals[: SHOWN_ERRORS - len(errors)]
            ]
            _add(counts, tally.counts)
        transaction.set_rollback(True)
    return Preview(counts, errors, list(dict.fromkeys(notes)))


def dry_run_for(
    *, store: Store | None, settings: StoreSettings, path: Path, mapping: Mapping
) -> Preview:
    """The same for a store that may not exist yet: it is opened and taken back too."""
    with transaction.atomic():
        into = store or open_store(viewer=SYSTEM, settings=settings)
        found = dry_run(store=into, path=path, mapping=mapping)
        transaction.set_rollback(True)
    return found


def write_errors(run: Run, out: TextIO) -> int:
    """Write the run's error file; returns how many rows it names."""
    parked = ParkedRow.objects.filter(run=run).order_by("row_number", "pk")
    rows = (
        BadRow(row.row_number, row.column, row.value, row.reason, row.remedy)
        for row in parked.iterator()
    )
    return write_error_file(out, rows)


def _add(counts: dict[str, dict[str, int]], more: dict[str, dict[str, int]]) -> None:
    for stream, mine in more.items():
        have = counts.setdefault(stream, dict.fromkeys(mine, 0))
        for name, number in mine.items():
            have[name] += number
