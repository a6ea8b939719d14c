"""Every knob that is read is documented in .env.example, and nothing else is."""

import re

from launcher.places import ROOT

READ = re.compile(r"""\benv(?:\.[a-z_]+)?\(\s*["']([A-Z][A-Z_]+)["']""")
GIVEN = re.compile(r"""given\(["']([A-Z][A-Z_]+)["']""")
OF_COMPOSE = {"POSTGRES_PASSWORD", "VALKEY_PASSWORD"}


def knobs_in(*patterns: str) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        for path in ROOT.glob(pattern):
            text = path.read_text()
            found |= set(READ.findall(text)) | set(GIVEN.findall(text))
    return found


def test_the_example_lists_every_knob_and_no_other():
    read = knobs_in("ecomgr/settings/*.py", "scripts/launcher/*.py")
    listed = set(
        re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )

    assert {"DATABASE_URL", "SECRET_KEY", "PORT"} <= read
    assert listed == read | OF_COMPOSE | {"DJANGO_SETTINGS_MODULE"}


def test_each_knob_is_read_once_in_the_base_settings():
    reads = READ.findall((ROOT / "ecomgr/settings/base.py").read_text())

    assert sorted(reads) == sorted(set(reads))
