"""Visits as rows: every event of the visits that are followed, one row for each other visit."""

from datetime import date

import numpy as np

from connectors.base import Batch
from connectors.demo.arrivals import APP, DEVICES
from connectors.demo.assortment import product_ids
from connectors.demo.columns import amounts, batch, moments, numbered, words
from connectors.demo.goods import LEAVES, goods
from connectors.demo.orders import CHANNELS, orders
from connectors.demo.period import Columns, Period, tag_columns
from connectors.demo.visits import Visits, main_product, visits
from connectors.demo.world import Ints, World, mixed
from traffic.models import Kind, Step

FIXED_PAGES = ("/", "/search", "/cart", "/checkout", "/checkout/payment", "/checkout/done")
HOME, SEARCH, CART, CHECKOUT, PAYMENT, DONE = range(len(FIXED_PAGES))
# Places in a visit's order of events, looks and carts in pairs.
LOOK_PLACE, CHECKOUT_PLACE, PLACES = 20, 60, 64
KIND_NAMES = [kind.name.lower() for kind in Kind]


def slug(name: str) -> str:
    return name.lower().replace(" & ", "-").replace(" ", "-")


def pages_of(world: World) -> list[str]:
    """Every address of the shop: fixed ones, branches, leaves, products."""
    leaves = [f"/c/{slug(top)}/{slug(leaf)}" for top, leaf in LEAVES]
    products = [f"/p/{handle}" for handle in goods(world).handles]
    return [*FIXED_PAGES, *leaves, *products]


def _product_page(product: Ints) -> Ints:
    return np.asarray(len(FIXED_PAGES) + len(LEAVES) + product)


def _leaf_page(leaf: Ints) -> Ints:
    return np.asarray(len(FIXED_PAGES) + leaf)


def _landing(world: World, found: Visits) -> Ints:
    """The first page: the product, a leaf of the shop, or the front page."""
    key = np.arange(found.size, dtype=np.int64) + found.start
    draw, leaf = mixed(key, 11), (mixed(key, 12) * len(LEAVES)).astype(np.int64)
    page = np.where(draw < 0.62, _leaf_page(leaf), HOME)
    looks = found.looks > 0
    main = main_product(found.looked, found.looked_from, found.looks)
    return np.where(looks & (draw < 0.4), _product_page(main), page)


