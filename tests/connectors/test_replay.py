"""What a source sent is kept; a better reader reads it again, and nothing that was right changes."""

import json
from decimal import Decimal
from io import StringIO

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command

from accounts.records import SYSTEM
from connectors.base import Batch, Connector, Page
from connectors.files import imports
from connectors.models import Cursor, Payload, Run
from connectors.registry import CONNECTORS
from connectors.services import SourceSettings, connect_source, replay, start_run
from connectors.sync import perform
from core.columns import table_of
from core.errors import Refused
from sales.models import Order, OrderLine
from sales.records import OrderRecord
from tests.connectors.sources.memory import START
from tests.tables import written

pytestmark = pytest.mark.django_db
LINES = (
    "order_id,placed_at,line_id,sku,quantity,price\n"
    "1,2025-03-01 10:00:00,1,A,2,9.50\n2,2025-03-01 10:00:00,1,B,1,3\n"
)


class Raw(Connector):
    """Two answers in JSON, each an order; `reads` is how the reader takes the number."""

    slug, label, streams = "raw", "Raw", ("orders",)
    reads = staticmethod(lambda told: "?")
    breaks_at = None

    def check(self) -> None:
        return None

    def pull(self, stream, cursor, window):
        for n in range((cursor or {}).get("after", 0), 2):
            raw = json.dumps({"id": f"o{n}", "no": f"#{n}"}).encode()
            (page,) = self.replay(stream, raw)
            batches = [None] if n == self.breaks_at else page.batches
            yield Page(batches, {"after": n + 1}, raw=raw)

    def replay(self, stream, raw):
        told = json.loads(raw)
        record = OrderRecord(told["id"], START, number=self.reads(told))
        yield Page([Batch("orders", table_of(OrderRecord, [record]), pa.array([1]))])


@pytest.fixture(autouse=True)
def _payloads_elsewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }


@pytest.fixture
def source(store, monkeypatch):
    monkeypatch.setitem(CONNECTORS, "raw", Raw)
    return connect_source(viewer=SYSTEM, store=store, settings=SourceSettings("raw", "Raw"))


def pulled(source) -> Run:
    run = start_run(viewer=SYSTEM, source=source)
    perform(run.pk)
    run.refresh_from_db()
    return run


def test_a_copy_is_landed_from_the_moment_that_its_rows_are(source, monkeypatch):
    monkeypatch.setattr(Raw, "breaks_at", 1)

    run = pulled(source)

    assert run.status == Run.Status.WAITING
    assert Order.objects.count() == 1
    assert list(Payload.objects.order_by("pk").values_list("is_landed", flat=True)) == [True, False]

    monkeypatch.setattr(Raw, "breaks_at", None)
    perform(run.pk)

    assert Payload.objects.filter(is_landed=True).count() == Payload.objects.count() == 2


def test_a_replay_by_a_better_reader_puts_rows_right_and_moves_no_cursor(source, monkeypatch):
    run = pulled(source)
    before = Cursor.objects.get().position
    monkeypatch.setattr(Raw, "reads", staticmethod(lambda told: told["no"]))

    again = imports.finish_now(replay(viewer=SYSTEM, source=source))
    twice = imports.finish_now(replay(viewer=SYSTEM, source=source, run=run))

    assert (again.status, again.rows_read, again.rows_landed) == (Run.Status.DONE, 2, 2)
    assert (twice.status, twice.rows_read, twice.rows_landed) == (Run.Status.UNCHANGED, 2, 0)
    assert sorted(Order.objects.values_list("number", flat=True)) == ["#0", "#1"]
    assert Cursor.objects.get().position == before
    assert Payload.objects.count() == 2


def test_a_file_is_kept_once_and_replayed_by_command(store, tmp_path):
    path = written(tmp_path, LINES)
    run = imports.import_now(
        viewer=SYSTEM, store=store, path=path, mapping=imports.mapping_for(path)
    )
    path.unlink()
    OrderLine.objects.filter(external_id="1", order__external_id="1").update(quantity=7)
    out = StringIO()

    call_command("pull", "replay", source=run.source_id, run=run.pk, stdout=out)

    assert Payload.objects.get().is_landed
    assert "Replay of Orders with their lines in one table: Done." in out.getvalue()
    assert [line.gross for line in OrderLine.objects.order_by("pk")] == [Decimal(19), Decimal(3)]
    assert OrderLine.objects.order_by("pk").first().quantity == 2
    assert Run.objects.order_by("-pk").first().rows_landed == 1


def test_without_a_copy_there_is_nothing_to_replay(source, store):
    with pytest.raises(Refused, match="Nothing that Raw sent is kept"):
        replay(viewer=SYSTEM, source=source)
    with pytest.raises(CommandError, match="has no run 999"):
        call_command("pull", "replay", source=source.pk, run=999)
    with pytest.raises(CommandError, match="Say which source"):
        call_command("pull", "replay")
    assert Run.objects.count() == 0
