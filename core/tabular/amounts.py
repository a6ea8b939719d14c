"""Amounts and whole numbers, by the decimal mark that was chosen for the file."""

import re
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from core.columns import AMOUNT
from core.tabular.rules import MINUS, Rules, Trouble, Values, any_of, is_text, trimmed, without

PLAIN = r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$"
WHOLE = r"^-?[0-9]{1,15}$"
SYMBOL = r"(?:[A-Z]{3}|[A-Z]{0,3}[$€£¥₹₽₩₺₫₴₦]|kr\.?|zł|Kč|Fr\.?)"
SPACES = "[ \u00a0\u202f]"
THOUSANDS = "['’ \u00a0\u202f]"
EDGE = f"^{SYMBOL}{SPACES}*|{SPACES}*{SYMBOL}$"
WHOLE_TAIL = r"[.,]0+$"
MAX_PLACES = 4
NOTHING = pa.scalar(Decimal(0), AMOUNT)
RANGE = "An amount has at most 12 digits before the decimal mark and 4 after it."


def amounts(column: pa.Array, rules: Rules, *, negative: bool = False) -> Values:
    """Amounts as decimals. A currency sign is allowed; exponents, hex and NaN are not."""
    if not is_text(column):
        return _typed(column, negative)
    text = trimmed(column, rules)
    fits = pc.match_substring_regex(text, PLAIN)
    if rules.decimal != "." or not pc.all(fits).as_py():
        text, fits = _tidied(text, rules)
    bad = any_of(pc.invert(fits), None if negative else pc.starts_with(text, "-"))
    return Values(without(text, bad).cast(pa.decimal128(18, MAX_PLACES)).cast(AMOUNT), bad)


def rounded_amounts(column: pa.Array, rules: Rules) -> Values:
    """Amounts that a machine wrote as floats, such as 58.989999999999995: four decimals count."""
    if not is_text(column):
        return _typed(column, negative=True)
    text = trimmed(column, rules)
    noisy = pc.match_substring_regex(text, r"^-?[0-9]{1,12}\.[0-9]{5,17}$")
    if not pc.any(noisy).as_py():
        return amounts(text, rules, negative=True)
    floats = pc.round(pc.if_else(noisy, text, None).cast(pa.float64()), MAX_PLACES)
    found = amounts(pc.if_else(noisy, None, text), rules, negative=True)
    exact = floats.cast(pa.decimal128(18, MAX_PLACES)).cast(AMOUNT)
    return Values(pc.coalesce(exact, found.array), found.bad)


def shares(column: pa.Array, rules: Rules) -> Values:
    """Percentages as shares: "12.5 %" is 0.125; a number without the sign is taken as percent."""
    text = trimmed(column.cast(pa.string()), rules)
    found = amounts(pc.replace_substring_regex(text, rf"{SPACES}*%$", ""), rules, negative=True)
    hundredth = pc.multiply(
        found.array.cast(pa.decimal128(28, 6)), pa.scalar(1, pa.decimal128(3, 0))
    )
    return Values(
        pc.divide(hundredth.cast(pa.float64()), 100.0).cast(pa.decimal128(18, 6)).cast(AMOUNT),
        found.bad,
    )


def whole_numbers(column: pa.Array, rules: Rules, *, negative: bool = False) -> Values:
    """Whole numbers; "28.0" is one, "28.5" is not."""
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        numbers = column.cast(pa.int64())
        return Values(numbers, None if negative else any_of(pc.less(numbers, 0)))
    text = trimmed(column.cast(pa.string()), rules)
    fits = pc.match_substring_regex(text, WHOLE)
    if not pc.all(fits).as_py():
        grouped = rf"^(-?[0-9]{{1,3}})(?:{re.escape(rules.grouping)}[0-9]{{3}})+$"
        is_grouped = pc.match_substring_regex(text, grouped)
        text = pc.if_else(is_grouped, pc.replace_substring(text, rules.grouping, ""), text)
        tail = rf"{re.escape(rules.decimal)}0+$"
        text = pc.replace_substring_regex(text, tail, "")
        fits = pc.match_substring_regex(text, WHOLE)
    bad = any_of(pc.invert(fits), None if negative else pc.starts_with(text, "-"))
    return Values(without(text, bad).cast(pa.int64()), bad)


