"""Pulls a shop while its worker, its refreshers, Valkey and Postgres are killed, and compares.

An undisturbed run first; then rounds into fresh databases whose rows must be the same, with an
audit of every rollup; then the control, in which cursors are saved before their rows: there the
same comparison must find a difference. Prints its seed, a table and, as its last line, one JSON
object. Ends with 1 when rows differ, a pull is stuck or the control finds nothing.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
os.environ["DJANGO_SETTINGS_MODULE"] = "ecomgr.settings.dev"
os.environ.setdefault("SECRET_KEY", "only-for-the-drill")

import psycopg2  # noqa: E402

from benchmarks.drills import rows  # noqa: E402
from benchmarks.drills.faults import SIGKILLED, Disturbance, Stuck, planned  # noqa: E402
from benchmarks.drills.stage import TEMPLATE, Stage  # noqa: E402
from benchmarks.drills.watch import Stretch, Watch  # noqa: E402
from launcher.output import last_lines, say  # noqa: E402
from launcher.places import make_folders  # noqa: E402
from launcher.servers import own_servers  # noqa: E402

ANCHOR = date(2026, 1, 15)
SHOP_SEED, SCALE = 7, 0.05
LONGEST_STALL_S = 60.0
# Enough to lose a page; without the protection each kill in the middle of one does.
CONTROL_KILLS = 5
UNFINISHED = """
SELECT 'run', id::text, status, error FROM connectors_run
UNION ALL
SELECT task, kwargs::text, attempts || ' attempts, leased until ' || coalesce(leased_until::text, '-'),
       error FROM core_outbox WHERE done_at IS NULL
"""


@dataclass
class Round:
    """How one pull went: its rows, the audit's differing rows, faults, longest stall in seconds."""

    name: str
    seconds: float = 0.0
    held: rows.Held = field(default_factory=dict)
    audit: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    stall_s: float = 0.0
    stuck: bool = False
    differing: int = 0


@dataclass
class Drill:
    """All rounds of one shop on one stage."""

    stage: Stage
    stretch: Stretch
    options: argparse.Namespace
    chance: Random

    def pull(self, name: str, *, disturbed: bool, unprotected: bool = False) -> Round:
        """One pull into a fresh database, to the last rebuilt rollup."""
        database = f"round_{name.replace(' ', '_')}"
        self.stage.copy_of_shop(database, self.administer)
        watch = Watch(self.stage.address(database), self.stretch)
        kills = min(self.options.kills, CONTROL_KILLS) if unprotected else self.options.kills
        faults = planned(kills, self.chance, only_kills=unprotected) if disturbed else []
        work = Disturbance(self.stage, watch, self.chance, faults)
        found, began = Round(name), time.monotonic()
        self.stage.work_on(database, **({"DRILL_UNPROTECTED": "1"} if unprotected else {}))
        try:
            work.go()
        except Stuck:
            found.stuck = True
            self.explain()
        found.seconds = time.monotonic() - began
        self.stage.stop_work()
        found.faults, found.stall_s = work.done, watch.longest_s
        found.held, found.audit = compared(self.stage.address(database))
        self.stage.drop_copy(database, self.administer)
        return found

    def explain(self) -> None:
        """The ends of the logs of a round in which nothing moved any more."""
        address = self.stage.address(self.stage.database)
        with closing(psycopg2.connect(address)) as link, link.cursor() as cursor:
            cursor.execute(UNFINISHED)
            for row in cursor:
                say(f"  {row}")
        for name in ("worker", "beat"):
            for line in last_lines(self.stage.own.folder / f"{name}.log"):
                say(f"  {name}: {line}")

    def administer(self, statement: str) -> None:
        with closing(psycopg2.connect(self.stage.own.postgres.url)) as link:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(statement)

    def all_rounds(self) -> tuple[Round, list[Round], list[Round]]:
        plain = told(self.pull("undisturbed", disturbed=False), None)
        rounds = [
            told(self.pull(f"round {n}", disturbed=True), plain)
            for n in range(1, self.options.rounds + 1)
        ]
        controls = [
            told(self.pull(f"control {n}", disturbed=True, unprotected=True), plain)
            for n in range(1, self.options.controls + 1)
        ]
        return plain, rounds, controls


def told(one: Round, plain: Round | None) -> Round:
    """Compare with the undisturbed run and say how it went, as soon as it is over."""
    if plain is not None:
        found = rows.differences(plain.held, one.held)
        one.differing = sum(found.values())
        if found:
            say(f"  {one.name}: " + ", ".join(f"{t} {n}" for t, n in list(found.items())[:6]))
    total = sum(each.total() for each in one.held.values())
    say(
        f"{one.name:<12} {one.seconds:6.1f} s  {total:,} rows in {len(one.held)} tables,"
        f" fingerprint {rows.fingerprint(one.held)}, audit {one.audit},"
        f" longest stall {one.stall_s:.1f} s{', STUCK' if one.stuck else ''}"
    )
    return one


