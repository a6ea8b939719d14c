"""The KPI page in a browser: cards, bars, dates by key, Back, dialogs, files."""

import csv
import re

import pytest

from stores.models import SavedView
from tests.analytics.shop import MAY, open_shop

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDTH_ONLY = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def page(store, alices_page):
    open_shop(store)
    faults = []
    alices_page.on("pageerror", lambda error: faults.append(str(error)))
    alices_page.goto(f"/kpis/?{MAY}")
    alices_page.wait_for_selector("#main-chart .main-svg")
    yield alices_page
    assert faults == []


def test_a_card_goes_into_the_chart_and_back_undoes_it(page):
    page.click("#card-orders")
    page.wait_for_selector("#main-title >> text=Orders per day")

    assert "metric=orders" in page.url
    assert page.locator("#card-orders").get_attribute("aria-current") == "true"
    assert "Orders 60" in page.locator("#live").text_content()
    page.wait_for_selector("#main-chart .main-svg")
    page.go_back()

    page.wait_for_selector("#main-title >> text=Net sales per day")
    assert "metric=" not in page.url
    page.wait_for_selector("#main-chart .main-svg")


def test_a_row_filters_the_page_and_its_chip_takes_the_filter_away(page):
    page.click("#by-place a.rowlink >> text=France")
    page.wait_for_selector(".chip >> text=Country: France")

    assert page.locator("#card-net_sales .v").text_content() == "€1,000"
    page.get_by_label("Remove the filter Country: France").click()

    page.wait_for_selector("#card-net_sales .v >> text=€4,900")
    assert "country" not in page.url


def test_a_bar_filters_like_its_row(page):
    page.locator("#by-source .nsewdrag").click(position={"x": 40, "y": 130})

    page.wait_for_selector(".chip >> text=Source: Unknown")
    assert "source=unknown" in page.url


def test_a_key_in_the_date_popover_chooses_a_range(page):
    page.click("details[data-range] summary")
    page.keyboard.press("y")

    page.wait_for_selector("details[data-range] summary >> text=This year")
    assert "r=year" in page.url


def test_own_dates_are_sent_by_the_form(page):
    page.click("details[data-range] summary")
    page.fill("#range-from", "2026-05-04")
    page.fill("#range-to", "2026-05-05")
    page.click(".range >> text=Apply")

    page.wait_for_selector("#card-net_sales .v >> text=€400.00")
    assert "from=2026-05-04&to=2026-05-05" in page.url


def test_the_filter_dialog_narrows_to_what_is_ticked(page):
    page.click(".tb summary >> text=Filter")
    page.click(".tb .mi >> text=Country")
    page.fill("#filter [data-narrow]", "fra")
    assert page.locator("#options label:visible").count() == 1
    page.check("#options label:visible input")
    page.click("#filter >> text=Apply filter")

    page.wait_for_selector("#card-net_sales .v >> text=€1,000")
    assert not page.locator("#filter").is_visible()
    assert page.url.endswith("country=FR")


def test_figures_are_chosen_and_moved(page):
    page.click("text=Choose figures")
    page.click("[aria-label='Add Sessions']")
    page.wait_for_selector("[aria-label='Take Sessions away']")
    page.click("[aria-label='Move Orders up']")
    page.wait_for_selector("[aria-label='Move Net sales up']")
    page.click("#filter >> text=Show these figures")

    page.wait_for_selector("#card-sessions")
    assert page.locator("#cards .card").first.get_attribute("id") == "card-orders"


def test_a_figure_explains_itself(page):
    page.click("#main-chart [data-dialog-link=explain]")

    page.wait_for_selector("#explain >> text=Turnover")
    assert page.locator("#explain tfoot td.num").text_content() == "€4,900"


def test_the_table_twin_and_the_files(page):
    page.click("#main-chart [data-twin]")
    assert page.locator("#main-table tbody tr").count() == 31
    page.click(".ph summary >> text=Export")

    with page.expect_download() as found:
        page.click(".ph .mi >> text=CSV")

    with open(found.value.path(), encoding="utf-8-sig", newline="") as file:
        assert ["Net sales", "4900", "2500", "0.96", "money"] in list(csv.reader(file))


def test_a_view_is_saved_and_opened_from_its_tab(page):
    page.click("#by-place a.rowlink >> text=Germany")
    page.wait_for_selector(".chip >> text=Country: Germany")
    page.click(".ph summary >> text=Save view")
    page.fill("#view-name", "Germany")
    page.click(".ph form >> text=Save view")

    page.wait_for_selector(".tabs [aria-current=page] >> text=Germany")
    view = SavedView.objects.get()
    assert view.query == "r=custom&from=2026-05-01&to=2026-05-31&wd=0&country=DE"
    assert page.url.endswith(f"view={view.pk}")


def test_without_scripts_everything_can_be_read_filtered_and_saved(
    browser, live_server, alices_cookies, store
):
    open_shop(store)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(alices_cookies)
    page = context.new_page()
    page.goto(f"/kpis/?{MAY}")

    page.click("#by-place a.rowlink >> text=France")
    assert page.locator("#card-net_sales .v").text_content() == "€1,000"
    page.click(".tb summary >> text=Filter")
    page.click(".tb .mi >> text=Country")
    page.check("#options input[value=DE]")
    page.click("text=Apply filter")
    assert page.locator("#card-net_sales .v").text_content() == "€4,900"
    page.click(".ph summary >> text=Save view")
    page.fill("#view-name", "Both")
    page.click(".ph form >> text=Save view")

    assert re.search(r"view=\d+$", page.url)
    assert SavedView.objects.get().name == "Both"
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1180])
def test_nothing_scrolls_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()

    assert page.evaluate(WIDTH_ONLY)
