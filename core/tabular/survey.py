"""Find out how a text file is written: its encoding, its delimiter, whether its quotes close."""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import Refused
from core.tabular.model import NeedsChoice, shown

BLOCK = 4 * 1024 * 1024
SAMPLE = 64 * 1024
PREVIEW_ROWS = 20
DELIMITERS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ASKED_ENCODINGS = ("cp1252", "shift_jis", "iso8859-15", "cp1251", "gb18030", "utf-16-le")
ENCODING_NAMES = {
    "": "",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
}
# Ways to write text that no table is written in, some of which cannot be read as a stream.
ODD_ENCODINGS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}
QUOTE, CR, LF = 34, 13, 10


@dataclass(frozen=True)
class Writing:
    """How a text file is written, and roughly how many rows it has."""

    encoding: str
    delimiter: str
    lines: int


def encoding_of(path: Path, chosen: str = "") -> str:
    """The file's encoding: by its mark, else strict UTF-8, else the chosen one.

    Raises NeedsChoice with a preview in each likely encoding when nothing is sure.
    """
    with path.open("rb") as file:
        head = file.read(4)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    wanted = ENCODING_NAMES.get(chosen.lower(), chosen.lower())
    if wanted:
        return _proven(path, wanted)
    if _undecodable_at(path, "utf-8") is None and not _looks_wide(path):
        return "utf-8"
    raise NeedsChoice(
        "The file is not written in UTF-8. Say which encoding it has; the preview shows how each "
        "would read.",
        "encoding",
        {name: rows for name in ASKED_ENCODINGS if (rows := _preview(path, name))},
    )


def delimiter_of(path: Path, encoding: str, chosen: str = "") -> str:
    """The character between cells. Raises NeedsChoice when two of them fit equally well."""
    if chosen:
        return _known_delimiter({"tab": "\t", "\\t": "\t"}.get(chosen, chosen))
    text = _sample(path, encoding)
    fits = {d: width for d in DELIMITERS if (width := _width(text, d)) > 1}
    if not fits:
        return max(DELIMITERS, key=lambda d: text.splitlines()[0].count(d) if text.strip() else 0)
    if len(fits) > 1:
        raise NeedsChoice(
            "The columns could be parted by more than one character. Say which.",
            "delimiter",
            {d: _rows(text, d)[:PREVIEW_ROWS] for d in fits},
        )
    return next(iter(fits))


def _known_delimiter(chosen: str) -> str:
    """Raises Refused for what cannot part cells: more than a character, quotes, ends of lines."""
    if len(chosen) != 1 or not chosen.isascii() or chosen in '"\r\n\0':
        raise Refused(f"“{shown(chosen, 20)}” cannot part columns; choose one sign such as ; or |.")
    return chosen


def first_rows(path: Path, encoding: str, delimiter: str) -> list[list[str]]:
    """The header and the first rows as they would be read."""
    return _rows(_sample(path, encoding), delimiter)[: PREVIEW_ROWS + 1]


def check_quotes(path: Path, encoding: str, delimiter: str) -> int:
    """Make sure that every quote closes; return the number of lines.

    Raises Refused with the line where an unclosed quote opened.
    """
    lines, suspicious = _swift_scan(path, delimiter) if _is_bytewise(encoding) else (0, True)
    if suspicious:
        lines = _slow_scan(path, encoding, delimiter)
    return lines


def survey(path: Path, encoding: str = "", delimiter: str = "") -> Writing:
    """How the file is written. Raises Refused or NeedsChoice."""
    if path.stat().st_size == 0:
        raise Refused("The file is empty: it has no rows.")
    found = encoding_of(path, encoding)
    parted = delimiter_of(path, found, delimiter)
    return Writing(found, parted, check_quotes(path, found, parted))


def _is_bytewise(encoding: str) -> bool:
    return not encoding.startswith(("utf-16", "utf-32"))


def _looks_wide(path: Path) -> bool:
    """UTF-16 without its mark is valid UTF-8 full of NULs."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    return head.count(0) > len(head) // 4


def _undecodable_at(path: Path, encoding: str) -> int | None:
    """The line of the first byte that the encoding does not know, or None."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    line = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return line + block.count(b"\n", 0, error.start)
            line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None


