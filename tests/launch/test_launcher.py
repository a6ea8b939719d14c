"""The launcher's pure parts."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys

import pytest

from launcher import assets, configuration, packages, ports, processes, rights, stack
from launcher.output import Failed, Follower, last_lines
from launcher.places import ROOT, write_private
from launcher.postgres import Postgres
from launcher.supervisor import Child, Supervisor


def test_a_process_is_known_by_id_and_start_time():
    here = processes.myself()

    assert here.is_alive
    assert not processes.Known("other", here.pid, "another time").is_alive
    assert processes.start_time(2**22 + 5) == ""


def test_a_zombie_counts_as_gone():
    child = subprocess.Popen([sys.executable, "-c", ""])
    assert processes.wait_until(lambda: processes.start_time(child.pid) == "", 10)
    assert processes.exists(child.pid)

    child.wait()
    assert not processes.exists(child.pid)


def test_stopping_ends_a_process_that_ignores_the_request():
    script = "import signal, time; signal.signal(15, 1); print(1, flush=True); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True
    )
    child.stdout.readline()
    known = processes.Known("deaf", child.pid, processes.start_time(child.pid), grace_s=0.2)

    assert processes.stop(known)
    assert child.wait() == -signal.SIGKILL
    assert not processes.stop(known)


def test_the_record_survives_and_damage_means_nothing_is_known(tmp_path):
    path = tmp_path / "record"
    processes.remember(path, [processes.myself()])

    assert processes.recall(path) == [processes.myself()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text('[{"name": "half')
    assert processes.recall(path) == []
    assert processes.recall(tmp_path / "absent") == []


def test_a_taken_port_is_not_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.keep_or_choose(port) != port
    assert ports.keep_or_choose(port) == port


def test_lines_of_an_env_file_are_read_with_or_without_quotes(tmp_path):
    path = tmp_path / "env"
    path.write_text("# words\nA=1\nexport B='two words'\nC=\"x=y\"\n\nnot a line\n")

    assert configuration.read_lines(path) == {"A": "1", "B": "two words", "C": "x=y"}


def test_private_files_are_for_their_owner(tmp_path):
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")

    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_logs_shown_to_people_hold_no_password(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("one\nredis://:geheim@127.0.0.1:1/0 and ALTER ROLE a PASSWORD 'geheim'\n")

    assert last_lines(log) == ["one", "redis…127.0.0.1:1/0 and ALTER ROLE a PASSWORD …"]


def test_calm_output_leaves_out_what_is_only_informative(tmp_path, capsys):
    log = tmp_path / "x.log"
    follower = Follower()
    follower.follow("worker", log)
    log.write_text(
        "[2026-01-01 10:00:00,000: INFO/MainProcess] Task done\n"
        "2026-01-01 10:00:00.000 UTC [7] LOG:  ready\n"
        "[2026-01-01 10:00:00,000: ERROR/MainProcess] Task failed\n"
        "half a line"
    )
    assert follower.poll()
    assert capsys.readouterr().out == (
        "  worker   | [2026-01-01 10:00:00,000: ERROR/MainProcess] Task failed\n"
    )


def test_restarts_wait_longer_each_time_up_to_half_a_minute():
    child = Child("x", lambda: ["true"], {}, is_ready=lambda _: True)
    waits = []
    for child.failures in range(1, 9):
        waits.append(child.delay_s())

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_child_that_ends_is_started_again_and_in_the_end_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(Child, "delay_s", lambda child: 0.0)
    supervisor = Supervisor(record=tmp_path / "record", logs=tmp_path, quiet=True)
    command = [sys.executable, "-c", "print('broken'); raise SystemExit(3)"]
    supervisor.start(Child("x", lambda: command, os.environ, is_ready=lambda _: True))

    with pytest.raises(Failed, match="ended 11 times in a row, last with code 3") as failed:
        supervisor.watch()
    assert last_lines(failed.value.log) == ["broken"] * 11


def test_children_stop_in_the_opposite_order(tmp_path, capsys):
    supervisor = Supervisor(record=tmp_path / "record", logs=tmp_path)
    for name in ("first", "second"):
        supervisor.start(Child(name, lambda: ["sleep", "60"], os.environ, lambda _: True))
    known = processes.recall(tmp_path / "record")
    supervisor.stop()

    assert [one.name for one in known] == ["launcher", "first", "second"]
    assert capsys.readouterr().out == "  second stopped\n  first stopped\n"
    assert not any(one.is_alive for one in known[1:])


def test_source_map_lines_are_cut_off():
    text = b"code();\n//# sourceMappingURL=x.min.js.map\n"

    assert assets.SOURCE_MAP.sub(b"", text) == b"code();\n"
    assert assets.SOURCE_MAP.sub(b"", b"a{}\n/*# sourceMappingURL=x.css.map */") == b"a{}"


def test_icon_names_are_found_however_they_are_written():
    text = """{% icon "home" %} <c-button icon="plus">
        <use href="{% static 'vendor/icons.svg' %}#x">"""

    assert {name for use in assets.ICON_USES for name in use.findall(text)} == {"home", "plus", "x"}


def test_an_unknown_icon_names_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "MODULES", tmp_path)

    with pytest.raises(Failed, match="no icon named nothing-like-it"):
        assets.sprite({"nothing-like-it"})


def test_a_symbol_keeps_the_shapes_and_drops_the_frame(tmp_path, monkeypatch):
    folder = tmp_path / "@tabler/icons/icons/outline"
    folder.mkdir(parents=True)
    (folder / "x.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" stroke="currentColor">'
        '<path stroke="none" d="M0 0h24v24H0z" fill="none" /><path d="M5 12" /></svg>'
    )
    monkeypatch.setattr(assets, "MODULES", tmp_path)

    assert assets.symbol("x") == '<symbol id="x" viewBox="0 0 24 24"><path d="M5 12"/></symbol>'


@pytest.mark.parametrize(
    "path", ["package-lock.json", *(f"requirements/{n}.txt" for n in ("run", "dev"))]
)
def test_no_lock_names_a_registry_or_a_machine(path):
    text = (ROOT / path).read_text()

    assert '"resolved"' not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|file:/|\(from /", text)
    if path.endswith(".txt"):
        assert not re.search(r"https?://", text)


@pytest.mark.parametrize("lock", ["run", "dev", "uv", "node"])
def test_every_locked_package_has_a_hash(lock):
    text = (packages.LOCKS / f"{lock}.txt").read_text().replace("\\\n", " ")
    pins = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]

    assert pins
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_the_locks_hold_what_the_project_names():
    project = (ROOT / "pyproject.toml").read_text()
    pins = set(re.findall(r'^    "([a-z0-9-]+)(?:\[[a-z]+\])?==([^";]+)', project, re.MULTILINE))
    locked = set(
        re.findall(
            r"^([a-z0-9-]+)==([^ ]+)", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE
        )
    )

    assert pins
    assert pins <= locked


def test_the_stamp_changes_with_content_and_names(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")

    assert stack.digest([one, two]) == stack.digest([two, one])
    assert stack.digest([one]) != stack.digest([two])
    before = stack.digest([one], "database")
    one.write_text("changed")
    assert stack.digest([one], "database") != before


def test_data_of_another_version_is_left_alone(folder):
    server = Postgres(folder / "postgres", throw_away=True)
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("14\n")

    with pytest.raises(Failed, match=r"is of Postgres 14.*nothing was changed"):
        server.prepare()
    assert [path.name for path in server.data.iterdir()] == ["PG_VERSION"]


def test_an_account_passes_only_open_folders(tmp_path):
    stranger = rights.Account("stranger", os.geteuid() + 12345, os.getegid() + 12345)
    tmp_path.chmod(0o700)

    assert not rights.can_enter(tmp_path, stranger)
    assert rights.can_enter(tmp_path, None)


def test_make_help_lists_every_command():
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.findall(r"^  make (\w+)", told.stdout, re.MULTILINE)

    assert listed == (
        [
            "help",
            "run",
            "up",
            "down",
            "status",
            "test",
            "check",
            "bench",
            "drill",
            "docs",
            "format",
            "lock",
        ]
    )
