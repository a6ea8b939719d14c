"""Every page without arguments: no axe, console or policy error, no sideways scroll."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.services import notify

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NOT_PAGES = ("api/", "accounts/", "healthz", "readyz")
GATES = [
    "accounts/login/",
    "accounts/password/reset/",
    "accounts/password/change/",
    "no/such/page/",
]
VIEWPORTS = ((390, "light"), (390, "dark"), (1440, "light"), (1440, "dark"))
REPORT_VIOLATIONS = """
window.policyErrors = [];
addEventListener("securitypolicyviolation", (event) =>
  window.policyErrors.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def paths(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if "<" in here or "(" in here or here.startswith(NOT_PAGES):
            continue
        if isinstance(pattern, URLResolver):
            yield from paths(pattern.url_patterns, here)
        elif "^" not in here:
            yield here


PATHS = sorted({"/" + path for path in paths(get_resolver().url_patterns)})


def is_page(client: Client, path: str) -> bool:
    """Whether a GET gives a whole page; forms' targets, files and parts of pages are none."""
    response = client.get(path)
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return is_html and response.status_code != 405 and b"<html" in response.content


def faults_of(browser, url: str, axe: str, cookies: list, width: int, theme: str) -> list[str]:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    context.add_cookies(cookies)
    context.add_init_script(REPORT_VIOLATIONS)
    page = context.new_page()
    faults = []
    expected_404 = "no/such" in url
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type == "error" and not (expected_404 and "404" in message.text)
            else None
        ),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url, wait_until="load")
    page.wait_for_timeout(300)
    page.wait_for_function(
        "[...document.querySelectorAll('[data-plot]')].every(p => p.dataset.drawn)"
    )
    faults += page.evaluate("window.policyErrors")
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in result["violations"]:
        faults.append(f"{violation['id']}: {[node['target'] for node in violation['nodes']]}")
    if width == VIEWPORTS[0][0]:
        page.set_viewport_size({"width": 320, "height": 800})
        page.wait_for_timeout(500)  # charts follow a new width a moment later
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{overflow} px too wide at 320"] if overflow > 0 else []
    context.close()
    return [f"{width} {theme}: {fault}" for fault in faults]


@pytest.mark.parametrize("path", PATHS)
def test_page_has_no_fault(path, browser, live_server, axe, alice_signed_in, alices_cookies):
    if not is_page(alice_signed_in, path):
        return
    url = live_server.url + path
    faults = [
        fault
        for width, theme in VIEWPORTS
        for fault in faults_of(browser, url, axe, alices_cookies, width, theme)
    ]
    assert faults == []


@pytest.mark.parametrize("path", GATES)
def test_gate_has_no_fault(path, browser, live_server, axe, alices_cookies):
    cookies = alices_cookies if "change" in path or "no/such" in path else []
    url = f"{live_server.url}/{path}"
    faults = [
        fault
        for width, theme in VIEWPORTS
        for fault in faults_of(browser, url, axe, cookies, width, theme)
    ]
    assert faults == []


OPENED = {
    "shortcuts": "document.getElementById('keys').showModal()",
    "palette": "document.querySelector('[data-palette]').click()",
    "dialog": "document.querySelector('[data-dialog=demo-modal]').click()",
    "sheet": "document.querySelector('[data-dialog=demo-drawer]').click()",
    "store menu": "document.querySelector('#side details').open = true",
    "bell": "document.querySelector('.notices').closest('details').open = true",
    "account menu": "document.querySelector('.top .ava').closest('details').open = true",
    "tables of charts": "document.querySelectorAll('[data-twin]').forEach(twin => twin.click())",
    "selection": "document.querySelector('[data-all]').click()",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_on_a_page_has_no_fault(theme, browser, live_server, axe, alices_cookies, alice):
    notify(users=[alice.pk], title="Import finished", body="1,145 rows")
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
    context.add_cookies(alices_cookies)
    page = context.new_page()
    faults = []
    for name, opening in OPENED.items():
        page.goto(f"{live_server.url}/ui/")
        page.evaluate(opening)
        page.wait_for_timeout(300)
        page.evaluate(axe)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        faults += [
            f"{name}: {violation['id']} {[node['target'] for node in violation['nodes']]}"
            for violation in result["violations"]
        ]
    context.close()
    assert faults == []
