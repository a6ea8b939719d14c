"""JSON lines and Parquet: bad lines are set aside, broken files refused."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from tests.tables import read, refusal, written


def test_objects_are_laid_out_and_numbers_stay_as_written(tmp_path):
    line = {
        "id": "007",
        "price": 19.990,
        "geo": {"country": "DE"},
        "tags": ["a"],
        "ok": True,
        "n": None,
    }
    path = written(tmp_path, json.dumps(line) + "\n", "t.jsonl")

    assert read(path).rows == [
        {"id": "007", "price": "19.99", "geo.country": "DE", "tags": '["a"]', "ok": "true", "n": ""}
    ]


def test_lines_that_are_no_objects_are_set_aside_with_their_number(tmp_path):
    lines = [
        '{"a": 1}',
        "{broken",
        "[1, 2]",
        "",
        '{"a": "\\ud800"}',
        '{"a": 2}',
        '{"a": "' + "x" * 1_100_000 + '"}',
    ]
    path = written(tmp_path, "\n".join(lines) + "\n", "t.jsonl")

    found = read(path)

    assert [row["a"] for row in found.rows] == ["1", "2"]
    assert found.numbers == [1, 6]
    assert [bad.row for bad in found.bad] == [2, 3, 5, 7]
    assert found.bad[0].reason.startswith("The line is not valid JSON")
    assert found.bad[1].reason == "The line is not a JSON object."
    assert found.bad[3].reason == "The line is longer than 1 MB."


def test_deep_nesting_does_not_break_the_reader(tmp_path):
    path = written(tmp_path, '{"a": 1}\n' + "[" * 100_000 + "\n", "t.jsonl")

    assert [bad.row for bad in read(path).bad] == [2]


def test_a_file_without_objects_has_no_rows(tmp_path):
    path = written(tmp_path, "[]\n", "t.jsonl")

    assert refusal(path) == "The file has no rows that are JSON objects, one a line."


def test_parquet_keeps_its_types_and_a_broken_one_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", None]}), path)

    assert read(path).rows == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert read(path).numbers == [2, 3]
    assert refusal(written(tmp_path, path.read_bytes()[:50], "cut.parquet")) == (
        "The file is not readable Parquet."
    )
