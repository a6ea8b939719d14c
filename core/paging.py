"""Keyset pages: as fast on the last page as on the first, and still when rows arrive meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet

from core.errors import Refused

Row = TypeVar("Row", bound=Model)
PAGE_SIZE, MAX_SIZE = 50, 200
SALT = "ecomgr.page"


class CursorEncoder(signing.JSONSerializer):
    """Signed JSON that also takes dates and decimals, as text."""

    def dumps(self, obj: Any) -> bytes:
        return DjangoJSONEncoder(separators=(",", ":")).encode(obj).encode("latin-1")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page of rows. `after` and `before` are signed cursors; None where there is no more."""

    rows: list[Row]
    after: str | None
    before: str | None


def keyset_page(
    found: QuerySet[Row, Row], order: Sequence[str], cursor: str = "", size: int = PAGE_SIZE
) -> Slice[Row]:
    """The page behind a cursor, in the given order; the last field must be unique and none null.

    Raises Refused for a cursor that was not made here or for another order.
    """
    size = max(1, min(size, MAX_SIZE))
    backwards, values = decoded(cursor, order)
    shown = [flipped(name) for name in order] if backwards else list(order)
    rows = found.order_by(*shown)
    if values is not None:
        rows = rows.filter(beyond(shown, values))
    page = list(rows[: size + 1])
    more = len(page) > size
    page = page[:size]
    if backwards:
        page.reverse()
    has_after = bool(page) and (more if not backwards else True)
    has_before = bool(page) and (more if backwards else values is not None)
    return Slice(
        rows=page,
        after=encoded("a", page[-1], order) if has_after else None,
        before=encoded("b", page[0], order) if has_before else None,
    )


def flipped(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values` in `order`, field by field."""
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        bare = name.removeprefix("-")
        step = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{bare}__{step}": value})
        equal &= Q(**{bare: value})
    return condition


def encoded(direction: str, row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in order]
    body = [direction, ",".join(order), values]
    return signing.dumps(body, salt=SALT, serializer=CursorEncoder, compress=True)


def decoded(cursor: str, order: Sequence[str]) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        direction, names, values = signing.loads(cursor, salt=SALT, serializer=CursorEncoder)
    except (signing.BadSignature, ValueError) as error:
        raise Refused(
            "This page address is not valid any more; start from the first page."
        ) from error
    if names != ",".join(order):
        raise Refused("This page address belongs to another sorting; start from the first page.")
    return direction == "b", values


def ranked_page(ids: Sequence[int], cursor: str = "", size: int = PAGE_SIZE) -> tuple[Any, ...]:
    """One page of ids that were ranked outside the database, with cursors after and before it.

    A cursor names the id it stands at, so rows that come or go elsewhere move nothing.
    Raises Refused for a cursor that was not made here.
    """
    backwards, values = decoded(cursor, RANKED)
    place = ids.index(values[0]) if values and values[0] in ids else -1
    start = max(place - size, 0) if backwards else place + 1
    end = place if backwards else start + size
    page = list(ids[start:end])
    after = signed_at("a", page[-1]) if page and end < len(ids) else None
    before = signed_at("b", page[0]) if page and start > 0 else None
    return page, after, before


def signed_at(direction: str, pk: int) -> str:
    body = [direction, ",".join(RANKED), [pk]]
    return signing.dumps(body, salt=SALT, serializer=CursorEncoder, compress=True)


RANKED = ("rank",)
