"""Text tables as the world writes them: each is read right, or refused with what to do."""

import gzip

import pytest

from core.tabular.model import Format, NeedsChoice
from tests.tables import read, refusal, written

PLAIN = "name,price\nCafé,1\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        b"\xff\xfe" + PLAIN.encode("utf-16-le"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little", "utf-16 big"],
)
def test_marked_and_utf_8_files_are_read_without_a_question(tmp_path, content):
    assert read(written(tmp_path, content)).rows == [{"name": "Café", "price": "1"}]


def test_another_encoding_is_asked_for_with_a_preview_and_never_guessed(tmp_path):
    path = written(tmp_path, PLAIN.encode("cp1252"))

    with pytest.raises(NeedsChoice, match="not written in UTF-8") as asked:
        read(path)

    assert asked.value.asks == "encoding"
    assert asked.value.choices["cp1252"] == [["name", "price"], ["Café", "1"]]
    assert read(path, Format(encoding="cp1252")).rows == [{"name": "Café", "price": "1"}]


def test_shift_jis_is_read_when_chosen(tmp_path):
    path = written(tmp_path, "名前,価格\n茶,1\n".encode("shift_jis"))

    assert read(path, Format(encoding="shift_jis")).rows == [{"名前": "茶", "価格": "1"}]


def test_utf_16_without_its_mark_is_asked_for(tmp_path):
    with pytest.raises(NeedsChoice):
        read(written(tmp_path, PLAIN.encode("utf-16-le")))


def test_mixed_bytes_are_refused_with_their_line(tmp_path):
    path = written(tmp_path, b"name,price\nCaf\xc3\xa9,1\nCaf\x81,2\n")

    assert refusal(path, Format(encoding="cp1252")) == (
        "Line 3 holds bytes that are not valid cp1252."
    )


def test_an_unknown_encoding_is_refused(tmp_path):
    path = written(tmp_path, PLAIN)

    assert refusal(path, Format(encoding="klingon")) == "“klingon” is not a known encoding."


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found_out(tmp_path, mark, end):
    path = written(tmp_path, f"a{mark}b{end}1{mark}2{end}3{mark}4{end}")

    found = read(path)

    assert found.rows == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert found.numbers == [2, 3]


def test_two_possible_delimiters_are_asked_for(tmp_path):
    path = written(tmp_path, "a,b;c,d\n1,2;3,4\n")

    with pytest.raises(NeedsChoice) as asked:
        read(path)

    assert asked.value.asks == "delimiter"
    assert set(asked.value.choices) == {",", ";"}
    assert read(path, Format(delimiter=";")).headers == ["a,b", "c,d"]


def test_quoted_cells_may_hold_line_ends_and_quotes(tmp_path):
    path = written(tmp_path, 'a,b\n"one\ntwo","say ""hi"""\n3,5" pipe\n')

    assert read(path).rows == [{"a": "one\ntwo", "b": 'say "hi"'}, {"a": "3", "b": '5" pipe'}]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n', 3),
        ('a,b\n1,"2" x\n', 2),
        ('a,b\n1,"2\n3,"4,5\n', 2),
        ('a,b\n"1\n2",3\n4,"5', 4),
    ],
)
def test_an_unclosed_quote_is_refused_with_the_line_where_it_opened(tmp_path, content, line):
    assert refusal(written(tmp_path, content)).startswith(
        f"The quote that opens in line {line} is not closed where its cell ends."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty: it has no rows."),
        ("a,b,A\n1,2,3\n", "The column “A” stands twice (columns 1 and 3)."),
        ("a,,c\n1,2,3\n", "Column 2 has no name. Name it or delete it."),
        (",".join(f"c{n}" for n in range(5000)) + "\n", "The file has 5,000 columns; at most 200"),
        ("\n\n", "The file has no rows."),
    ],
    ids=["nothing", "twice", "unnamed", "too many", "blank"],
)
def test_headers_are_refused_with_the_reason(tmp_path, content, message):
    assert refusal(written(tmp_path, content)).startswith(message)


def test_a_header_alone_has_no_rows(tmp_path):
    assert read(written(tmp_path, "a,b\n")).rows == []


def test_rows_of_another_width_are_set_aside_and_the_rest_keeps_its_numbers(tmp_path):
    path = written(tmp_path, "a,b\n1,2\n3\n\n5,6\n7,8,9\n10,11\n")

    found = read(path)

    assert [row["a"] for row in found.rows] == ["1", "5", "10"]
    assert found.numbers == [2, 5, 7]
    assert [(bad.row, bad.reason) for bad in found.bad] == [
        (3, "The row has 1 cells, the header has 2."),
        (6, "The row has 3 cells, the header has 2."),
    ]


def test_a_row_of_a_hundred_thousand_columns_is_set_aside(tmp_path):
    path = written(tmp_path, "a,b\n1,2\n" + ",".join("x" * 100_000) + "\n3,4\n")

    found = read(path)

    assert [row["a"] for row in found.rows] == ["1", "3"]
    assert found.bad[0].reason == "The row has 100000 cells, the header has 2."


def test_a_cell_of_ten_megabytes_is_set_aside(tmp_path):
    from core.tabular.delimited import without_long_cells
    from core.tabular.opening import opened

    path = written(tmp_path, "a,b\n1,2\n" + "x" * 10_000_000 + ",3\n4,5\n")

    with opened(path, Format()) as table:
        (chunk,) = map(without_long_cells, table.chunks())

    assert chunk.table["a"].to_pylist() == ["1", "4"]
    assert chunk.rows.to_pylist() == [2, 4]
    assert chunk.bad[0].row == 3
    assert chunk.bad[0].reason == "The cell holds 10,000,000 bytes; at most 32,768 can be read."


def test_a_row_longer_than_a_block_is_refused(tmp_path):
    path = written(tmp_path, "a,b\n1," + "x" * 40_000_000 + "\n")

    assert refusal(path).startswith("A row is longer than 16 MB.")


def test_formula_like_cells_and_full_width_signs_are_kept_as_they_are(tmp_path):
    cells = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "＝1"]
    path = written(tmp_path, "a,b\n" + "".join(f"{cell},x\n" for cell in cells))

    assert [row["a"] for row in read(path).rows] == cells


def test_gzip_is_unpacked_and_a_broken_or_swollen_one_is_refused(tmp_path):
    good = written(tmp_path, gzip.compress(PLAIN.encode()), "t.csv.gz")
    cut = written(tmp_path, gzip.compress(PLAIN.encode() * 50)[:40], "cut.csv.gz")
    bomb = written(tmp_path, gzip.compress(b"a,b\n" + b"0,0\n" * 5_000_000, 9), "bomb.csv.gz")

    assert read(good).rows == [{"name": "Café", "price": "1"}]
    assert refusal(cut) == "The file is not readable gzip; it may be cut off."
    assert refusal(bomb) == "The file unpacks to over 100 times its size and is not opened."


def test_a_file_that_is_no_table_is_refused(tmp_path):
    assert refusal(written(tmp_path, b"%PDF", "t.pdf")).startswith("“t.pdf” is no table")


def test_numbers_stay_right_over_many_blocks(tmp_path):
    rows = [f"{n},{'y' * 400}" if n % 50_000 else f"{n}" for n in range(2, 120_002)]
    path = written(tmp_path, "a,b\n" + "\n".join(rows) + "\n")

    found = read(path)

    assert [bad.row for bad in found.bad] == [50_000, 100_000]
    assert all(
        int(row["a"]) == number for row, number in zip(found.rows, found.numbers, strict=True)
    )
    assert len(found.rows) == 119_998