def _proven(path: Path, encoding: str) -> str:
    try:
        is_odd = codecs.lookup(encoding).name in ODD_ENCODINGS
        # Also raises LookupError for what Python calls an encoding, but is none of text.
        b"a".decode(encoding)
    except (LookupError, ValueError):
        is_odd = True
    if is_odd:
        raise Refused(f"“{shown(encoding, 40)}” is not a known encoding.")
    line = _undecodable_at(path, encoding)
    if line is not None:
        raise Refused(f"Line {line} holds bytes that are not valid {encoding}.")
    return encoding


def _sample(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    text = codecs.getincrementaldecoder(encoding)(errors="strict").decode(head)
    return text.removeprefix("\ufeff")


def _preview(path: Path, encoding: str) -> list[list[str]]:
    try:
        text = _sample(path, encoding)
    except UnicodeDecodeError:
        return []
    delimiter = max(DELIMITERS, key=text[:2000].count)
    return _rows(text, delimiter)[:PREVIEW_ROWS]


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The sample's complete rows; the last, possibly cut one only when it is all there is."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        rows = [line.split(delimiter) for line in text.splitlines()]
    rows = [row for row in rows if row]
    return rows[:-1] if len(text) >= SAMPLE // 4 and len(rows) > 1 else rows


def _width(text: str, delimiter: str) -> int:
    """How many columns the delimiter gives when nearly every row has the header's; else 0."""
    rows = _rows(text, delimiter)[:50]
    if not rows:
        return 0
    width = len(rows[0])
    even = sum(len(row) == width for row in rows)
    return width if even >= 0.8 * len(rows) else 0


def _swift_scan(path: Path, delimiter: str) -> tuple[int, bool]:
    """Count lines, and say whether any quote stands where a well-written file has none."""
    before_open = {QUOTE, CR, LF, ord(delimiter), 0xBF}
    after_close = {QUOTE, CR, LF, ord(delimiter)}
    lines, quotes, last, suspicious, held = 0, 0, LF, False, b""
    with path.open("rb") as file:
        while block := held + file.read(BLOCK):
            held = block[-1:] if len(block) > 1 else b""
            body = np.frombuffer(block, np.uint8)
            ends = body[:-1] if held else body
            lines += int(np.count_nonzero(ends == LF))
            if not suspicious and (at := np.flatnonzero(ends == QUOTE)).size:
                opens = (quotes + np.arange(at.size)) % 2 == 0
                ahead = np.where(at > 0, body[np.maximum(at - 1, 0)], last)
                behind = body[np.minimum(at + 1, body.size - 1)]
                behind = np.where(at + 1 < body.size, behind, LF)
                suspicious = bool(
                    (~np.isin(ahead[opens], list(before_open))).any()
                    or (~np.isin(behind[~opens], list(after_close))).any()
                )
                quotes += int(at.size)
            last = int(ends[-1])
            if not held:
                break
    return lines, suspicious or quotes % 2 == 1


def _slow_scan(path: Path, encoding: str, delimiter: str) -> int:
    """Walk the quotes line by line; raise Refused where one is left open or badly closed."""
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}\r\n][^{mark}\r\n]*|)'
    whole = re.compile(rf"{cell}(?:{mark}{cell})*[\r\n]*")
    ending = re.compile(rf'(?:[^"]|"")*"(?={mark}|[\r\n]|$)')
    number, opened = 0, 0
    with path.open(encoding=encoding, newline="") as file:
        for number, line in enumerate(file, start=1):
            rest = line.removeprefix("\ufeff") if number == 1 else line
            if opened:
                closed = ending.match(rest)
                if closed is None:
                    if '"' in rest.replace('""', ""):
                        _refuse_quote(opened)
                    continue
                opened, rest = 0, rest[closed.end() :].removeprefix(delimiter)
            if '"' in rest and not whole.fullmatch(rest):
                opened = _opening(rest, number, delimiter)
    if opened:
        _refuse_quote(opened)
    return number


def _opening(line: str, number: int, delimiter: str) -> int:
    """The line's own number when its last cell opens a quote that goes on; else Refused."""
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}\r\n][^{mark}\r\n]*|)'
    if re.fullmatch(rf'(?:{cell}{mark})*"(?:[^"]|"")*', line):
        return number
    _refuse_quote(number)
    return 0


def _refuse_quote(line: int) -> None:
    raise Refused(
        f"The quote that opens in line {line} is not closed where its cell ends. "
        'Close it, or write a quote inside a cell twice ("").'
    )
