"""Loads the simulated shop, shows who can sign in, lets a minute pass, takes it all away."""

import time
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.queries import demo_signins
from accounts.records import SYSTEM
from connectors.demo.causes import CAUSES
from connectors.demo.connector import Demo, world_of
from connectors.demo.goods import goods
from connectors.demo.loading import load_demo, pull
from connectors.demo.opening import SMALL, DemoPlan
from connectors.demo.removal import remove_demo
from connectors.models import Source
from core.errors import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        load = verbs.add_parser("load", help="open the demo's stores and bring two years in")
        load.add_argument("--small", action="store_true", help="thirty days at a quarter's volume")
        load.add_argument(
            "--seed", type=int, default=DemoPlan.seed, help="another shop of the kind"
        )
        verbs.add_parser("signins", help="who can sign in, and with what")
        verbs.add_parser("causes", help="what was planted, with dates")
        verbs.add_parser("tick", help="pull what happened since the last pull, now")
        verbs.add_parser("remove", help="delete the demo's stores, people and all rows of theirs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["verb"])(**options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def load(self, *, small: bool, seed: int, **options: Any) -> None:
        begun = time.monotonic()
        load_demo(replace(SMALL if small else DemoPlan(), seed=seed), self._say)
        self._say(f"The demo is ready after {time.monotonic() - begun:.0f} s.")
        self.signins()

    def signins(self, **options: Any) -> None:
        for each in demo_signins():
            self._say(f"{each.role}: {each.email} / {each.password}")

    def causes(self, **options: Any) -> None:
        source = self._sources()[0]
        world = world_of(source.config)
        for cause in CAUSES.values():
            end = cause.ends_on(world.anchor) or "…"
            self._say(f"{cause.starts_on(world.anchor)} – {end}  {cause.what}: {cause.scope}")
        catalogue = goods(world)
        for label, chosen in (
            ("Best sellers", catalogue.best),
            ("Badly reviewed", catalogue.badly_reviewed),
        ):
            self._say(f"{label}: {', '.join(catalogue.titles[n] for n in chosen)}")

    def tick(self, **options: Any) -> None:
        pull(self._sources(), self._say)

    def remove(self, **options: Any) -> None:
        self._say(f"{remove_demo(viewer=SYSTEM)} stores removed.")

    def _sources(self) -> list[Source]:
        found = list(Source.objects.filter(connector=Demo.slug, store__is_demo=True).order_by("pk"))
        if not found:
            raise Refused("There is no demo data; `manage.py demo load` brings it.")
        return found

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
