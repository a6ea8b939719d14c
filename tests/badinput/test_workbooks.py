"""Workbooks, kind and hostile: checked unopened, then read in a child with little memory."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from core.tabular.model import Format
from tests.tables import read, refusal, written

AFTERNOON = datetime(2025, 3, 1, 17, 45)  # noqa: DTZ001


def workbook(tmp_path, rows, name="t.xlsx", **sheets):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, extra in sheets.items():
        sheet = book.create_sheet(title)
        for row in extra:
            sheet.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def changed(path, extra: dict[str, bytes], name="changed.xlsx"):
    """The same workbook with parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in extra:
                new.writestr(entry.filename, old.read(entry.filename))
        for part, content in extra.items():
            new.writestr(part, content)
    (path.parent / name).write_bytes(out.getvalue())
    return path.parent / name


def test_cells_become_the_text_that_a_person_sees(tmp_path):
    path = workbook(
        tmp_path,
        [
            ["sku", "price", "day", "at", "ok"],
            ["007", 19.99, date(2025, 3, 1), AFTERNOON, True],
            [None, None, None, None, None],
            ["=1+1", 1234567890123456789, 45747, "x", False],
        ],
    )

    found = read(path)

    assert found.rows[0] == {
        "sku": "007", "price": "19.99", "day": "2025-03-01", "at": "2025-03-01 17:45:00",
        "ok": "true",
    }  # fmt: skip
    assert found.rows[1]["price"] == "1.23E+18"
    assert found.rows[1]["day"] == "45747"
    assert found.numbers == [2, 4]


def test_numbers_are_written_with_the_decimal_mark_of_the_file(tmp_path):
    path = workbook(tmp_path, [["price"], [1.234]])

    assert read(path, decimal=",").rows == [{"price": "1,234"}]


def test_the_first_of_several_sheets_is_read_and_said(tmp_path):
    path = workbook(tmp_path, [["a"], ["1"]], Other=[["b"], ["2"]])

    found = read(path)

    assert found.rows == [{"a": "1"}]
    assert found.notes == ["The workbook has 2 sheets; “Sheet” was read."]
    assert read(path, Format(sheet="Other")).rows == [{"b": "2"}]
    assert refusal(path, Format(sheet="None")).startswith("There is no sheet “None”")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "The file has no rows."),
        ([["a", "a"], [1, 2]], "The column “a” stands twice"),
        ([[f"c{n}" for n in range(201)]], "The file has 201 columns"),
    ],
)
def test_poor_headers_are_refused(tmp_path, rows, message):
    assert refusal(workbook(tmp_path, rows)).startswith(message)


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("xl/vbaProject.bin", b"x", "The workbook holds macros."),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "The workbook links to other files."),
        ("../evil.xml", b"x", "The workbook names parts outside itself"),
        ("xl/more.zip", b"x", "The workbook holds another packed file"),
        (
            "xl/workbook.xml",
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
            "The workbook holds a document type definition",
        ),
        (
            "xl/sharedStrings.xml",
            b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
            "The workbook holds a document type definition",
        ),
        ("xl/sharedStrings.xml", b"0" * 60_000_000, "The workbook is 57 MB unpacked"),
        ("xl/sharedStrings.xml", b"0" * 20_000_000, "The workbook unpacks to over 100 times"),
    ],
    ids=["macro", "link", "slip", "nested", "entity", "laughs", "large", "ratio"],
)
def test_dangerous_workbooks_are_refused_unopened(tmp_path, part, content, message):
    path = changed(workbook(tmp_path, [["a"], [1]]), {part: content})

    assert refusal(path).startswith(message)


def test_a_workbook_of_seventy_thousand_parts_is_refused(tmp_path):
    out = tmp_path / "many.xlsx"
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(70_000):
            archive.writestr(f"p{number}", b"")

    assert refusal(out) == "The workbook has 70,000 parts; at most 2,000 are read."


def test_what_is_no_workbook_is_refused(tmp_path):
    plain = written(tmp_path, b"a,b\n1,2\n", "t.xlsx")
    with_macros = written(tmp_path, b"x", "t.xlsm")

    assert refusal(plain) == "The file is not a readable .xlsx workbook."
    assert refusal(with_macros).startswith("Workbooks with macros are not read.")


def test_a_damaged_sheet_is_refused_not_raised(tmp_path):
    path = changed(workbook(tmp_path, [["a"], [1]]), {"xl/worksheets/sheet1.xml": b"<worksheet><"})

    assert refusal(path).startswith("The workbook")


@pytest.mark.slow
def test_a_sheet_of_empty_styled_rows_ends_in_bounded_memory(tmp_path):
    rows = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(2, 300_000))
    head = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        b'2006/main"><sheetData>' + head + rows + b"</sheetData></worksheet>"
    )
    path = changed(workbook(tmp_path, [["a"]]), {"xl/worksheets/sheet1.xml": sheet})

    assert read(path).rows == []


def test_a_table_may_start_further_down(tmp_path):
    path = workbook(tmp_path, [[], [None, None], [None, "a"], [None, 1], [], [None, 2]])

    assert read(path).rows == [{"a": "1"}, {"a": "2"}]
    assert read(path).numbers == [4, 6]
