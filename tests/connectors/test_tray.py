"""The tray of work: what is under way, for whom, and where each piece opens."""

import pytest
from django.urls import reverse
from django.utils import timezone

from connectors.models import Run
from core.models import Job
from tests.factories.connectors import RunFactory, SourceFactory
from tests.sales.test_views import text_of

pytestmark = pytest.mark.django_db
WORK = reverse("connectors:work")
PART = {"HX-Request": "true"}


@pytest.fixture
def works(store, alice):
    source = SourceFactory(store=store, label="Till")
    RunFactory(
        source=source, status=Run.Status.RUNNING, rows_read=10, rows_total=40,
        started_at=timezone.now(),
    )  # fmt: skip
    RunFactory(source=source, status=Run.Status.DONE)
    Job.objects.create(user=alice, store_id=store.pk, kind="check_upload", title="orders.csv")
    Job.objects.create(
        user=alice, store_id=store.pk, kind="compare_source", title="Comparing Till",
        params={"source": source.pk}, status=Job.Status.DONE,
    )  # fmt: skip
    return source


def test_work_under_way_comes_first_and_opens_its_own_page(alice_signed_in, works):
    found = alice_signed_in.get(WORK).context["works"]

    assert [work.title for work in found] == ["orders.csv", "Pull of Till", "Comparing Till"]
    job = Job.objects.get(kind="check_upload")
    assert found[0].href == reverse("connectors:upload-check", args=[job.pk])
    assert found[1].href == reverse("connectors:run-detail", args=[works.runs.first().pk])
    assert found[2].href == f"/connectors/{works.pk}/#agreement"
    assert (found[1].done, found[1].total, found[1].share) == (10, 40, 0.25)


def test_the_tray_gets_rows_and_a_count(alice_signed_in, works):
    assert "10 of 40 rows" in text_of(alice_signed_in.get(WORK, headers=PART))
    assert text_of(alice_signed_in.get(WORK, {"count": "1"}, headers=PART)) == "2 under way"


def test_others_see_the_stores_runs_but_not_my_jobs(staff_signed_in, charlie_signed_in, works):
    assert [w.title for w in staff_signed_in.get(WORK).context["works"]] == ["Pull of Till"]
    assert charlie_signed_in.get(WORK).context["works"] == []
