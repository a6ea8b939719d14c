"""Five short rounds of the drill, with its control, on servers of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.serial]
ROOT = Path(__file__).resolve().parents[2]
SHORT = ("--rounds", "5", "--kills", "4", "--controls", "1", "--days", "2", "--pages", "24")


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """The drill's last line."""
    command = [sys.executable, "-m", "benchmarks.drills.pull", "--quick", *SHORT]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=1500
    )
    sys.stdout.write(done.stdout)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_pulls_whose_workers_and_servers_are_killed_end_with_the_rows_of_an_undisturbed_one(
    figures,
):
    assert figures["rounds"] == 5
    assert figures["kills"] >= 20
    assert figures["faults"]["Valkey wiped"] == figures["faults"]["Postgres"] == 5
    assert (figures["differing"], figures["audit"], figures["stuck"]) == (0, 0, 0)
    assert figures["longest_stall_s"] <= 60


def test_when_cursors_are_saved_before_their_rows_the_same_kills_are_noticed(figures):
    assert figures["control_differing"] >= 1
