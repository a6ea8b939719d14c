"""The file that tells a person which rows were not taken and what to do; and safe cells."""

import csv
from collections.abc import Iterable
from typing import TextIO

from core.tabular.model import BadRow

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS = ("Row", "Column", "Value", "What is wrong", "What to do")


def safe_cell(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: a leading ' when it looks like one.

    Only for text cells on the way out; numbers are written as numbers.
    """
    return "'" + text if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unsafe_cell(text: str) -> str:
    """The text as it was before `safe_cell`, so that an export can be imported again."""
    return text[1:] if text.startswith("'") and safe_cell(text) != text else text


def write_error_file(out: TextIO, rows: Iterable[BadRow]) -> int:
    """Write one line for each bad row, UTF-8 CSV; return how many."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        count += 1
        cells = (row.column, row.value, row.reason, row.remedy)
        writer.writerow([row.row if row.row is not None else "", *map(safe_cell, cells)])
    return count
