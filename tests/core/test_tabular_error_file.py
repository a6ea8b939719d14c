import csv
import io

import pyarrow as pa
import pytest

from core.tabular.convert import converted
from core.tabular.error_file import safe_cell, write_error_file
from core.tabular.model import BadRow
from core.tabular.rules import Rules


def test_the_error_file_names_row_column_value_reason_and_remedy():
    out = io.StringIO()

    count = write_error_file(out, [BadRow(7, "price", "=1+1", "No amount.", "Write 1.50.")])

    assert count == 1
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [
        ["Row", "Column", "Value", "What is wrong", "What to do"],
        ["7", "price", "'=1+1", "No amount.", "Write 1.50."],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|x", "-2", "@SUM", "＝1", "'=1", "plain", "it's", "'"]
)
def test_what_was_exported_is_imported_unchanged(text):
    assert converted("text", pa.array([safe_cell(text)]), Rules()).array[0].as_py() == text
