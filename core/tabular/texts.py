"""Text, identifiers, yes and no, countries: what cells say in words."""

import functools
import re

import pyarrow as pa
import pyarrow.compute as pc
from babel import Locale

from core.tabular.error_file import unsafe_cell
from core.tabular.rules import Rules, Trouble, Values, any_of, is_text, trimmed

# Letters that turn the reading direction or end the text for a database.
CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f]"
ZERO_WIDTH = "[\u200b\u200c\u200d\u2060\ufeff]"
DAMAGED = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]{2}$"
YES = ("true", "yes", "y", "1", "t", "ja", "sim", "oui", "si", "sí", "x", "published", "active")
NO = ("false", "no", "n", "0", "f", "nein", "não", "non", "draft", "archived")
ALIASES = {
    "uk": "GB", "usa": "US", "united states of america": "US", "south korea": "KR", "korea": "KR",
    "russia": "RU", "czech republic": "CZ", "turkey": "TR", "hong kong": "HK", "macau": "MO",
    "türkiye": "TR", "vietnam": "VN", "taiwan": "TW", "iran": "IR", "bosnia & herzegovina": "BA",
    "côte d’ivoire": "CI", "myanmar (burma)": "MM", "north macedonia": "MK",
    "trinidad & tobago": "TT", "palestine": "PS", "brasil": "BR", "deutschland": "DE",
}  # fmt: skip


def texts(column: pa.Array, rules: Rules) -> Values:
    """Titles and the like: NFC, white space trimmed, hidden control characters taken out."""
    text = _nfc(column, rules)
    hidden = any_of(pc.match_substring_regex(text, CONTROL)) if _is_odd(text) else None
    notes: tuple[str, ...] = ()
    if hidden is not None:
        count = pc.sum(hidden).as_py()
        text = pc.replace_substring_regex(text, CONTROL, "")
        notes = (f"Hidden control characters were taken out of {count} cells.",)
    return Values(_unguarded(text), None, notes)


def identifiers(column: pa.Array, rules: Rules) -> Values:
    """Ids, SKUs, barcodes: text as it stands, leading zeros kept; nothing hidden in them."""
    if pa.types.is_floating(column.type):
        column = _whole_floats(column)
    text = _nfc(column, rules)
    odd = _is_odd(text)
    hidden = pc.match_substring_regex(text, f"{CONTROL}|{ZERO_WIDTH}|[\t\r\n]") if odd else None
    damaged = pc.match_substring_regex(text, DAMAGED)
    return Values(_unguarded(text), any_of(hidden, damaged))


def flags(column: pa.Array, rules: Rules) -> Values:
    """Yes or no."""
    if pa.types.is_boolean(column.type):
        return Values(column)
    words = pc.utf8_lower(trimmed(column.cast(pa.string()), rules))
    yes = pc.is_in(words, value_set=pa.array(YES))
    no = pc.is_in(words, value_set=pa.array(NO))
    bad = any_of(pc.and_(pc.is_valid(words), pc.invert(pc.or_(yes, no))))
    return Values(pc.if_else(pc.is_valid(words), yes, pa.scalar(None, pa.bool_())), bad)


def countries(column: pa.Array, rules: Rules) -> Values:
    """Countries as ISO 3166 alpha-2, from codes or English names; unknown names become null."""
    text = trimmed(column.cast(pa.string()), rules)
    encoded = text.dictionary_encode()
    known = [_country(name) for name in encoded.dictionary.to_pylist()]
    strange = sorted(
        {n for n, code in zip(encoded.dictionary.to_pylist(), known, strict=True) if not code}
    )
    notes = (f"Not known as countries: {', '.join(strange[:5])}.",) if strange else ()
    array = pc.take(pa.array(known, pa.string()), encoded.indices)
    return Values(array, None, notes)


def identifier_trouble(value: str) -> Trouble:
    """Why this cannot identify anything."""
    if re.match(DAMAGED, value.strip()):
        return Trouble(
            "A spreadsheet has turned this number into an exponent; its digits are lost.",
            "Format the column as text in the spreadsheet and paste the numbers again.",
        )
    return Trouble(
        "The identifier holds hidden characters.", "Type it again instead of pasting it."
    )


def flag_trouble() -> Trouble:
    return Trouble("That is neither yes nor no.", "Write yes or no.")


def _nfc(column: pa.Array, rules: Rules) -> pa.Array:
    text = trimmed(column if is_text(column) else column.cast(pa.string()), rules)
    return text if pc.all(pc.string_is_ascii(text)).as_py() else pc.utf8_normalize(text, "NFC")


def _is_odd(text: pa.Array) -> bool:
    """Whether a closer look is needed: most columns hold nothing but printable ASCII."""
    return not pc.all(pc.and_(pc.string_is_ascii(text), pc.utf8_is_printable(text))).as_py()


def _unguarded(text: pa.Array) -> pa.Array:
    """Text as it was before an export put a ' before it."""
    guarded = any_of(pc.starts_with(text, "'"))
    if guarded is None:
        return text
    return pa.array([v and unsafe_cell(v) for v in text.to_pylist()], pa.string())


def _whole_floats(column: pa.Array) -> pa.Array:
    return pc.if_else(
        pc.equal(pc.floor(column), column), column.cast(pa.int64(), safe=False).cast(pa.string()),
        column.cast(pa.string()),
    )  # fmt: skip


@functools.cache
def _territories() -> dict[str, str]:
    names = Locale("en").territories
    return {
        name.casefold(): code for code, name in names.items() if len(code) == 2 and code.isalpha()
    }


@functools.lru_cache(2048)
def _country(name: str | None) -> str | None:
    if not name:
        return None
    key = name.casefold()
    if len(name) == 2 and key.upper() in set(_territories().values()):
        return key.upper()
    return ALIASES.get(key) or _territories().get(key)
