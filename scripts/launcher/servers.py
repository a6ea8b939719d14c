"""Postgres and Valkey as children, for the running stack and for throw-away use."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from launcher import configuration
from launcher.output import Failed, last_lines, say
from launcher.places import LOGS, ROOT, RUN, VAR
from launcher.postgres import Postgres
from launcher.processes import end_group, myself, recall, stop
from launcher.supervisor import Child, Supervisor
from launcher.valkey import Valkey

START_TRIES = 3
NOTES = RUN / "throw-away"


def postgres_child(server: Postgres) -> Child:
    return Child(
        name="postgres",
        command=server.command,
        env=server.environment(),
        is_ready=server.is_ready,
        ready_within_s=120,
        stop_signal=signal.SIGINT,
        grace_s=30,
        account=server.account,
        folder=Path("/"),
    )


def valkey_child(server: Valkey) -> Child:
    return Child(
        name="valkey",
        command=server.command,
        env=dict(os.environ),
        is_ready=server.is_ready,
        folder=server.home,
    )


def start_server(supervisor: Supervisor, server: Postgres | Valkey) -> None:
    """Start and wait; a port that was lost to somebody else is replaced."""
    for attempt in range(1, START_TRIES + 1):
        server.prepare()
        child = postgres_child(server) if isinstance(server, Postgres) else valkey_child(server)
        supervisor.start(child)
        try:
            supervisor.wait_ready(child)
        except Failed as failed:
            if attempt == START_TRIES or not child.has_ended:
                raise
            say(f"  {failed}; trying again")
            supervisor.children.remove(child)
            repair(server, "\n".join(last_lines(supervisor.log_of(child), 15)))
        else:
            return


def repair(server: Postgres | Valkey, told: str) -> None:
    """Before another try: a new port, and no damaged queue file."""
    server.port = None
    if isinstance(server, Valkey) and ("append only" in told.lower() or "AOF" in told):
        server.set_aside()


def database(supervisor: Supervisor) -> str:
    """The database's address: the one a person gave, else the embedded server, started."""
    if url := configuration.given("DATABASE_URL"):
        return url
    port, password = parts_of(configuration.kept("POSTGRES_ADDRESS"))
    server = Postgres(VAR / "postgres", port=port, password=password)
    start_server(supervisor, server)
    configuration.keep({"POSTGRES_ADDRESS": server.url})
    return server.url


def queue(supervisor: Supervisor) -> str:
    """The same for Valkey."""
    if url := configuration.given("REDIS_URL"):
        return url
    port, password = parts_of(configuration.kept("VALKEY_ADDRESS"))
    server = Valkey(VAR / "valkey", port=port, password=password)
    start_server(supervisor, server)
    configuration.keep({"VALKEY_ADDRESS": server.url})
    return server.url


def parts_of(url: str) -> tuple[int | None, str]:
    parts = urlsplit(url)
    return parts.port, parts.password or ""


@dataclass(frozen=True)
class OwnServers:
    """A Postgres and a Valkey in a folder of their own, and who looks after them."""

    folder: Path
    supervisor: Supervisor
    postgres: Postgres
    valkey: Valkey

    @property
    def addresses(self) -> dict[str, str]:
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url}


@contextmanager
def own_servers(*, durable: bool) -> Iterator[OwnServers]:
    """Both servers started in a temporary folder; stopped and gone afterwards."""
    clear_abandoned()
    folder = Path(tempfile.mkdtemp(prefix="ecomgr-"))
    folder.chmod(0o711)
    supervisor = Supervisor(record=NOTES / folder.name, logs=folder, quiet=True)
    postgres, valkey = (
        Postgres(folder / "postgres", throw_away=not durable),
        Valkey(folder / "valkey"),
    )
    try:
        start_server(supervisor, postgres)
        start_server(supervisor, valkey)
        yield OwnServers(folder, supervisor, postgres, valkey)
    except Failed as failed:
        keep_log(failed)
        raise
    finally:
        supervisor.stop()
        shutil.rmtree(postgres.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def throw_away(*, durable: bool) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder and the addresses of such servers, for a command that only uses them."""
    with own_servers(durable=durable) as servers:
        yield servers.folder, servers.addresses


def keep_log(failed: Failed) -> None:
    """The folder goes away, the log that explains the failure stays."""
    if failed.log is not None and failed.log.exists():
        failed.log = Path(shutil.copy(failed.log, LOGS / f"throw-away-{failed.log.name}"))


def clear_abandoned() -> None:
    """Stop the servers of a test run that was killed, and remove their folder."""
    NOTES.mkdir(parents=True, exist_ok=True)
    for note in NOTES.glob("ecomgr-*"):
        if clear_leftovers(note):
            shutil.rmtree(Path(tempfile.gettempdir()) / note.name, ignore_errors=True)


def clear_leftovers(record: Path) -> bool:
    """Stop what a killed launcher left running; False when that launcher still lives."""
    known = recall(record)
    if known and known[0].is_alive and known[0] != myself():
        return False
    for child in reversed(known[1:]):
        stop(child)
        end_group(child.pid, ROOT)
    record.unlink(missing_ok=True)
    return True
