"""The shell in a browser: palette, keys, menus, theme, drawer, toasts, charts."""

import pytest

from accounts.models import User

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_palette_opens_by_key_finds_a_page_and_goes_there(alices_page):
    alices_page.goto("/ui/")

    alices_page.keyboard.press("Control+k")
    alices_page.keyboard.type("your acc")
    alices_page.wait_for_selector("#palette [role=option][aria-selected=true] >> text=Your account")
    alices_page.keyboard.press("Enter")

    alices_page.wait_for_url("**/account/")


def test_theme_is_switched_at_once_and_remembered(alices_page, alice):
    alices_page.goto("/account/")

    with alices_page.expect_response("**/account/theme/"):
        alices_page.get_by_label("Switch light or dark theme").click()

    assert alices_page.locator("html").get_attribute("data-bs-theme") == "dark"
    assert User.objects.get(pk=alice.pk).theme == "dark"


def test_single_keys_act_outside_fields_only(alices_page):
    alices_page.goto("/account/")

    alices_page.get_by_label("Name").press("?")
    assert not alices_page.locator("#keys").is_visible()
    alices_page.locator("h1").click()
    alices_page.keyboard.press("?")

    assert alices_page.locator("#keys").is_visible()


def test_single_keys_can_be_switched_off(alices_page, alice):
    alice.single_keys = False
    alice.save()
    alices_page.goto("/account/")

    alices_page.locator("h1").click()
    alices_page.keyboard.press("?")

    assert not alices_page.locator("#keys").is_visible()


def test_escape_closes_a_menu_and_gives_the_focus_back(alices_page):
    alices_page.goto("/ui/")
    menu = alices_page.locator("details.menu", has_text="Duplicate")

    menu.locator("summary").click()
    alices_page.keyboard.press("Escape")

    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("node => node === document.activeElement")


def test_selecting_rows_shows_the_bulk_bar_and_shift_selects_a_range(alices_page):
    alices_page.goto("/ui/")
    boxes = alices_page.locator("input[name=ids]")

    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])

    assert alices_page.locator("[data-count]").inner_text() == "3"
    assert alices_page.locator("[data-all]").is_checked()


def test_chart_shows_its_table_and_follows_a_bar(alices_page):
    alices_page.goto("/ui/")
    alices_page.wait_for_function(
        "document.querySelector('[data-plot=demo-bars-json]').dataset.drawn"
    )

    card = alices_page.locator("[data-chart=demo-bars]")
    card.get_by_label("Show data table").click()
    assert card.get_by_role("row", name="Paid search €118,200").is_visible()
    card.locator(".points .point").first.click(force=True)

    alices_page.wait_for_url("**/?channel=paid-search")


def test_menu_of_a_phone_opens_over_the_page_and_closes(alices_page):
    alices_page.set_viewport_size({"width": 390, "height": 844})
    alices_page.goto("/ui/")

    alices_page.get_by_role("link", name="More", exact=True).click()
    assert alices_page.locator("#side").is_visible()
    alices_page.keyboard.press("Escape")

    assert not alices_page.locator("#side").is_visible()


def test_account_is_saved_without_scripts(browser, live_server, alices_cookies, alice):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(alices_cookies)
    page = context.new_page()
    page.goto("/account/")

    page.get_by_label("Numbers and dates").select_option("de")
    page.get_by_role("button", name="Save account").click()

    assert page.get_by_text("Your account is saved").is_visible()
    assert User.objects.get(pk=alice.pk).locale == "de"
    context.close()


def test_keys_walk_through_rows_and_tick_them(alices_page):
    alices_page.goto("/ui/")
    alices_page.locator("h1").click()

    alices_page.keyboard.press("j")
    alices_page.keyboard.press("j")
    alices_page.keyboard.press("x")
    alices_page.keyboard.press("k")
    alices_page.keyboard.press("Shift+X")

    assert "10482" in alices_page.locator("tr[aria-current]").inner_text()
    assert alices_page.locator("[data-count]").inner_text() == "2"


def test_changed_form_warns_before_it_is_left(alices_page):
    alices_page.goto("/account/")
    asked = []
    alices_page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    alices_page.get_by_label("Name").fill("Alice Meier")
    alices_page.goto("/ui/")

    assert asked == ["beforeunload"]


def test_dialog_takes_the_focus_and_gives_it_back(alices_page):
    alices_page.goto("/ui/")
    opener = alices_page.get_by_role("button", name="Open a dialog")

    opener.click()
    assert alices_page.locator("#demo-modal").evaluate(
        "node => node.contains(document.activeElement)"
    )
    alices_page.keyboard.press("Escape")

    assert opener.evaluate("node => node === document.activeElement")


def test_failure_of_a_part_shows_a_toast_and_keeps_the_page(alices_page):
    alices_page.goto("/ui/")
    alices_page.route(
        "**/palette/**", lambda route: route.fulfill(status=500, headers={"X-Request-Id": "4f2a"})
    )

    alices_page.keyboard.press("Control+k")

    toast = alices_page.locator("#toasts .toast-x")
    toast.wait_for()
    assert "Reference 4f2a" in toast.inner_text()
    assert alices_page.locator("h1").inner_text() == "Parts"
