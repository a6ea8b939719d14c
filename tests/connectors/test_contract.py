"""What every connector must stand: pages in any order, twice, cut off half way, with odd rows.

A connector adds a module `tests/connectors/sources/<slug>.py` with `config(folder)`: the settings
of a small source of its own (a file in the folder, a fake server), the same each time it is asked.
`STORE` in it, a dict of currency and zone, is optional.
"""

import importlib
import random
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest

from accounts.records import SYSTEM
from connectors import sync
from connectors.base import ColumnChange, Page, TemporaryError
from connectors.models import Cursor, Drift, Run
from connectors.registry import CONNECTORS
from connectors.services import SourceSettings, connect_source, start_run
from core.models import Outbox
from stores.models import Workspace
from tests.connectors.sources.memory import Memory
from tests.factories.stores import StoreFactory
from tests.facts import facts_of

pytestmark = pytest.mark.django_db
SLUGS = [*CONNECTORS, "memory"]
MAX_TURNS = 60


@pytest.fixture(autouse=True)
def _memory(monkeypatch):
    monkeypatch.setitem(CONNECTORS, "memory", Memory)
    Workspace.objects.update_or_create(pk=1, defaults={"reporting_currency": "EUR"})


def connected(slug, folder):
    module = importlib.import_module(f"tests.connectors.sources.{slug}")
    store = StoreFactory(**getattr(module, "STORE", {}))
    settings = SourceSettings(slug, "Source", config=module.config(folder))
    return connect_source(viewer=SYSTEM, store=store, settings=settings)


def pulled(source) -> Run:
    """Pull until the run is over, as workers would."""
    run = start_run(viewer=SYSTEM, source=source)
    for _ in range(MAX_TURNS):
        sync.perform(run.pk)
        run.refresh_from_db()
        if run.status not in sync.ACTIVE:
            break
    return run


def over(kind, change, monkeypatch) -> None:
    """Have the connector's pages pass through `change` on their way."""
    plain = kind.pull

    def pull(self, stream, cursor, window) -> Iterator[Page]:
        return change(plain(self, stream, cursor, window))

    monkeypatch.setattr(kind, "pull", pull)


@pytest.fixture(params=SLUGS)
def slug(request) -> str:
    return request.param


@pytest.fixture
def calm(slug, tmp_path):
    """What the source gives when nothing goes wrong."""
    source = connected(slug, tmp_path)
    run = pulled(source)
    assert run.status in {Run.Status.DONE, Run.Status.PARTLY}, run.error
    assert run.rows_landed
    return facts_of(source.store)


def test_pages_that_come_twice_change_nothing(slug, calm, tmp_path, monkeypatch):
    over(
        CONNECTORS[slug],
        lambda pages: (page for each in pages for page in (each, each)),
        monkeypatch,
    )
    source = connected(slug, tmp_path)
    pulled(source)

    assert facts_of(source.store) == calm


def test_reading_it_all_again_lands_nothing(slug, calm, tmp_path):
    source = connected(slug, tmp_path)
    pulled(source)
    Cursor.objects.all().delete()

    run = pulled(source)

    assert (run.rows_landed, facts_of(source.store)) == (0, calm)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_pages_and_rows_does_not_matter(slug, calm, tmp_path, monkeypatch, seed):
    chance = random.Random(seed)

    def shuffled(pages):
        pages = list(pages)
        last = pages[-1].next if pages else None
        for page in chance.sample(pages, len(pages)):
            yield replace(page, batches=[mixed(batch) for batch in page.batches], next=last)

    def mixed(batch):
        places = pa.array(chance.sample(range(batch.table.num_rows), batch.table.num_rows))
        rows = batch.rows.take(places) if batch.rows is not None else None
        return replace(batch, table=batch.table.take(places), rows=rows)

    over(CONNECTORS[slug], shuffled, monkeypatch)
    backwards = tuple(reversed(CONNECTORS[slug].streams))
    monkeypatch.setattr(CONNECTORS[slug], "streams", backwards)
    source = connected(slug, tmp_path)
    pulled(source)

    assert facts_of(source.store) == calm


def test_a_source_that_fails_half_way_is_gone_on_with(slug, calm, tmp_path, monkeypatch):
    failures = iter([True, True, True])

    def failing(pages):
        for number, page in enumerate(pages):
            if number == 1 and next(failures, False):
                raise TemporaryError("The source hung up.")
            yield page

    over(CONNECTORS[slug], failing, monkeypatch)
    source = connected(slug, tmp_path)
    run = pulled(source)

    assert run.status in {Run.Status.DONE, Run.Status.PARTLY}
    assert facts_of(source.store) == calm


def test_a_changed_shape_is_told_once(slug, tmp_path, monkeypatch):
    change = ColumnChange("orders", "gift_note", "new")
    over(CONNECTORS[slug], lambda pages: (replace(p, drift=[change]) for p in pages), monkeypatch)
    source = connected(slug, tmp_path)
    pulled(source)

    assert Drift.objects.filter(source=source).count() == 1


def test_whatever_a_pull_promised_is_a_task(slug, tmp_path):
    pulled(connected(slug, tmp_path))

    assert set(Outbox.objects.values_list("task", flat=True)) <= {
        "connectors.tasks.pull_source", "metrics.tasks.refresh_store"
    }  # fmt: skip
