"""Pull from a source and wait until its rows have landed and the figures are right.

`pull files` reads a file or folder, `pull replay` what a source sent earlier and is kept.

Ends with 0 when everything landed, 3 when some rows were parked, 1 when nothing could be read.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.records import SYSTEM
from connectors.files import imports
from connectors.files.mapping import Mapping
from connectors.models import ParkedRow, Run, Source
from connectors.services import replay, start_run
from core.errors import Refused
from core.tabular.error_file import write_error_file
from core.tabular.model import NeedsChoice
from stores.models import Store
from stores.services import StoreSettings, open_store

SOME_PARKED = 3
SHOWN_ERRORS = 10


class Command(BaseCommand):
    help = "Pull rows from a file, a folder or a connected source into a store."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "connector", help="files, replay, or the slug of a connected source's kind"
        )
        parser.add_argument("--store", default="", help="slug; opened when it does not exist")
        parser.add_argument("--source", type=int, help="id of the source to replay")
        parser.add_argument("--run", type=int, help="replay what this run kept, no other")
        parser.add_argument("--path", type=Path, help="file or folder")
        parser.add_argument("--mapping", default="", help="preset; found out when left away")
        parser.add_argument("--currency", default="", help="ISO 4217 code, for a new store")
        parser.add_argument("--zone", default="", help="IANA name, for a new store")
        parser.add_argument("--encoding", default="", help="for text files that are not UTF-8")
        parser.add_argument("--delimiter", default="", help="the character between cells")
        parser.add_argument("--sheet", default="", help="of a workbook")
        parser.add_argument("--decimal", default="", choices=["", ".", ","])
        parser.add_argument("--date", action="append", default=[], help="strptime, iso, excel")
        parser.add_argument(
            "--again", action="store_true", help="read the file though it was taken in before"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--errors", type=Path, help="write the rows not taken to this CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self._pull(options)
        except NeedsChoice as asked:
            self._show_choices(asked)
            raise CommandError(f"{asked} Use --{asked.asks}.") from asked
        except Refused as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)

    def _pull(self, options: dict[str, Any]) -> int:
        if options["connector"] == "replay":
            return self.replay(options)
        if not options["store"]:
            raise CommandError("Say which store with --store.")
        if options["connector"] == "files":
            return self.pull_files(options)
        return self.pull_sources(options)

    def replay(self, options: dict[str, Any]) -> int:
        """Land again what a source sent and is kept."""
        source = Source.objects.filter(pk=options["source"]).first()
        if source is None:
            raise CommandError("Say which source with --source; its id stands in its page's URL.")
        run = Run.objects.filter(source=source, pk=options["run"]).first()
        if options["run"] and run is None:
            raise CommandError(f"{source} has no run {options['run']}.")
        return self._tell(imports.finish_now(replay(viewer=SYSTEM, source=source, run=run)))

    def pull_files(self, options: dict[str, Any]) -> int:
        """Import a file or folder in this process."""
        path: Path | None = options["path"]
        if path is None:
            raise CommandError("Say which file or folder with --path.")
        if not path.exists():
            raise CommandError(f"There is no file or folder “{path}”.")
        path = path.resolve()
        mapping = imports.mapping_for(path, options["mapping"], choices=_choices(options))
        self.stdout.write(f"Reading {path.name} as “{mapping.label}”.")
        if options["dry_run"]:
            return self._dry_run(path, mapping, options)
        store = _store(options, mapping)
        told = imports.Told(again=options["again"])
        run = imports.import_now(viewer=SYSTEM, store=store, path=path, mapping=mapping, told=told)
        if options["errors"]:
            with options["errors"].open("w", encoding="utf-8", newline="") as out:
                imports.write_errors(run, out)
        return self._tell(run)

    def pull_sources(self, options: dict[str, Any]) -> int:
        """Pull from every source of that kind in the store."""
        sources = Source.objects.filter(
            store__slug=options["store"], connector=options["connector"]
        ).select_related("store")
        if not sources:
            raise CommandError(f"{options['store']} has no source of “{options['connector']}”.")
        codes = [
            self._tell(imports.finish_now(start_run(viewer=SYSTEM, source=source)))
            for source in sources
        ]
        return max(codes)

    def _dry_run(self, path: Path, mapping: Mapping, options: dict[str, Any]) -> int:
        store = Store.objects.filter(slug=options["store"]).first()
        settings = _settings(options, mapping)
        found = imports.dry_run_for(store=store, settings=settings, path=path, mapping=mapping)
        self._table(found.counts)
        for note in found.notes:
            self.stdout.write(f"- {note}")
        for bad in found.errors[:SHOWN_ERRORS]:
            self._bad(bad.row, bad.column, bad.value, bad.reason)
        self.stdout.write("Nothing was changed: this was a dry run.")
        if options["errors"]:
            with options["errors"].open("w", encoding="utf-8", newline="") as out:
                write_error_file(out, found.errors)
        return SOME_PARKED if found.parked else 0

    def _tell(self, run: Run) -> int:
        self._table(run.counts)
        for note in run.notes:
            self.stdout.write(f"- {note}")
        self._parked(run)
        self.stdout.write(f"{run}: {run.get_status_display()}.")
        if run.status in imports.LANDED:
            if "known" in run.params and imports.still_parked(run):
                self.stdout.write("Use --again to read the file once more.")
                return SOME_PARKED
            return SOME_PARKED if run.rows_parked else 0
        raise CommandError(run.error or "The run was stopped.")

    def _parked(self, run: Run) -> None:
        """The first rows that were not taken, each with the reason."""
        for row in ParkedRow.objects.filter(run=run).order_by("row_number", "pk")[:SHOWN_ERRORS]:
            self._bad(row.row_number, row.column, row.value, row.reason)

    def _bad(self, row: int | None, column: str, value: str, reason: str) -> None:
        self.stdout.write(f"Row {row or '?'}, {column}: “{value}” {reason}")

    def _table(self, counts: dict[str, dict[str, int]]) -> None:
        names = ("read", "landed", "unchanged", "parked")
        self.stdout.write("".join([f"{'stream':<20}", *(f"{name:>12}" for name in names)]))
        for stream, mine in counts.items():
            cells = (f"{mine.get(name, 0):>12,}" for name in names)
            self.stdout.write("".join([f"{stream:<20}", *cells]))

    def _show_choices(self, asked: NeedsChoice) -> None:
        for choice, rows in asked.choices.items():
            self.stderr.write(f"{choice!r}:")
            for row in rows[:3]:
                self.stderr.write("   " + " | ".join(row[:8]))


def _choices(options: dict[str, Any]) -> dict[str, Any]:
    found = {name: options[name] for name in ("encoding", "delimiter", "sheet", "decimal", "zone")}
    return found | {"dates": tuple(options["date"])}


def _settings(options: dict[str, Any], mapping: Mapping) -> StoreSettings:
    slug = options["store"]
    name = slug.replace("-", " ").replace("_", " ").title()
    currency = options["currency"] or mapping.currency
    zone = options["zone"] or mapping.zone
    return StoreSettings(name=name, currency=currency, zone=zone, slug=slug)


def _store(options: dict[str, Any], mapping: Mapping) -> Store:
    found = Store.objects.filter(slug=options["store"]).first()
    if found is not None:
        return found
    settings = _settings(options, mapping)
    if not settings.currency or not settings.zone:
        raise Refused("A new store needs --currency and --zone; this mapping has none of its own.")
    try:
        return open_store(viewer=SYSTEM, settings=settings)
    except Refused:
        # Another pull may have opened it at the same moment.
        found = Store.objects.filter(slug=options["store"]).first()
        if found is None:
            raise
        return found
