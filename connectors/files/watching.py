"""The watched folder: files that lie still are taken in, then moved to `done` or `failed`.

WATCH_DIR/<store>/<file>, or WATCH_DIR/<store>/<mapping>/<file>, or a folder of files that belong
together in either place.
"""

import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accounts.records import SYSTEM
from connectors.files import imports
from connectors.files.known import choices, recognise_folder
from connectors.models import Run
from core.errors import Refused
from core.outbox import enqueue
from core.tabular.opening import kind_of
from stores.models import Store

log = logging.getLogger(__name__)
QUIET_SECONDS = 10
WORKING, DONE, FAILED = "working", "done", "failed"
TASK = "connectors.tasks.take_in_watched"


@dataclass(frozen=True)
class Arrived:
    """A file or folder to take in, and the mapping that its place names."""

    store: Store
    path: Path
    mapping: str = ""


def look_into_folders() -> int:
    """Queue what has arrived and lies still; returns how much."""
    count = 0
    for arrived in arrivals(Path(settings.WATCH_DIR)):
        taken = _moved(arrived.path, arrived.store, WORKING)
        enqueue(TASK, store_pk=arrived.store.pk, path=str(taken), mapping=arrived.mapping)
        count += 1
    return count


def arrivals(root: Path) -> Iterator[Arrived]:
    """The files and folders that have not grown for ten seconds."""
    slugs = {slug for slug, _ in choices()}
    for store in Store.objects.filter(is_active=True):
        home = root / store.slug
        if not home.is_dir():
            continue
        for path in sorted(home.iterdir()):
            if path.name in slugs and path.is_dir():
                for inner in sorted(path.iterdir()):
                    if _is_ready(inner):
                        yield Arrived(store, inner, path.name)
            elif path.name not in {WORKING, DONE, FAILED} and _is_ready(path):
                yield Arrived(store, path)


def take_in(store: Store, path: Path, mapping_slug: str) -> Run | None:
    """Import what was moved to `working`, then move it on; a refusal is told beside the file."""
    if not path.exists():  # taken in by an earlier try that was killed after moving it
        return None
    try:
        mapping = imports.mapping_for(path, mapping_slug)
        run = imports.import_now(viewer=SYSTEM, store=store, path=path, mapping=mapping)
    except Refused as error:
        failed = _moved(path, store, FAILED)
        failed.with_name(failed.name + ".error.txt").write_text(str(error), encoding="utf-8")
        return None
    is_well = run.status in imports.LANDED
    moved = _moved(path, store, DONE if is_well else FAILED)
    if run.rows_parked:
        with moved.with_name(moved.name + ".errors.csv").open("w", encoding="utf-8") as out:
            imports.write_errors(run, out)
    if not is_well:
        moved.with_name(moved.name + ".error.txt").write_text(run.error, encoding="utf-8")
    return run


def _is_ready(path: Path) -> bool:
    if path.name.startswith(".") or path.is_symlink():
        return False
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    if not files or not (kind_of(path) if path.is_file() else recognise_folder(path)):
        return False
    newest = max(file.stat().st_mtime for file in files)
    return time.time() - newest >= QUIET_SECONDS


def _moved(path: Path, store: Store, place: str) -> Path:
    """Move into the store's folder of that name; a name in use gets a number."""
    folder = Path(settings.WATCH_DIR) / store.slug / place
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        target = folder / f"{number}-{path.name}"
        number += 1
    shutil.move(path, target)
    return target
