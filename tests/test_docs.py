"""What the papers name is there: files, headings, commands, presets, decisions."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.utils.text import slugify

from connectors.files.known import PRESETS
from launcher.places import ROOT

PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
MAKE = re.compile(r"`make ([a-z]+)|^make ([a-z]+)", re.MULTILINE)
MANAGE = re.compile(r"manage\.py ([a-z_]+)")
OUTSIDE = ("http://", "https://", "mailto:")
OWN_APPS = {"analytics", "connectors", "core"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    return {slugify(re.sub(r"[`*]", "", title)) for title in HEADING.findall(path.read_text())}


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_links_lead_somewhere(paper: Path):
    for link in LINK.findall(paper.read_text()):
        if link.startswith(OUTSIDE):
            continue
        target, _, anchor = link.partition("#")
        path = (paper.parent / target).resolve() if target else paper
        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


def test_make_targets_that_the_papers_name_exist():
    told = {word for paper in PAPERS for pair in MAKE.findall(paper.read_text()) for word in pair}
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    help_line = re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    there |= {word for line in help_line for word in line.split()}

    assert {"run", "test", "up"} <= told
    assert told - {""} - there == set()


def test_commands_that_the_papers_name_exist():
    told = {name for paper in PAPERS for name in MANAGE.findall(paper.read_text())}

    assert {"ask", "pull", "rollups", "demo"} <= told
    assert told - set(get_commands()) == set()


def test_own_commands_are_in_the_papers():
    text = "".join(paper.read_text() for paper in PAPERS)
    own = {name for name, app in get_commands().items() if app in OWN_APPS}

    assert {
        name for name in own if f"manage.py {name}" not in text and f"`{name}`" not in text
    } == (set())


def test_every_preset_is_explained():
    text = (ROOT / "docs/connectors.md").read_text()

    assert len(PRESETS) >= 10
    assert {slug for slug in PRESETS if f"`{slug}`" not in text} == set()


def test_decisions_are_numbered_without_a_gap_short_and_say_what_was_decided():
    found = sorted((ROOT / "docs/adr").glob("*.md"))

    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    for path in found:
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. "), named(path)
        assert "**Decision.**" in text or "**What.**" in text, named(path)
        assert text.count("\n") <= 40, named(path)


def test_words_of_the_glossary_stand_once():
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
    words = [word for row in rows[1:] for word in row.strip().split(", ")]

    assert len(words) > 30
    assert len(set(words)) == len(words)
