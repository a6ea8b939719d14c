"""A browser against a live server. Without Chromium these tests are skipped, but fail on CI."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(settings.STATICFILES_DIRS[0]).parent
AXE_PLACES = (
    ROOT / "var" / "vendor" / "axe.min.js",
    ROOT / "node_modules" / "axe-core" / "axe.min.js",
)


def missing(what: str) -> None:
    """Skip for want of a tool on a person's machine; fail where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not CHROMIUM.exists():
        missing(str(CHROMIUM))
    return {"executable_path": str(CHROMIUM), "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _browser_loop_runs_beside_the_database() -> Iterator[None]:
    """The browser's driver runs an event loop in this thread; Django would refuse to share it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def axe() -> str:
    found = next((place for place in AXE_PLACES if place.exists()), None)
    if found is None:
        missing("axe-core (make vendor)")
    return found.read_text()


@pytest.fixture
def alices_cookies(live_server, alice) -> list[dict[str, str]]:
    """What the browser carries once Alice has signed in."""
    client = Client()
    client.force_login(alice)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]


@pytest.fixture
def alices_page(browser, live_server, alices_cookies):
    """A page of a browser in which Alice is signed in; paths are relative to the live server."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1440, "height": 1000}
    )
    context.add_cookies(alices_cookies)
    yield context.new_page()
    context.close()
