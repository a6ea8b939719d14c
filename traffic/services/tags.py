"""Where visits come from: source tags and the marketing channel that each belongs to."""

import re

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from core.staging import recoded, rows
from stores.models import Store
from traffic.models import Tag

PARTS = ("source", "medium", "campaign", "content")
LENGTHS = (120, 120, 200, 200)
SEPARATOR = "\x1f"
SEARCH = re.compile(r"google|bing|yahoo|duckduckgo|ecosia|baidu|yandex|qwant|startpage")
SOCIAL = re.compile(
    r"facebook|instagram|tiktok|pinterest|twitter|linkedin|youtube|reddit|snapchat|whatsapp"
    r"|^(fb|ig|x)$|^t\.co$"
)
MARKET = re.compile(r"amazon|ebay|etsy|otto|zalando|mercadoli[bv]re|marketplace")
NOTHING = {"", "(none)", "(not set)", "none", "(direct)", "direct"}
PAID = re.compile(r"cpc|ppc|paid|^cpm$|^cpv$")
MEDIA = (
    (re.compile(r"e-?mail|newsletter"), Tag.Group.EMAIL),
    (re.compile(r"affiliate|^cpa$"), Tag.Group.AFFILIATE),
    (re.compile(r"display|banner|^cpm$|^cpv$|retargeting|programmatic"), Tag.Group.DISPLAY),
    (re.compile(r"marketplace"), Tag.Group.MARKETPLACE),
    (re.compile(r"social"), Tag.Group.ORGANIC_SOCIAL),
    (re.compile(r"organic"), Tag.Group.ORGANIC_SEARCH),
)


def group_of(source: str, medium: str) -> Tag.Group:
    """The marketing channel of a source and medium, by the usual rules; the first one that fits.

    Paid media are told apart by who was paid: a social network, a search engine, or others.
    """
    source, medium = source.lower(), medium.lower()
    if source in NOTHING and medium in NOTHING:
        return Tag.Group.DIRECT if source in {"(direct)", "direct"} else Tag.Group.UNKNOWN
    if PAID.search(medium):
        return _paid(source, medium)
    for pattern, group in MEDIA:
        if pattern.search(medium):
            return group
    return _unpaid(source)


def tag_column(store: Store, table: pa.Table) -> pa.ChunkedArray:
    """The tag id of each row from its source, medium, campaign and content; 0 when all are empty.

    Tags are made when new. Source and medium are kept in lower case.
    """
    parts = [_clean(table[name], i) for i, name in enumerate(PARTS) if name in table.column_names]
    if len(parts) < len(PARTS):
        parts += [
            pa.chunked_array([pa.array([""] * table.num_rows, pa.string())])
            for _ in range(len(PARTS) - len(parts))
        ]
    joined = pc.binary_join_element_wise(*parts, SEPARATOR)
    wanted = [key for key in pc.unique(joined).to_pylist() if key.strip(SEPARATOR)]
    ids = _tag_ids(store.pk, [tuple(key.split(SEPARATOR)) for key in wanted])
    return recoded(joined, {SEPARATOR.join(key): pk for key, pk in ids.items()})


def _clean(column: pa.ChunkedArray, position: int) -> pa.ChunkedArray:
    text = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    if position < 2:
        text = pc.utf8_lower(text)
    return pc.utf8_slice_codeunits(pc.replace_substring(text, SEPARATOR, ""), 0, LENGTHS[position])


def _tag_ids(store_id: int, keys: list[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    if not keys:
        return {}
    columns = [list(column) for column in zip(*sorted(keys), strict=True)]
    groups = [int(group_of(key[0], key[1])) for key in sorted(keys)]
    with connection.cursor() as cursor:
        find = (
            "SELECT t.source, t.medium, t.campaign, t.content, t.id FROM traffic_tag t "
            "JOIN unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS w(a, b, c, d) "
            "ON t.source = w.a AND t.medium = w.b AND t.campaign = w.c AND t.content = w.d "
            "WHERE t.store_id = %s"
        )
        found = {tuple(row[:4]): row[4] for row in rows(cursor, find, [*columns, store_id])}
        if len(found) < len(keys):
            cursor.execute(
                'INSERT INTO traffic_tag (store_id, source, medium, campaign, content, "group") '
                "SELECT %s, * FROM "
                "unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[])"
                " AS w(a, b, c, d, g) WHERE NOT EXISTS (SELECT FROM traffic_tag t WHERE"
                " t.store_id = %s AND (t.source, t.medium, t.campaign, t.content) = (a, b, c, d))"
                " ON CONFLICT DO NOTHING",
                [store_id, *columns, groups, store_id],
            )
            found = {tuple(row[:4]): row[4] for row in rows(cursor, find, [*columns, store_id])}
    return found


def _paid(source: str, medium: str) -> Tag.Group:
    if SOCIAL.search(source) or "social" in medium:
        return Tag.Group.PAID_SOCIAL
    if SEARCH.search(source) or "search" in medium or medium in {"cpc", "ppc"}:
        return Tag.Group.PAID_SEARCH
    return Tag.Group.DISPLAY


def _unpaid(source: str) -> Tag.Group:
    for pattern, group in (
        (SEARCH, Tag.Group.ORGANIC_SEARCH),
        (SOCIAL, Tag.Group.ORGANIC_SOCIAL),
        (MARKET, Tag.Group.MARKETPLACE),
        (re.compile("newsletter|e-?mail"), Tag.Group.EMAIL),
    ):
        if pattern.search(source):
            return group
    return Tag.Group.REFERRAL
