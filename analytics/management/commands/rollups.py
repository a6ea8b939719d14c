"""Makes, shows, refreshes, rebuilds and proves the tables that figures are read from."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.audit import Found, audit
from metrics.declare import facts
from metrics.derived import derived
from metrics.rebuild import rebuild_all
from metrics.refresh import drain
from metrics.status import fact_statuses, unbuilt_tables
from metrics.tables import sync
from stores.models import Store
from traffic.services.partitions import default_rows


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("sync", help="make the tables that the declarations ask for")
        verbs.add_parser("status", help="what waits and what is not built")
        for verb, text in (
            ("refresh", "bring all marked days up to date now"),
            ("rebuild", "compute everything from facts anew"),
            ("audit", "compare everything with the facts; ends with 1 when a row differs"),
        ):
            narrowed(verbs.add_parser(verb, help=text))
        verbs.choices["audit"].add_argument("--sample", type=int, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["verb"])(**options)

    def sync(self, **options: Any) -> None:
        done = sync()
        self.stdout.write(
            f"{len(done.made)} tables made, {len(done.dropped)} dropped, "
            f"to be built by the worker: {', '.join(done.to_build) or 'none'}."
        )

    def status(self, **options: Any) -> None:
        now = datetime.now(UTC)
        self.stdout.write(f"{'fact':30}{'marks':>8}{'days':>7}  {'oldest mark':14}last refresh")
        for line in fact_statuses():
            age = f"{(now - line.oldest_mark).total_seconds():.0f} s" if line.oldest_mark else "-"
            at = f"{line.refreshed_at:%Y-%m-%d %H:%M:%S} UTC" if line.refreshed_at else "never"
            self.stdout.write(f"{line.name:30}{line.marks:8}{line.days:7}  {age:14}{at}")
        self.stdout.write(f"Not built: {', '.join(unbuilt_tables()) or 'none'}.")
        for name in derived:
            if left := derived[name].left_out():
                self.stdout.write(f"{name}: source rows dropped for {months(left)}.")
        for table, count in default_rows().items():
            if count:
                self.stdout.write(
                    self.style.ERROR(f"ALARM: {count} rows of {table} have no month table.")
                )

    def refresh(self, **options: Any) -> None:
        days = drain(**narrowing(options))
        self.stdout.write(f"{days} days refreshed.")

    def rebuild(self, **options: Any) -> None:
        for name, store_id in rebuild_all(**narrowing(options)):
            self.stdout.write(f"{name}: store {store_id} rebuilt.")
        self.say_left_out()

    def audit(self, **options: Any) -> None:
        differing = 0
        for found in audit(sample=options["sample"], **narrowing(options)):
            differing += found.differing
            self.stdout.write(line_of(found))
        self.say_left_out()
        if differing:
            raise CommandError(f"{differing} rows differ.")
        self.stdout.write("0 rows differ.")

    def say_left_out(self) -> None:
        for name, each in derived.items():
            if left := each.left_out():
                self.stdout.write(
                    f"{name}: left out {months(left)}, whose source rows were dropped."
                )


def narrowed(parser: ArgumentParser) -> None:
    parser.add_argument("--fact", choices=sorted({*facts, *derived}))
    parser.add_argument("--store", metavar="SLUG")


def narrowing(options: dict[str, Any]) -> dict[str, Any]:
    """The fact and the store that the command line names, as the engine wants them."""
    store = Store.objects.filter(slug=options["store"]).first() if options["store"] else None
    if options["store"] and store is None:
        raise CommandError(f"There is no store called {options['store']}.")
    return {"name": options["fact"], "store_id": store.pk if store else None}


def months(days: Any) -> str:
    return ", ".join(f"{day:%Y-%m}" for day in days)


def line_of(found: Found) -> str:
    waits = f", {found.waiting_days} days wait for a refresh" if found.waiting_days else ""
    verdict = f"{found.missing} missing, {found.extra} too many" if found.differing else "equal"
    return f"{found.table} (store {found.store_id}): {found.checked} rows checked{waits}: {verdict}"
