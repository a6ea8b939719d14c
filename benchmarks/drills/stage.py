"""Where a drill plays: its own Postgres, Valkey, worker and beat, and how each of them is killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from launcher.places import ROOT
from launcher.processes import exists, family, wait_until
from launcher.servers import OwnServers, start_server

TEMPLATE = "shop"
WORKER = ("worker", "--pool", "prefork", "--concurrency", "2", "--without-gossip")
WORKER += ("--without-mingle", "--loglevel", "INFO")
BEAT = ("beat", "--loglevel", "INFO", "--pidfile", "")


@dataclass
class Stage:
    """The servers, and the two children that work on one database at a time."""

    own: OwnServers
    knobs: dict[str, str]
    database: str = ""
    # Loads the product once in a round; workers and beat are its forks.
    nursery: "subprocess.Popen[str] | None" = None
    pids: dict[str, int] = field(default_factory=dict)

    def address(self, database: str) -> str:
        return f"{self.own.postgres.url.rpartition('/')[0]}/{database}"

    def work_on(self, database: str, **knobs: str) -> None:
        """Start worker and beat on this database."""
        self.database = database
        env = os.environ | self.own.addresses | self.knobs | knobs
        env |= {"DATABASE_URL": self.address(database), "PYTHONUNBUFFERED": "1"}
        # Celery warns that root plus pickle is dangerous; only JSON is accepted here.
        env["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.drills.hand"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.own.folder / "nursery.log").open("ab"),
            text=True,
            start_new_session=True,
        )
        self.start("worker", *WORKER)
        self.start("beat", *BEAT, "--schedule", str(self.own.folder / f"beat-{database}"))

    def start(self, name: str, *words: str) -> None:
        if not self.nursery or not self.nursery.stdin or not self.nursery.stdout:
            raise SystemExit("There is nothing to start a worker from.")
        log = str(self.own.folder / f"{name}.log")
        self.nursery.stdin.write(json.dumps({"log": log, "words": ["-A", "ecomgr", *words]}) + "\n")
        self.nursery.stdin.flush()
        self.pids[name] = int(self.nursery.stdout.readline())

    def stop_work(self) -> None:
        """End worker and beat; what was finished is committed."""
        for pid in self.pids.values():
            self.kill_group(pid)
        self.pids.clear()
        if self.nursery and self.nursery.stdin:
            self.nursery.stdin.close()
            self.nursery.wait()

    @property
    def works(self) -> bool:
        """Whether there is a worker that could make progress."""
        return "worker" in self.pids and exists(self.pids["worker"])

    def kill_group(self, pid: int) -> None:
        if exists(pid):
            os.killpg(pid, signal.SIGKILL)
            wait_until(lambda: not exists(pid), 10)

    def kill_worker(self) -> None:
        """SIGKILL to the worker and its pool at once; another one starts."""
        self.kill_group(self.pids["worker"])
        self.start("worker", *WORKER)

    def kill_pool_process(self, chance: Random) -> None:
        """SIGKILL to one process of the pool, as the system does when memory runs out."""
        if pool := family(self.pids["worker"])[1:]:
            os.kill(chance.choice(pool), signal.SIGKILL)

    def wipe_valkey(self) -> None:
        """SIGKILL to Valkey, its file deleted; an empty one starts on the same port."""
        self.kill_server("valkey")
        shutil.rmtree(self.own.valkey.home / "appendonlydir")
        self.start_again(self.own.valkey)

    def kill_postgres(self) -> None:
        """SIGKILL to Postgres and all of its processes; it starts again on the same port."""
        self.kill_server("postgres")
        self.start_again(self.own.postgres)

    def kill_server(self, name: str) -> None:
        child = next(each for each in self.own.supervisor.children if each.name == name)
        pids = family(child.pid)
        for pid in pids:
            if exists(pid):
                os.kill(pid, signal.SIGKILL)
        if child.process:
            child.process.wait()
        wait_until(lambda: not any(exists(pid) for pid in pids), 10)
        self.own.supervisor.children.remove(child)

    def start_again(self, server: Any) -> None:
        port = server.port
        start_server(self.own.supervisor, server)
        if server.port != port:
            raise SystemExit(f"Port {port} was taken while a server was down; run it again.")

    def copy_of_shop(self, database: str, run: Callable[[str], None]) -> None:
        """A fresh database: the shop opened, nothing pulled yet."""
        run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        run(f'CREATE DATABASE "{database}" TEMPLATE "{TEMPLATE}"')

    def drop_copy(self, database: str, run: Callable[[str], None]) -> None:
        """Every file of every database is looked at when a killed Postgres starts again."""
        run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