def amount_trouble(value: str, rules: Rules, *, negative: bool = False) -> Trouble:
    """Why this is no amount."""
    text = value.strip().replace(MINUS, "-")
    example = f"1{rules.grouping}234{rules.decimal}56"
    if re.fullmatch(r"[+-]?(nan|inf(inity)?)", text, re.IGNORECASE):
        return Trouble("That is not a finite number.", "Leave the cell empty if nothing is known.")
    if re.fullmatch(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", text):
        return Trouble("The number is written with an exponent.", "Write all its digits.")
    if re.match(r"[+-]?0[xX]", text) or "_" in text:
        return Trouble("That is not a decimal number.", f"Write it like {example}.")
    if _is_too_long(text, rules):
        return Trouble("The number has too many digits.", RANGE)
    if not negative and re.match(r"-|\(|.*-$", text):
        return Trouble("The number is negative, which makes no sense here.", "Remove the sign.")
    if re.search(r"[^\x00-\x7f€£¥₹₽₩₺₫₴₦łč\u00a0\u202f−]", text):
        return Trouble("The digits are not the ordinary 0 to 9.", f"Write it like {example}.")
    mark = "a point" if rules.decimal == "." else "a comma"
    return Trouble(
        f"That is not an amount in this file's way of writing, with {mark} before the decimals.",
        f"Write it like {example}, or choose the other decimal mark for the whole file.",
    )


def _is_too_long(text: str, rules: Rules) -> bool:
    head, mark, tail = text.lstrip("+-").partition(rules.decimal)
    head = head.replace(rules.grouping, "") if mark else head
    is_number = head.isdecimal() and (not mark or tail.isdecimal())
    return is_number and (len(head) > 12 or len(tail.rstrip("0")) > MAX_PLACES)


def whole_trouble(value: str, rules: Rules, *, negative: bool = False) -> Trouble:
    """Why this is no whole number."""
    if re.fullmatch(r"\s*-\s*[0-9.,]+\s*", value) and not negative:
        return Trouble("The number is negative, which makes no sense here.", "Remove the sign.")
    return Trouble("That is not a whole number.", "Write digits only, such as 12.")


def _tidied(text: pa.Array, rules: Rules) -> tuple[pa.Array, pa.Array]:
    """Amounts in the one plain form where they follow the file's way of writing; and which do."""
    mark, group = re.escape(rules.decimal), re.escape(rules.grouping)
    text = pc.replace_substring(text, MINUS, "-")
    text = pc.replace_substring_regex(text, r"^\((.*)\)$", r"-\1")
    text = pc.replace_substring_regex(text, rf"^-{SPACES}*{SYMBOL}{SPACES}*", "-")
    text = pc.replace_substring_regex(text, EDGE, "")
    text = pc.replace_substring_regex(text, EDGE, "")
    spaced = pc.match_substring_regex(text, rf"^-?[0-9]{{1,3}}(?:{THOUSANDS}[0-9]{{3}})+({mark}|$)")
    text = pc.if_else(spaced, pc.replace_substring_regex(text, THOUSANDS, ""), text)
    grouped = pc.match_substring_regex(
        text, rf"^-?[0-9]{{1,3}}(?:{group}[0-9]{{3}})+({mark}[0-9]*)?$"
    )
    bare = pc.match_substring_regex(text, rf"^-?[0-9]+({mark}[0-9]+)?$")
    text = pc.if_else(grouped, pc.replace_substring(text, rules.grouping, ""), text)
    if rules.decimal != ".":
        known = pc.or_(grouped, bare)
        text = pc.if_else(known, pc.replace_substring(text, rules.decimal, "."), text)
    text = pc.replace_substring_regex(text, r"(\.[0-9]{1,4})0*$", r"\1")
    return text, pc.and_(pc.match_substring_regex(text, PLAIN), pc.or_(grouped, bare))


def _typed(column: pa.Array, negative: bool) -> Values:
    """Numbers that already are numbers: floats are rounded to four decimals."""
    if pa.types.is_floating(column.type):
        bad = any_of(pc.invert(pc.is_finite(column)), pc.greater(pc.abs(column), 1e12))
        array = pc.round(without(column, bad), MAX_PLACES).cast(pa.decimal128(18, MAX_PLACES))
    else:
        bad, array = None, column
    array = array.cast(AMOUNT)
    if not negative:
        bad = any_of(bad, pc.less(array, NOTHING))
    return Values(array, bad)
