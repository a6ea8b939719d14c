"""Lists in a browser: filters, columns, views and files, with scripts and without."""

import pytest

from stores.models import SavedView
from tests.factories.sales import OrderFactory

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def orders(store, origin):
    OrderFactory(store=store, origin=origin, number="#1", country=276, total=30)
    OrderFactory(store=store, origin=origin, number="#2", country=250, total=12)


@pytest.fixture
def page(alices_page, orders):
    faults = []
    alices_page.on("pageerror", lambda error: faults.append(str(error)))
    alices_page.goto("/orders/")
    yield alices_page
    assert faults == []


def test_a_facet_filters_and_its_chip_takes_it_away(page):
    page.click(".tb summary >> text=Filter")
    page.click(".facets .mi >> text=France")

    page.wait_for_selector(".chip >> text=Country: FR")
    assert "country=FR" in page.url
    assert page.locator("tbody tr").count() == 1
    page.get_by_label("Remove the filter Country: FR").click()
    page.wait_for_function("document.querySelectorAll('tbody tr').length === 2")


def test_columns_and_narrow_rows_are_kept(page):
    page.click(".tools summary >> text=Columns")
    page.uncheck("input[name=columns][value=customer]")
    page.check("input[name=columns][value=channel]")
    page.check("input[value=dense]")
    page.click(".tools >> text=Apply")
    page.wait_for_selector("th >> text=Channel")
    page.goto("/orders/?status=paid")

    assert page.locator("th >> text=Customer").count() == 0
    assert page.locator("tbody tr").first.bounding_box()["height"] <= 38


def test_the_list_is_downloaded_and_kept_as_a_view(page):
    page.click(".tools summary >> text=Export")
    with page.expect_download() as found:
        page.click(".tools .mi >> text=CSV")
    with open(found.value.path(), encoding="utf-8-sig") as file:
        assert len(file.readlines()) == 3
    page.fill("[data-search]", "#2")
    page.wait_for_url("**q=%232*")
    page.click("summary >> text=Save view")
    page.fill("#view-name", "Two")
    page.click("form >> text=Save view")

    page.wait_for_selector(".tabs [aria-current=page] >> text=Two")
    assert SavedView.objects.get().page == "orders"


def test_without_scripts_the_list_is_narrowed_sorted_and_looked_at(
    browser, live_server, alices_cookies, orders
):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(alices_cookies)
    page = context.new_page()
    page.goto("/orders/")
    page.click(".tb summary >> text=Filter")
    page.click("text=Show the filters")
    page.click(".tb summary >> text=Filter")
    page.click(".facets .mi >> text=France")
    assert page.locator("tbody tr").count() == 1
    page.click(".tools summary >> text=Newest first")
    page.click(".tools .mi >> text=Largest first")

    assert "sort=-total" in page.url
    context.close()
