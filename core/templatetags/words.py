"""Template words: icons, numbers and dates in the reader's locale, small server-made drawings."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson
from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import formats
from core.countries import country_name
from core.sparks import Spark, spark_of

register = template.Library()
Number = formats.Number


@register.filter
def picture(address: str) -> str:
    """The address of a picture that this site serves itself; nothing for one of another host."""
    if address.startswith(settings.STATIC_URL):
        try:
            return static(address.removeprefix(settings.STATIC_URL))
        except ValueError:
            return ""
    return address if address.startswith("/") and not address.startswith("//") else ""


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """One icon of the sprite, hidden from screen readers; it always stands beside text."""
    return drawn(name, classes)


@lru_cache(maxsize=1024)
def drawn(name: str, classes: str) -> SafeString:
    """Kept, as a page holds dozens of icons and each would look up the sprite's address."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("vendor/icons.svg"),
        name,
    )


@register.filter
def figure_script(figure: Mapping[str, Any], element_id: str) -> SafeString:
    """A chart's figure for its script, as `json_script` writes it.

    Replacing three letters one after the other is many times quicker than a table of them, and
    a board's figures are a hundred thousand letters.
    """
    text = orjson.dumps(figure, default=str).decode()
    for letter, escaped in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(letter, escaped)
    return format_html(
        '<script id="{}" type="application/json">{}</script>', element_id, SafeString(text)
    )


@register.filter
def number(value: Number | None, places: int = 0) -> str:
    return formats.number(value, places)


@register.filter
def money(value: Number | None, currency: str) -> str:
    """A price or an order's amount, always with its minor digits."""
    return formats.money(value, currency)


@register.filter
def overview(value: Number | None, currency: str) -> str:
    """An amount in an overview: no minor digits from 1,000 up."""
    return formats.overview(value, currency)


@register.filter
def tile(value: Number | None, currency: str) -> str:
    """An amount on a tile: €1.29M above 999,999."""
    return formats.tile(value, currency)


@register.filter
def compact_money(value: Number | None, currency: str) -> str:
    return formats.compact_money(value, currency)


@register.filter
def compact(value: Number | None) -> str:
    return formats.compact(value)


@register.filter
def share(value: Number | None, places: int | None = None) -> str:
    return formats.share(value, places)


@register.filter
def ratio(value: Number | None) -> str:
    return formats.ratio(value)


@register.filter
def seconds(value: Number | None) -> str:
    return formats.seconds(value)


@register.simple_tag
def figure(value: Number | None, unit: str, currency: str = "") -> str:
    """A metric's value by its unit: money, count, share, ratio, seconds or days."""
    return formats.figure(value, unit, currency)


@register.filter
def change(value: Number | None, unit: str) -> str:
    """A change with its sign: %, points for shares, absolute for ratios."""
    return formats.change(value, unit)


@register.simple_tag
def change_of(value: Number | None, unit: str, good: str = "up") -> formats.Change:
    """A change with direction, tone and hidden word; `good` is up, down or neither."""
    return formats.describe_change(value, unit, good)


@register.filter
def day(value: date | None) -> str:
    return formats.day(value)


@register.filter
def weekday(value: date | None) -> str:
    return formats.weekday(value)


@register.filter
def long_day(value: date | None) -> str:
    return formats.long_day(value)


@register.simple_tag
def span(start: date, end: date) -> str:
    return formats.span(start, end)


@register.filter
def clock(value: datetime | None, zone: str = "UTC") -> str:
    return formats.clock(value, zone)


@register.filter
def moment(value: datetime | None, zone: str = "UTC") -> str:
    return formats.moment(value, zone)


@register.simple_tag
def when(value: datetime | None, zone: str = "UTC") -> SafeString | str:
    """A <time>: relative while under 24 h, the exact moment in its title."""
    if value is None:
        return formats.NONE
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        formats.moment(value, zone),
        formats.ago(value, zone),
    )


@register.filter
def country(number: int) -> str:
    """A stored country's name in the reader's language; a dash when it is not known."""
    return country_name(number) if number else "—"


@register.filter
def in_words(code: str) -> str:
    """A source's code as words: bank_transfer becomes Bank transfer."""
    words = code.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@register.filter(name="get")
def looked_up(mapping: Mapping[Any, Any], key: object) -> object:
    """The value under a key, or nothing."""
    return mapping.get(key, "")


@register.simple_tag
def link_with(query: QueryDict | str, **changes: object) -> str:
    """A query string with some keys changed; an empty value takes the key away: `?sort=name`."""
    state = QueryDict(query, mutable=True) if isinstance(query, str) else query.copy()
    for key, value in changes.items():
        if value in (None, ""):
            state.pop(key, None)
        else:
            state[key] = str(value)
    return "?" + urlencode(list(items_of(state)), doseq=True)


def items_of(state: QueryDict) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, values in state.lists() for value in values]


@register.simple_tag
def spark(
    values: Sequence[Number | None],
    compared: Sequence[Number | None] = (),
    width: int = 200,
    height: int = 36,
) -> Spark:
    """Paths of a sparkline, both lines on one scale; draw them with <c-sparkline>."""
    return spark_of(values, compared, width, height)


@register.filter
def percent_of(value: Number | None, whole: Number | None) -> str:
    """How much of `whole` it is, 0 to 100 with a dot, for widths in style attributes."""
    if not value or not whole:
        return "0"
    part = max(0.0, min(100.0, float(value) / float(whole) * 100))
    return f"{part:.2f}".rstrip("0").rstrip(".")


@register.filter
def arc(score: Number | None) -> str:
    """The dash array of a score ring of radius 14: the score's part of the circle."""
    circle = 2 * math.pi * 14
    return f"{circle * min(100.0, float(score or 0)) / 100:.1f} {circle:.1f}"


@register.filter
def score_tone(score: Number | None) -> str:
    """pos from 80, warn from 55, else neg."""
    value = float(score or 0)
    return "pos" if value >= 80 else "warn" if value >= 55 else "neg"


@register.filter
def undo_of(message: Message) -> str:
    """The address that undoes what a flash message tells of."""
    words = (message.extra_tags or "").split()
    return next((word[len("undo:") :] for word in words if word.startswith("undo:")), "")


@register.filter
def field_control(field: BoundField, hint: str = "") -> SafeString:
    """A bound field's control with the kit's class and its descriptions named."""
    kind = getattr(field.field.widget, "input_type", "")
    shape = {"checkbox": "chk", "select": "form-select", "radio": ""}.get(kind, "form-control")
    if field.errors:
        shape += " is-invalid"
    return field.as_widget(attrs=described_by(field, hint) | {"class": shape})


def described_by(field: BoundField, hint: str) -> dict[str, str | bool]:
    name = field.id_for_label
    described = [f"{name}-hint"] if hint or field.help_text else []
    if field.errors:
        described.append(f"{name}-error")
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if field.errors:
        attrs["aria-invalid"] = "true"
    return attrs
