"""Where a drill plays: its own Postgres, Valkey, worker and beat, and how each of them is killed."""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from launcher.places import ROOT
from launcher.processes import exists, family, wait_until
from launcher.servers import OwnServers, start_server
from launcher.supervisor import Child

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
    children: dict[str, Child] = field(default_factory=dict)

    def address(self, database: str) -> str:
        return f"{self.own.postgres.url.rpartition('/')[0]}/{database}"

    def work_on(self, database: str, **knobs: str) -> None:
        """Start worker and beat on this database."""
        self.database = database
        env = os.environ | self.own.addresses | self.knobs | knobs
        env |= {"DATABASE_URL": self.address(database), "PYTHONUNBUFFERED": "1"}
        # Celery warns that root plus pickle is dangerous; only JSON is accepted here.
        env["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
        schedule = self.own.folder / f"beat-{database}"
        self.start("worker", env, WORKER)
        self.start("beat", env, (*BEAT, "--schedule", str(schedule)))

    def start(self, name: str, env: dict[str, str], words: tuple[str, ...]) -> None:
        module = [sys.executable, "-m", "benchmarks.drills.hand", "-A", "ecomgr", *words]
        child = Child(name, lambda: module, env, is_ready=lambda _: True, folder=ROOT)
        self.children[name] = child
        self.own.supervisor.start(child)

    def stop_work(self) -> None:
        """End worker and beat; what was finished is committed."""
        for child in self.children.values():
            self.kill_group(child)
            self.own.supervisor.children.remove(child)
        self.children.clear()

    @property
    def worker(self) -> Child:
        return self.children["worker"]

    @property
    def works(self) -> bool:
        """Whether there is a worker that could make progress."""
        return bool(self.children) and not self.worker.has_ended

    def kill_group(self, child: Child) -> None:
        if child.process and not child.has_ended:
            os.killpg(child.pid, signal.SIGKILL)
            child.process.wait()

    def kill_worker(self) -> None:
        """SIGKILL to the worker and its pool at once; another one starts."""
        self.kill_group(self.worker)
        self.own.supervisor.start(self.worker)

    def kill_pool_process(self, chance: Random) -> None:
        """SIGKILL to one process of the pool, as the system does when memory runs out."""
        if pool := family(self.worker.pid)[1:]:
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