def _counted(visit: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each visit repeated as often as its count, and the how-many-eth each is."""
    counts = counts[visit]
    repeated = np.repeat(visit, counts)
    place = np.arange(len(repeated)) - np.repeat(np.cumsum(counts) - counts, counts)
    return repeated, place


def _event_parts(world: World, found: Visits) -> list[tuple[Kind, Ints, Ints, Ints, Ints]]:
    """For each kind: the visit, the place within it, the page, and the product (-1 for none)."""
    at = np.flatnonzero(found.is_followed)
    none = np.full(len(at), -1, dtype=np.int64)
    parts = [(Kind.PAGE_VIEW, at, none + 1, _landing(world, found)[at], none)]
    shown = at[found.promotions[at] > 0]
    parts.append((Kind.PROMOTION, shown, shown * 0 + 1, shown * 0 + HOME, shown * 0 - 1))
    searched = at[found.searches[at] > 0]
    parts.append((Kind.SEARCH, searched, searched * 0 + 2, searched * 0 + SEARCH, searched * 0 - 1))
    visit, nth = _counted(at, np.minimum(found.browsed, 16))
    leaf = (mixed(visit * 16 + nth + found.start[visit], 13) * len(LEAVES)).astype(np.int64)
    parts.append((Kind.PAGE_VIEW, visit, nth + 3, _leaf_page(leaf), visit * 0 - 1))
    visit, nth = _counted(at, found.looks)
    product = found.looked[found.looked_from[visit] + nth]
    parts.append((Kind.PRODUCT_VIEW, visit, LOOK_PLACE + 2 * nth, _product_page(product), product))
    visit, nth = _counted(at, found.carted)
    product = found.looked[found.looked_from[visit] + nth]
    parts.append((Kind.ADD_TO_CART, visit, LOOK_PLACE + 1 + 2 * nth, visit * 0 + CART, product))
    tail = (
        (Kind.CHECKOUT, found.checkout, CHECKOUT),
        (Kind.PAYMENT, found.payment, PAYMENT),
        (Kind.PURCHASE, found.purchase, DONE),
    )
    for nth_step, (kind, reached, page) in enumerate(tail):
        here = at[reached[at]]
        parts.append(
            (kind, here, here * 0 + CHECKOUT_PLACE + nth_step, here * 0 + page, here * 0 - 1)
        )
    return parts


def _events_of(period: Period, day: date) -> Columns:
    """The day's events that fall into the period, in order of time within each visit."""
    world = period.world
    found = visits(world, day)
    parts = _event_parts(world, found)
    kind = np.concatenate([np.full(len(part[1]), int(part[0])) for part in parts])
    visit, place, page, product = (
        np.concatenate([part[n] for part in parts]) for n in (1, 2, 3, 4)
    )
    order = np.argsort(visit * PLACES + place, kind="stable")
    kind, visit, place, page, product = (c[order] for c in (kind, visit, place, page, product))
    starts = np.flatnonzero(np.diff(visit, prepend=-1))
    counts = np.diff(np.append(starts, len(visit)))
    nth = np.arange(len(visit)) - np.repeat(starts, counts)
    last = np.repeat(counts - 1, counts)
    inner = (nth > 0) & (nth < last)
    jitter = np.where(inner, 0.7 * (mixed(visit * PLACES + place, 14) - 0.5), 0.0)
    at = found.start[visit] * 10**6 + (
        found.seconds[visit] * 10**6 * ((nth + jitter) / np.maximum(last, 1))
    ).astype(np.int64)
    value = np.full(found.size, -1, dtype=np.int64)
    placed = orders(world, day)
    own = placed.visit >= 0
    value[placed.visit[own]] = placed.value[own]
    here = period.holds(at // 10**6)
    columns = {
        "kind": kind,
        "visit": visit,
        "place": place,
        "page": page,
        "product": product,
        "at": at,
    }
    rows = {name: column[here] for name, column in columns.items()}
    rows["value"] = np.where(rows["kind"] == Kind.PURCHASE, value[rows["visit"]], -1)
    return rows | _dimensions(found, rows["visit"])


def _dimensions(found: Visits, visit: Ints) -> Columns:
    return {
        "person": found.person[visit],
        "country": found.country[visit],
        "device": found.device[visit],
        "way": np.where(found.is_untagged[visit], 0, found.way[visit]),
    }


def _shared(world: World, rows: Columns) -> dict[str, object]:
    channel = np.where(rows["device"] == APP, CHANNELS.index("app"), CHANNELS.index("shop"))
    return {
        "visitor": numbered("v", rows["person"]),
        "channel": words(CHANNELS, channel),
        "country": words(world.plan.countries, rows["country"]),
        "device": words(DEVICES, rows["device"]),
        **tag_columns(world, rows["way"], rows["number"]),
    }


def events(period: Period) -> Batch:
    """What the visitors who are followed did within the period."""
    world = period.world
    rows = period.gather(lambda day: _events_of(period, day), before=1)
    size = len(rows["at"])
    number = (rows["number"] * 10**6 + rows["visit"]) * 100 + rows["place"]
    return batch("events", size, _shared(world, rows) | {
        "external_id": numbered("e", number),
        "at": moments(rows["at"], per_second=1),
        "kind": words(KIND_NAMES, rows["kind"]),
        "page": words(pages_of(world), rows["page"]),
        "product_id": words(product_ids(world), rows["product"]),
        "value": amounts(rows["value"], known=rows["value"] >= 0),
    })  # fmt: skip


def _sessions_of(period: Period, day: date) -> Columns:
    found = visits(period.world, day)
    here = np.flatnonzero(~found.is_followed & period.holds(found.start + found.seconds))
    bits = (
        Step.PRODUCT_VIEW * (found.looks > 0) + Step.ADD_TO_CART * (found.carted > 0)
        + Step.CHECKOUT * found.checkout + Step.PAYMENT * found.payment
    )  # fmt: skip
    return {
        "visit": here,
        "start": found.start[here],
        "seconds": found.seconds[here],
        "events": found.steps[here],
        "page_views": 1 + found.browsed[here],
        "product_views": found.looks[here],
        "cart_adds": found.carted[here],
        "checkouts": found.checkout[here].astype(np.int64),
        "steps": bits[here],
        "landing": _landing(period.world, found)[here],
    } | _dimensions(found, here)


def sessions(period: Period) -> Batch:
    """The visits that are not followed and that ended within the period."""
    rows = period.gather(lambda day: _sessions_of(period, day), before=1)
    size = len(rows["visit"])
    zero = np.zeros(size, dtype=np.int64)
    names = ("seconds", "events", "page_views", "product_views", "cart_adds", "checkouts", "steps")
    counts = {name: rows[name] for name in names}
    return batch("sessions", size, _shared(period.world, rows) | counts | {
        "external_id": numbered("s", rows["number"] * 10**6 + rows["visit"]),
        "started_at": moments(rows["start"]),
        "purchases": zero,
        "purchase_value": amounts(zero),
        "landing_page": words(pages_of(period.world), rows["landing"]),
    })  # fmt: skip