def connect_to(address: str) -> None:
    """Point this process's own Django at another database."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = address.rpartition("/")[2]


def compared(address: str) -> tuple[rows.Held, int]:
    """The database's rows, and how many rows of its rollups differ from the facts or wait."""
    connect_to(address)
    from django.db import connection

    from metrics.audit import audit
    from metrics.models import Mark

    with connection.cursor() as cursor:
        held = rows.held(cursor)
    wrong = sum(each.differing for each in audit()) + Mark.objects.count()
    connection.close()
    return held, wrong


def open_shop(stage: Stage, days: int) -> Stretch:
    """The database that every round copies: migrated, two stores connected, their pulls due."""
    from django.core.management import call_command
    from django.db.models.functions import Now

    from connectors.demo.connector import world_of
    from connectors.demo.opening import DemoPlan, open_demo

    connect_to(stage.address(TEMPLATE))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("rollups", "sync", verbosity=0)
    end = int(datetime(ANCHOR.year, ANCHOR.month, ANCHOR.day, tzinfo=UTC).timestamp())
    sources = open_demo(DemoPlan(seed=SHOP_SEED, days=days, scale=SCALE, anchor=ANCHOR))
    for source in sources:
        source.config |= {"until": end, "loaded_at": end}
        source.every_s, source.next_pull_at = 7 * 86400, Now()
        source.save(update_fields=["config", "every_s", "next_pull_at"])
    worlds = [world_of(source.config) for source in sources]
    connect_to(stage.address(TEMPLATE))
    return Stretch(tuple(world.midnight(world.start) for world in worlds), end)


def verdict(rounds: list[Round], controls: list[Round]) -> dict[str, Any]:
    """The figures of the last line."""
    faults = sum((each.faults for each in rounds), Counter[str]())
    return {
        "rounds": len(rounds),
        "kills": sum(faults[kind] for kind in SIGKILLED),
        "faults": dict(sorted(faults.items())),
        "differing": sum(each.differing for each in rounds),
        "audit": sum(each.audit for each in rounds),
        "longest_stall_s": round(max((each.stall_s for each in rounds), default=0.0), 1),
        "stuck": sum(each.stuck for each in rounds),
        "control_rounds": len(controls),
        "control_differing": sum(each.differing > 0 for each in controls),
    }


def passed(figures: dict[str, Any]) -> bool:
    return (
        not figures["differing"]
        and not figures["audit"]
        and not figures["stuck"]
        and figures["longest_stall_s"] <= LONGEST_STALL_S
        and (figures["control_differing"] > 0 or not figures["control_rounds"])
    )


def show(rounds: list[Round]) -> None:
    """A line for each round."""
    kinds = sorted({kind for each in rounds for kind in each.faults})
    head = "".join(f"{kind:>14}" for kind in kinds)
    say(f"{'':<12}{head}{'differing':>11}{'audit':>7}{'stall s':>9}{'s':>8}")
    for each in rounds:
        counts = "".join(f"{each.faults[kind]:>14}" for kind in kinds)
        say(
            f"{each.name:<12}{counts}{each.differing:>11}{each.audit:>7}"
            f"{each.stall_s:>9.1f}{each.seconds:>8.1f}"
        )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20, help="workers killed in each round")
    parser.add_argument("--controls", type=int, default=2, help="rounds without the protection")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--days", type=int, default=6, help="how much of the shop is pulled")
    parser.add_argument("--pages", type=int, default=72, help="in how many pages a store comes")
    parser.add_argument(
        "--quick", action="store_true", help="leases, turns and beat's intervals shortened"
    )
    return parser.parse_args()


def on_stage(options: argparse.Namespace, act: Callable[[Drill], Any]) -> Any:
    """Servers of its own, the shop opened in them, and Django in this process pointed at them."""
    knobs = {"DRILL_PAGE_S": str(options.days * 86400 // options.pages)}
    knobs |= {"DRILL_QUICK": "1"} if options.quick else {}
    with own_servers(durable=True) as own, tempfile.TemporaryDirectory() as data:
        os.environ.update(own.addresses | {"DATA_DIR": data, "WATCH_DIR": f"{data}/inbox"})
        import django

        django.setup()
        stage = Stage(own, knobs)
        drill = Drill(stage, Stretch((), 0), options, Random(options.seed))
        drill.administer(f'CREATE DATABASE "{TEMPLATE}"')
        drill.stretch = open_shop(stage, options.days)
        return act(drill)


def main() -> int:
    options = parsed()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    make_folders()
    say(f"seed {options.seed}")
    plain, rounds, controls = on_stage(options, Drill.all_rounds)
    show([plain, *rounds, *controls])
    figures = verdict(rounds, controls)
    print(json.dumps(figures))
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
