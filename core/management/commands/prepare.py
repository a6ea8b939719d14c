"""Brings the database up to date in one process: tables, rollups and, on request, the demo shop."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    requires_system_checks = ()  # `make check` runs them; a start need not wait for them
    help = "Migrate, make the rollup tables and, with --demo, fill an empty database with the demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo",
            type=Path,
            metavar="MARK",
            help="load the demo shop when there is no store; MARK exists while that is unfinished",
        )
        parser.add_argument("--sign-ins", type=Path, help="file for the demo's sign-ins")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False)
        if "rollups" in get_commands():
            call_command("rollups", "sync")
        if options["demo"] and "demo" in get_commands():
            self.load_demo(options["demo"])
        if options["sign_ins"] and "demo" in get_commands():
            self.write_sign_ins(options["sign_ins"])

    def load_demo(self, mark: Path) -> None:
        """An interrupted load is taken up again; a shop that was removed on purpose stays away."""
        if not mark.exists() and not is_empty():
            return
        self.stdout.write(
            "Loading the demo shop: two years of orders and visits, one to four minutes."
        )
        mark.touch()
        call_command("demo", "load")
        mark.unlink()

    def write_sign_ins(self, path: Path) -> None:
        with path.open("w") as out:
            call_command("demo", "signins", stdout=out)


def is_empty() -> bool:
    """Whether nobody has used this database yet."""
    stores = apps.get_model("stores", "Store")
    return not stores.objects.exists() and not get_user_model().objects.exists()
