"""The page of a source in a browser: every button does what it says."""

import pytest
from django.utils import timezone

from connectors.demo.loading import load_demo
from connectors.demo.opening import DemoPlan
from connectors.models import Run, Source
from stores.models import Role, Store
from tests.connectors.test_source_page import FIRST, HEAD, taken_in
from tests.factories.connectors import ParkedRowFactory, RunFactory
from tests.factories.stores import MembershipFactory

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def demo(alice) -> Source:
    """A week of the demo, which Alice manages too."""
    source = load_demo(DemoPlan(days=8, scale=0.05), lambda text: None)[0]
    for store in Store.objects.filter(is_demo=True):
        MembershipFactory(user=alice, store=store, role=Role.MANAGER)
    return source


@pytest.fixture
def page(alices_page):
    faults = []
    alices_page.on("pageerror", lambda error: faults.append(str(error)))
    yield alices_page
    assert faults == []


def toast(page) -> str:
    return page.locator("#toasts .toast-x").last.text_content()


def test_a_connected_shop_is_pulled_paused_compared_and_read_again(page, demo):
    home = f"/connectors/{demo.pk}/"
    page.goto(home)
    page.wait_for_selector("#fields summary >> text=Orders")
    page.click(".ph >> text=Pause")
    page.wait_for_selector(".pill >> text=Paused")
    assert Source.objects.get(pk=demo.pk).state == Source.State.PAUSED
    page.click(".ph >> text=Resume")
    page.wait_for_selector(".pill >> text=Connected")
    before = Run.objects.filter(source=demo).count()
    page.click(".ph >> text=Pull now")
    page.wait_for_url("**/connectors/runs/*/")
    assert Run.objects.filter(source=demo).count() == before + 1

    page.goto(home)
    page.click("text=Compare with the source")
    page.wait_for_selector("#agreement .pill >> text=Agrees")
    assert page.locator("#agreement tbody tr").count() >= 4

    first = page.locator("#backfill [name=start]").input_value()
    page.fill("#backfill [name=start]", page.locator("#backfill [name=end]").input_value())
    page.dispatch_event("#backfill [name=start]", "change")
    page.wait_for_selector("#estimate >> text=1 day,")
    page.fill("#backfill [name=start]", first)
    page.click("text=Read these days again")
    page.wait_for_url("**/connectors/runs/*/")
    assert Run.objects.filter(source=demo, kind=Run.Kind.BACKFILL).get().is_over


def test_a_run_under_way_is_paused_continued_and_stopped(page, demo):
    run = RunFactory(
        source=demo, status=Run.Status.RUNNING, kind=Run.Kind.BACKFILL, rows_read=10,
        rows_total=40, started_at=timezone.now(), params={"start": "2026-01-01", "end": "2026-03-31"},
    )  # fmt: skip
    page.goto(f"/connectors/{demo.pk}/")
    assert "10 of about 40 rows" in page.locator(f"#run-{run.pk}").text_content()
    page.click(f"#run-{run.pk} >> text=Pause")
    page.wait_for_selector(f"#run-{run.pk} >> text=Go on")
    page.click(f"#run-{run.pk} >> text=Stop")
    page.wait_for_selector("h1 >> text=Stopped")

    run.refresh_from_db()
    assert run.status == Run.Status.STOPPED


def test_parked_rows_are_downloaded_tried_again_and_dropped(page, store, origin):
    source = taken_in(store, FIRST, "orders.csv")
    page.goto(f"/connectors/{source.pk}/")
    with page.expect_download() as found:
        page.click("text=Download the rows")
    with open(found.value.path()) as file:
        assert "abc" in file.read()
    page.click("text=Try them again")
    page.wait_for_selector("#toasts >> text=rows were taken")
    page.click("text=Drop them")
    page.wait_for_selector("text=Every row of this source was taken.")


def test_columns_are_mapped_again_and_a_new_column_is_told(page, store):
    taken_in(store, FIRST, "a.csv")
    text = f"{HEAD},Gift note\nX-9,2026-05-04,paid,19.50,EUR,DE,hi\n"
    source = taken_in(store, text, "b.csv")
    page.goto(f"/connectors/{source.pk}/")
    page.wait_for_selector("text=there is a new column")
    page.click("text=Change the columns")
    page.click("summary >> text=more that the file may hold")
    page.select_option("[name=to_campaign]", "Gift note")
    page.click("text=Use for the next files")

    page.wait_for_selector("#toasts >> text=The next files with these columns are read so.")
    page.wait_for_selector("#fields tr:has-text('Gift note') >> text=Campaign")
    assert page.locator("text=there is a new column").count() == 0


def test_the_demo_is_removed_by_its_button_and_without_scripts(
    page, demo, browser, live_server, alices_cookies
):
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies(alices_cookies)
    without = plain.new_page()
    without.goto("/connectors/")
    without.click("text=Remove the demo data")
    assert "This cannot be undone" in without.locator("main").text_content()
    plain.close()

    page.goto("/connectors/")
    page.click("text=Remove the demo data")
    page.click("dialog[open] .ft >> text=Remove the demo data")
    page.wait_for_selector("#toasts >> text=The demo data is gone.")

    assert not Store.objects.filter(is_demo=True).exists()


def test_a_cause_with_many_rows_fits_a_phone(page, store):
    run = RunFactory(source__store=store)
    ParkedRowFactory(run=run, remedy="Write the number without letters. " * 4)
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"/connectors/{run.source_id}/")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
