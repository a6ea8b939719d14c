"""Each part of the pages says what it takes and is shown on the page of parts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

UI = Path(settings.TEMPLATES[0]["DIRS"][0]) / "ui"
PARTS = sorted(path.relative_to(UI).as_posix() for path in UI.rglob("*.html"))
SHOWN = (
    "".join(path.read_text() for path in (UI.parent / "accounts").rglob("parts*/*.html"))
    + (UI.parent / "accounts" / "parts.html").read_text()
)
VARIABLE = re.compile(r":?([a-z_]+)=")


def tag_of(part: str) -> str:
    return "c-" + part.removesuffix(".html").replace("/", ".").replace("_", "-")


@pytest.mark.parametrize("part", PARTS)
def test_part_begins_with_what_it_takes(part):
    text = (UI / part).read_text()
    first, *rest = text.splitlines()
    declared = next((line for line in rest if line.startswith("<c-vars")), "")

    assert first.startswith(f"{{# <{tag_of(part)}"), "name the tag and its arguments first"
    assert first.endswith("#}")
    untold = [name for name in VARIABLE.findall(declared) if name not in first]
    assert set(untold) <= {"class", "nochange"}


@pytest.mark.parametrize("part", PARTS)
def test_part_is_small(part):
    assert len((UI / part).read_text().splitlines()) <= 40


@pytest.mark.parametrize("part", PARTS)
def test_part_is_shown_on_the_page_of_parts(part):
    elsewhere = ("peek.html",)  # needs a list beside it; every list page shows it
    assert f"<{tag_of(part)}" in SHOWN or part in elsewhere


def test_delta_says_the_direction_to_those_who_do_not_see_it(alice_signed_in):
    page = alice_signed_in.get(reverse("parts")).content.decode()

    assert '<span class="visually-hidden">down </span>−0.09 pt' in page
    assert '<span class="visually-hidden">up </span>+8.4%' in page


def test_value_of_a_part_is_never_markup(alice_signed_in, alice):
    alice.name = "<script>1</script>"
    alice.save()

    page = alice_signed_in.get(reverse("accounts:account")).content.decode()

    assert "<script>1" not in page
    assert "Account, &lt;script&gt;1" in page
