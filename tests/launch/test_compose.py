"""docker-compose.yml, read by a parser: no Docker engine is needed."""

import re

import pytest
import yaml

from launcher.places import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
KNOBS = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
OF_THE_IMAGES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_INITDB_ARGS", "REDISCLI_AUTH"}
APP = ("prepare", "web", "worker", "beat")


def test_the_services_are_those_of_the_product():
    assert set(SERVICES) == {"postgres", "valkey", "prepare", "web", "worker", "beat"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_every_lasting_service_has_a_health_check(name):
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_environment_names_are_documented_knobs(name):
    assert set(SERVICES[name]["environment"]) - OF_THE_IMAGES <= KNOBS


def test_every_knob_of_behaviour_reaches_the_containers():
    text = (ROOT / ".env.example").read_text().split("# --- Behaviour")[1].split("# ---")[0]

    behaviour = set(re.findall(r"^# ([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert behaviour - set(SERVICES["web"]["environment"]) == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_secret_stands_in_the_file(name):
    for knob, value in SERVICES[name]["environment"].items():
        if re.search(r"PASSWORD|SECRET|AUTH$|_URL$", knob) and "://" not in str(value):
            assert str(value).startswith("${"), knob
        for password in re.findall(r"://[^:]*:([^@]*)@", str(value)):
            assert password.startswith("${"), knob


def test_what_must_be_secret_has_no_default():
    text = (ROOT / "docker-compose.yml").read_text()

    for knob in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SECRET_KEY"):
        uses = re.findall(rf"\$\{{{knob}([^}}]*)\}}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses)


def test_the_database_sorts_as_the_embedded_one_does():
    arguments = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]

    for wanted in ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"):
        assert wanted in arguments.split()
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"


def test_the_apps_share_one_image_and_one_environment():
    for name in APP:
        assert SERVICES[name]["image"] == SERVICES["web"]["image"]
        assert SERVICES[name]["environment"] == SERVICES["web"]["environment"]


def test_nothing_starts_before_the_database_is_prepared():
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["prepare"]["condition"] == (
            "service_completed_successfully"
        )
    assert SERVICES["prepare"]["restart"] == "no"


def test_what_must_survive_a_restart_is_on_named_volumes():
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service["volumes"]}

    assert mounted == set(COMPOSE["volumes"])
