"""The whole product on one machine: servers, preparation, web, worker and beat."""

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from launcher import assets, configuration, packages, servers, web
from launcher.output import Failed, say, step
from launcher.places import LOGS, PYTHON, ROOT, RUN, STATE, VAR, VENDOR, make_folders
from launcher.ports import first_free, is_free
from launcher.processes import recall
from launcher.supervisor import Child, Supervisor

RECORD = RUN / "processes.json"
READY = RUN / "ready"
SIGN_INS = RUN / "sign-ins"
PREPARED = STATE / "prepared"
COLLECTED = STATE / "collected"
DEMO_UNFINISHED = STATE / "demo-unfinished"
WEB_PORT = 8000
# Two packages bring pages of their own that nothing here shows.
COLLECT = ["manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
COLLECT += ["--ignore", "rest_framework", "--ignore", "redoc"]
# Celery warns that root plus pickle is dangerous; only JSON is accepted here.
AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
# Freed memory goes back to the system: few arenas, no pool of Arrow's own, one thread per sum.
THRIFT = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OPENBLAS_NUM_THREADS": "1",
}


@contextmanager
def only_one() -> Iterator[None]:
    """Only one launcher at a time works in this folder; the lock goes with the process."""
    make_folders()
    with (RUN / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            at = f" at {READY.read_text()}" if READY.exists() else ""
            raise Failed(
                f"ecomgr already runs{at} or is being set up in this folder",
                remedy="stop it with `make down`",
            ) from None
        yield


def set_up(lock: str) -> None:
    """Everything that comes from package registries, one launcher at a time."""
    with (RUN / "set-up").open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        packages.ensure(lock)
        assets.ensure()


@dataclass
class Stack:
    """One running product."""

    supervisor: Supervisor = field(default_factory=lambda: Supervisor(record=RECORD))
    env: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Bring everything up and print where it is."""
        READY.unlink(missing_ok=True)
        servers.clear_leftovers(RECORD)
        self.supervisor.write_record()
        set_up("run")
        with step("Database and queue"):
            addresses = {
                "DATABASE_URL": servers.database(self.supervisor),
                "REDIS_URL": servers.queue(self.supervisor),
            }
        self.choose_port()
        self.tell(addresses)
        self.open()
        READY.write_text(self.address)
        self.announce()

    def choose_port(self) -> None:
        """The port a person chose, else the one of the last run, else the first free from 8000."""
        if chosen := configuration.given("PORT"):
            if not chosen.isdigit() or not is_free(int(chosen)):
                raise Failed(f"Port {chosen} is taken", remedy="choose another: make run PORT=8010")
            self.port = int(chosen)
            return
        last = configuration.kept("PORT")
        if last.isdigit() and is_free(int(last)):
            self.port = int(last)
        elif (found := first_free(WEB_PORT)) is not None:
            self.port = found
        else:
            raise Failed("No free port from 8000 to 8019", remedy="choose one: make run PORT=9000")

    def tell(self, addresses: dict[str, str]) -> None:
        """Leave the addresses for manage.py, and give them to the children."""
        told = {
            **addresses,
            "SECRET_KEY": configuration.secret_key(),
            "BASE_URL": configuration.given("BASE_URL") or self.address,
            "PORT": str(self.port),
        }
        configuration.keep(told)
        settings = os.environ.get("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")
        given = {name: os.environ.get(name, value) for name, value in THRIFT.items()}
        told |= given | {"DJANGO_SETTINGS_MODULE": settings}
        self.env = configuration.environment(told)

    def open(self) -> None:
        """Web, worker and beat. When nothing changed, pages come first and the check after them."""
        stamp = preparation_stamp(self.env["DATABASE_URL"])
        if text_of(PREPARED) == stamp and static_stamp() == text_of(COLLECTED):
            with step("Pages"):
                web_child = self.begin(self.web())
                self.supervisor.wait_ready(web_child)
            say(f"  first pages at {self.address}")
            with step("Worker and beat"):
                children = [self.begin(self.worker()), self.begin(self.beat())]
                self.prepare(stamp)
                self.supervisor.wait_ready(*children)
            return
        with step("Database tables, rollups and demo shop"):
            self.prepare(stamp)
        with step("Web, worker and beat"):
            children = [self.begin(each) for each in (self.web(), self.worker(), self.beat())]
            self.supervisor.wait_ready(*children)

    def begin(self, child: Child) -> Child:
        self.supervisor.start(child)
        return child

    def prepare(self, stamp: str) -> None:
        """Bring the database up to date, and the static files when one of them changed."""
        jobs = [self.job("prepare", self.prepare_command())]
        if static_stamp() != text_of(COLLECTED):
            jobs.append(self.job("static", [str(PYTHON), *COLLECT]))
        self.finish(jobs)
        COLLECTED.write_text(static_stamp())
        PREPARED.write_text(stamp)

    def prepare_command(self) -> list[str]:
        command = [str(PYTHON), "manage.py", "prepare", "--demo", str(DEMO_UNFINISHED)]
        return [*command, "--sign-ins", str(SIGN_INS)]

    def job(self, name: str, command: list[str]) -> Child:
        """A command that ends by itself; its end is what the others wait for."""
        child = Child(name, lambda: command, self.env, is_ready=lambda _: False, grace_s=20)
        return self.begin(child)

    def finish(self, jobs: list[Child]) -> None:
        for child in jobs:
            self.supervisor.wait_finished(child)
            self.supervisor.children.remove(child)
        self.supervisor.write_record()

    def web(self) -> Child:
        command = [str(PYTHON), "-m", "ecomgr.serve", "--port", str(self.port)]
        return Child(
            name="web",
            command=lambda: command,
            env=self.env,
            is_ready=lambda _: (
                web.answers(self.port, "/healthz") and web.answers(self.port, "/readyz")
            ),
            ready_within_s=180,
            grace_s=15,
        )

    def worker(self) -> Child:
        command = [
            str(PYTHON.parent / "celery"),
            "--quiet",
            "-A",
            "ecomgr",
            "worker",
            "--pool",
            "prefork",
        ]
        command += ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip"]
        command += ["--without-mingle", "--hostname", f"worker-{folder_mark()}@%h"]
        return self.celery("worker", command, ready_text=b" ready.", grace_s=30)

    def beat(self) -> Child:
        command = [
            str(PYTHON.parent / "celery"),
            "--quiet",
            "-A",
            "ecomgr.beat",
            "beat",
            "--loglevel",
            "INFO",
        ]
        command += ["--schedule", str(STATE / "beat"), "--pidfile", ""]
        return self.celery("beat", command, ready_text=b"beat: Starting", grace_s=10)

    def celery(self, name: str, command: list[str], ready_text: bytes, grace_s: float) -> Child:
        """Celery says in its log when it is ready to take work."""
        log = LOGS / f"{name}.log"
        start = log.stat().st_size if log.exists() else 0
        return Child(
            name=name,
            command=lambda: command,
            env=self.env | AS_ROOT,
            is_ready=lambda _: ready_text in written_since(log, start),
            ready_within_s=180,
            grace_s=grace_s,
        )

    def announce(self) -> None:
        say("")
        say(f"ecomgr runs at {self.address}")
        if SIGN_INS.exists():
            say("")
            say(SIGN_INS.read_text().rstrip())
        say("")
        say("Ctrl-C or `make down` stops it. Logs are in var/log.")

    def stop(self) -> None:
        READY.unlink(missing_ok=True)
        say("Stopping")
        self.supervisor.stop()


def written_since(log: Path, start: int) -> bytes:
    if not log.exists():
        return b""
    with log.open("rb") as lines:
        lines.seek(start if log.stat().st_size >= start else 0)
        return lines.read()


def folder_mark() -> str:
    """Tells the workers of two copies of the project apart."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def digest(paths: list[Path], *extra: str) -> str:
    """Changes when a file, its name or an extra word does."""
    found = hashlib.sha256("\n".join(extra).encode())
    for path in sorted(paths):
        found.update(str(path).encode() + path.read_bytes())
    return found.hexdigest()


def preparation_stamp(database: str) -> str:
    """What decides whether the database may need work before a page is shown."""
    paths = [
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("*/metrics.py"),
        *ROOT.glob("metrics/*.py"),
    ]
    return digest(paths, packages.digest_of("run"), database, sys.version)


def static_stamp() -> str:
    """What decides whether the static files must be collected again."""
    paths = [path for folder in (ROOT / "static", VENDOR) for path in folder.rglob("*")]
    manifest = VAR / "static" / "staticfiles.json"
    there = "collected" if manifest.exists() else "missing"
    return digest([path for path in paths if path.is_file()], packages.digest_of("run"), there)


def running() -> bool:
    """Whether the launcher that wrote the record still lives."""
    return any(known.is_alive for known in recall(RECORD)[:1])
