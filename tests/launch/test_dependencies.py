"""Every package has its line of reason, and no line is left over."""

import json
import re
import tomllib

from launcher.places import ROOT

TABLE_ROW = re.compile(r"^\| ((?!package|---)[^|]+) \| ([^|]+) \|$", re.MULTILINE)


def explained() -> set[str]:
    rows = TABLE_ROW.findall((ROOT / "docs/dependencies.md").read_text())
    assert all(reason.strip() for _, reason in rows)
    return {name.strip() for names, _ in rows for name in names.split(",")}


def named() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    browser = json.loads((ROOT / "package.json").read_text())
    lines = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    for name in ("uv", "node"):
        lines += re.findall(
            r"^[a-z].*", (ROOT / f"requirements/{name}.in").read_text(), re.MULTILINE
        )
    python = {re.split(r"[\[=]", line)[0] for line in lines}
    return python | set(browser["dependencies"]) | set(browser["devDependencies"])


def test_every_package_has_a_reason():
    assert named() - explained() == set()


def test_no_reason_outlives_its_package():
    assert explained() - named() == set()
