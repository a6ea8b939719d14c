"""Postgres and Valkey for real: killed without warning, started again, nothing lost."""

import os
import signal

import psycopg2
import pytest
import redis

from launcher import processes, servers
from launcher.output import Failed
from launcher.postgres import Postgres
from launcher.supervisor import Supervisor
from launcher.valkey import Valkey

pytestmark = [pytest.mark.slow, pytest.mark.serial]


@pytest.fixture
def folder(tmp_path):
    """A folder that the account of Postgres may pass through."""
    for parent in (tmp_path, *list(tmp_path.parents)[:2]):
        parent.chmod(0o711)
    return tmp_path


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
