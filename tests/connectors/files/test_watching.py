"""The watched folder: what lies still is taken in and moved on, each file once."""

import os
import time

import pytest

from connectors.files import watching
from connectors.models import Run
from core.models import Outbox
from sales.models import Order

pytestmark = pytest.mark.django_db
GOOD = "order_id,placed_at,line_id,sku,quantity,price\n1,2025-03-01 10:00:00,1,A,2,9.50\n"
PARTLY = GOOD + "2,2025-03-02 10:00:00,1,A,1,3 apples\n"


@pytest.fixture(autouse=True)
def inbox(settings, store, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }
    settings.WATCH_DIR = tmp_path / "inbox"
    home = tmp_path / "inbox" / store.slug
    home.mkdir(parents=True)
    return home


def laid(folder, name: str, content: str, *, seconds_ago: float = 60):
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    then = time.time() - seconds_ago
    os.utime(path, (then, then))
    return path


def taken_in(store) -> list[Run | None]:
    """Look into the folders and do what was queued, as a worker would."""
    watching.look_into_folders()
    rows = list(Outbox.objects.filter(task=watching.TASK, done_at=None).order_by("pk"))
    found = [
        watching.take_in(store, watching.Path(row.kwargs["path"]), row.kwargs["mapping"])
        for row in rows
    ]
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return found


def test_a_file_that_lies_still_is_taken_in_and_moved_to_done(store, inbox):
    laid(inbox, "march.csv", GOOD)

    (run,) = taken_in(store)

    assert (run.status, Order.objects.count()) == (Run.Status.DONE, 1)
    assert sorted(p.name for p in (inbox / "done").iterdir()) == ["march.csv"]
    assert list((inbox / "working").iterdir()) == []
    assert taken_in(store) == []


def test_what_still_grows_is_hidden_or_is_no_table_is_left_alone(store, inbox):
    laid(inbox, "growing.csv", GOOD, seconds_ago=2)
    laid(inbox, ".hidden.csv", GOOD)
    laid(inbox, "notes.docx", "words")
    (inbox / "link.csv").symlink_to(laid(inbox / "elsewhere", "x.csv", GOOD))

    assert taken_in(store) == []
    assert Order.objects.count() == 0


def test_a_folder_named_like_a_mapping_says_what_its_files_are(store, inbox):
    laid(inbox / "generic_order_lines", "a.csv", GOOD)

    (run,) = taken_in(store)

    assert (run.status, run.source.label) == ("done", "Orders with their lines in one table")


def test_rows_that_are_parked_are_told_beside_the_file(store, inbox):
    laid(inbox, "march.csv", PARTLY)

    (run,) = taken_in(store)

    assert run.status == Run.Status.PARTLY
    told = (inbox / "done" / "march.csv.errors.csv").read_text(encoding="utf-8").splitlines()
    assert len(told) == 2
    assert told[1].startswith("3,price,3 apples,")


def test_a_refusal_is_told_beside_the_file(store, inbox):
    laid(inbox, "odd.csv", "foo,bar\n1,2\n")

    assert taken_in(store) == [None]

    assert sorted(p.name for p in (inbox / "failed").iterdir()) == ["odd.csv", "odd.csv.error.txt"]
    told = (inbox / "failed" / "odd.csv.error.txt").read_text(encoding="utf-8")
    assert told.startswith("The columns are not known.")


def test_a_name_in_use_gets_a_number_and_the_same_bytes_change_nothing(store, inbox):
    laid(inbox, "march.csv", GOOD)
    taken_in(store)
    laid(inbox, "march.csv", GOOD)

    (run,) = taken_in(store)

    assert run.status == Run.Status.UNCHANGED
    assert sorted(p.name for p in (inbox / "done").iterdir()) == ["1-march.csv", "march.csv"]


def test_a_task_that_comes_twice_finds_the_file_gone_and_does_nothing(store, inbox):
    gone = inbox / "working" / "march.csv"

    assert watching.take_in(store, gone, "") is None
    assert Run.objects.count() == 0


def test_the_folder_of_a_store_that_does_not_exist_is_left_alone(store, inbox):
    laid(inbox.parent / "nobody", "march.csv", GOOD)

    assert taken_in(store) == []
