"""Postgres and Valkey for real: killed without warning, started again, nothing lost."""

import os
import shutil
import signal

import psycopg2
import pytest
import redis

from launcher import postgres as programs
from launcher import processes, rights, servers
from launcher.output import Failed
from launcher.postgres import Postgres, find_programs
from launcher.rights import account_for_postgres
from launcher.supervisor import Supervisor
from launcher.valkey import Valkey

pytestmark = [pytest.mark.slow, pytest.mark.serial]


@pytest.fixture
def supervisor(folder):
    found = Supervisor(record=folder / "record", logs=folder, quiet=True)
    yield found
    found.stop()


def rows(server: Postgres, statement: str) -> list[tuple]:
    with psycopg2.connect(server.url) as link, link.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def kill_without_warning(supervisor: Supervisor) -> list[processes.Known]:
    """SIGKILL to every process of every child, as a power cut would."""
    killed = [child.known for child in supervisor.children]
    for child in supervisor.children:
        for pid in processes.family(child.pid):
            os.kill(pid, signal.SIGKILL)
        child.process.wait()
    return killed


def test_servers_that_were_killed_start_again_with_all_that_was_committed(folder, supervisor):
    postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
    servers.start_server(supervisor, postgres)
    servers.start_server(supervisor, valkey)
    rows(postgres, "CREATE TABLE kept AS SELECT generate_series(1, 20000) AS n")
    redis.Redis.from_url(valkey.url).set("kept", "yes")
    redis.Redis.from_url(valkey.url).execute_command("WAITAOF", 1, 0, 2000)
    killed = kill_without_warning(supervisor)
    assert not any(known.is_alive for known in killed)
    assert (postgres.data / "postmaster.pid").exists()
    with pytest.raises(psycopg2.OperationalError):
        rows(postgres, "SELECT 1")
    supervisor.children.clear()

    again = Postgres(folder / "postgres", port=postgres.port, password=postgres.password)
    servers.start_server(supervisor, again)
    servers.start_server(supervisor, valkey)

    assert again.port == postgres.port
    assert rows(again, "SELECT count(*), sum(n) FROM kept") == [(20000, 200010000)]
    assert redis.Redis.from_url(valkey.url).get("kept") == b"yes"


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(folder, supervisor):
    postgres = Postgres(folder / "postgres", throw_away=True)
    servers.start_server(supervisor, postgres)
    kill_without_warning(supervisor)
    supervisor.children.clear()
    lock = postgres.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    servers.start_server(supervisor, postgres)

    assert rows(postgres, "SELECT 1") == [(1,)]


def test_a_running_server_is_never_started_twice(folder, supervisor, monkeypatch):
    postgres = Postgres(folder / "postgres", throw_away=True)
    servers.start_server(supervisor, postgres)
    monkeypatch.setattr("launcher.postgres.wait_until", lambda condition, seconds: condition())

    with pytest.raises(Failed, match="already runs on"):
        Postgres(folder / "postgres", password=postgres.password).prepare()
    assert rows(postgres, "SELECT 1") == [(1,)]


def test_a_lost_password_is_replaced_and_the_rows_stay(folder, supervisor):
    postgres = Postgres(folder / "postgres", throw_away=True)
    servers.start_server(supervisor, postgres)
    rows(postgres, "CREATE TABLE kept AS SELECT 1 AS n")
    supervisor.stop()

    again = Postgres(folder / "postgres", throw_away=True)
    servers.start_server(supervisor, again)

    assert again.password != postgres.password
    assert rows(again, "SELECT n FROM kept") == [(1,)]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(again.url.replace(again.password, postgres.password))


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the programs where they are")
def test_programs_in_a_closed_folder_are_copied_out_of_it(folder, supervisor, monkeypatch):
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    original = find_programs(account_for_postgres()).folder
    package = closed / original.parent.name
    shutil.copytree(original, package / original.name, symlinks=True)
    libraries = original.parent.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name, symlinks=True)
    monkeypatch.setattr(rights, "COPIES", folder / "copies")
    monkeypatch.setattr(programs, "candidates", lambda: [package / original.name])

    server = Postgres(closed / "postgres", throw_away=True)
    servers.start_server(supervisor, server)

    assert rows(server, "SELECT 1") == [(1,)]
    assert server.home.parent == folder / "copies"
    assert server.programs.folder.is_relative_to(folder / "copies")


def test_a_damaged_queue_file_is_set_aside(folder, supervisor):
    valkey = Valkey(folder / "valkey")
    servers.start_server(supervisor, valkey)
    redis.Redis.from_url(valkey.url).set("x", "y" * 1000)
    supervisor.stop()
    [kept] = (folder / "valkey" / "appendonlydir").glob("*.incr.aof")
    kept.write_bytes(b"*3\r\nnot what it wrote" + kept.read_bytes())

    servers.start_server(supervisor, valkey)

    assert redis.Redis.from_url(valkey.url).get("x") is None
    assert (folder / "valkey" / "appendonlydir.damaged").is_dir()


def test_servers_sort_and_speak_as_documented(folder, supervisor):
    postgres = Postgres(folder / "postgres", throw_away=True)
    servers.start_server(supervisor, postgres)

    assert rows(postgres, "SELECT current_setting('server_encoding')") == [("UTF8",)]
    assert rows(postgres, "SHOW data_checksums") == [("on",)]
    assert rows(postgres, "SELECT 'é' > 'z', upper('é'), 'B' < 'a'") == [(True, "É", True)]
    assert rows(postgres, "SHOW listen_addresses") == [("127.0.0.1",)]


def test_the_queue_asks_for_its_password_and_never_drops_a_message(folder, supervisor):
    valkey = Valkey(folder / "valkey")
    servers.start_server(supervisor, valkey)
    client = redis.Redis.from_url(valkey.url)

    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port).ping()
    assert valkey.password not in " ".join(valkey.command())
