"""Countries: ISO 3166-1 alpha-2 codes outside, the numeric code in the tables, 0 for unknown."""

from babel import Locale
from babel.core import get_global
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

# Numbers of countries that no longer exist; their aliases point at today's successors.
RETIRED = {172, 200, 230, 249, 278, 280, 530, 532, 536, 582, 720, 736, 810, 830, 886, 890, 891}
FIRST_PRIVATE_NUMBER = 900


def _known() -> dict[int, str]:
    aliases = get_global("territory_aliases")
    numbers = {int(code): found[0] for code, found in aliases.items() if code.isdigit()}
    return {
        number: code
        for number, code in numbers.items()
        if number < FIRST_PRIVATE_NUMBER and number not in RETIRED and len(code) == 2
    }


CODES = _known()
NUMBERS = {code: number for number, code in CODES.items()}
NAMES = {Locale("en").territories[code].casefold(): number for number, code in CODES.items()}
ALSO_SAID = {"UK": NUMBERS["GB"], "USA": NUMBERS["US"]}


def country_number(code: str | None) -> int:
    """The stored number of an alpha-2 code in any case, or an English name; 0 when unknown."""
    word = (code or "").strip()
    number = NUMBERS.get(word.upper()) or ALSO_SAID.get(word.upper())
    return number or NAMES.get(word.casefold(), 0)


def country_code(number: int) -> str:
    """The alpha-2 code of a stored number, empty when unknown."""
    return CODES.get(number, "")


def country_name(number: int) -> str:
    """The country's name in the reader's language."""
    code = country_code(number)
    if not code:
        return _("Unknown")
    locale = Locale.parse(to_locale(get_language() or "en"))
    return str(locale.territories.get(code, code))
