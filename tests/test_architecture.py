"""The house stays small and named as CONTRIBUTING.md says; import-linter and ruff check the rest."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.places import ROOT

FILE, FUNCTION, VIEW, TASK, TEMPLATE, COMPONENT = 400, 40, 25, 5, 120, 40
APPS = (
    "core", "metrics", "accounts", "stores", "catalog", "inventory", "traffic", "sales",
    "listings", "campaigns", "connectors", "analytics", "ecomgr",
)  # fmt: skip
# Apps that hold tables of the shop's own: these file names and no others.
DOMAIN = ("catalog", "inventory", "traffic", "sales", "listings", "campaigns")
NAMES = {
    "models", "events", "records", "queries", "metrics", "attention", "palette", "privacy",
    "access", "services", "forms", "serializers", "views", "api", "tasks", "receivers", "admin",
    "urls", "apps", "migrations", "management", "customer_urls", "__init__",
}  # fmt: skip
EMPTY_WORDS = {"get", "do", "handle", "process"}
EMPTY_MODULES = {"helper", "helpers", "util", "utils", "manager", "managers", "misc", "common"}


def sources(*folders: str) -> list[Path]:
    """The Python files of these folders, without what Django writes."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


ALL = sources(*APPS, "tests", "benchmarks", "scripts")
PRODUCT = sources(*APPS)


def functions(paths: list[Path]) -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def lines(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def place(path: Path, name: str = "") -> str:
    return f"{path.relative_to(ROOT)} {name}".strip()


def is_view(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "request"


def is_task(node: ast.FunctionDef) -> bool:
    return any("shared_task" in ast.dump(decorator) for decorator in node.decorator_list)


def body_lines(node: ast.FunctionDef) -> int:
    """The lines of a function below its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_file_and_no_function_is_over_its_ceiling():
    files = [place(path) for path in ALL if path.read_text().count("\n") > FILE]
    long = [place(path, node.name) for path, node in functions(ALL) if lines(node) > FUNCTION]

    assert (files, long) == ([], [])


def test_views_and_tasks_only_join_what_others_do():
    found = list(functions(PRODUCT))
    views = [place(path, n.name) for path, n in found if is_view(n) and lines(n) > VIEW]
    tasks = [place(path, n.name) for path, n in found if is_task(n) and body_lines(n) > TASK]

    assert (views, tasks) == ([], [])


@pytest.mark.parametrize(("folder", "most"), [("", TEMPLATE), ("ui", COMPONENT)])
def test_templates_stay_small(folder: str, most: int):
    found = list((ROOT / "templates" / folder).rglob("*.html"))

    assert len(found) > 30
    assert [place(path) for path in found if path.read_text().count("\n") > most] == []


@pytest.mark.parametrize("app", DOMAIN)
def test_an_app_of_the_shop_holds_only_files_of_known_names(app: str):
    found = {path.stem for path in (ROOT / app).iterdir() if path.suffix == ".py" or path.is_dir()}

    assert found - NAMES - {"__pycache__"} == set()


def test_names_say_what_is_done():
    modules = [place(path) for path in ALL if path.stem in EMPTY_MODULES]
    words = [
        place(path, node.name)
        for path in PRODUCT
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.split("_")[0] in EMPTY_WORDS
    ]

    assert (modules, words) == ([], [])


def test_every_table_says_what_one_row_is():
    tables = [
        (path, node)
        for path in PRODUCT
        if path.stem == "models" or path.parent.stem == "models"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and "Model" in "".join(map(ast.dump, node.bases))
    ]

    assert len(tables) > 30
    assert [place(path, node.name) for path, node in tables if not ast.get_docstring(node)] == []


def test_tests_are_functions():
    classes = [
        place(path, node.name)
        for path in sources("tests")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
    ]

    assert classes == []


def test_no_signal_of_a_model_is_heard():
    heard = ("post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed")

    assert [place(p) for p in PRODUCT for word in heard if word in p.read_text()] == []
