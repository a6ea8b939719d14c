"""The products of a list with what a person wants to know of each: stock, cover, sales, margin.

Sales come from the metric registry, one question for each store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet

from accounts.records import Viewer
from catalog.models import Product
from catalog.queries import PRODUCT_SORTS, ProductFilter, products_matching
from core.paging import MAX_SIZE, PAGE_SIZE, keyset_page, ranked_page
from core.periods import Period
from core.sheets import Value
from inventory.queries import stock_of_ids
from metrics.answers import ask
from metrics.query import Answer
from stores.models import Permission, Store
from stores.page_state.lists import ListState
from stores.page_state.resolved import resolve
from stores.page_state.state import PageState

LIST_METRICS = ("units", "net_sales", "gross_margin_share")
RANKED_BY = {"-sold": "units", "-net": "net_sales", "-margin": "gross_margin_share"}
BY_STOCK = ("stock", "cover")
MOST_RANKED = 5000
DAYS = 30
SOON, LATER = 7, 21
NEVER_OUT = Decimal(10**9)


@dataclass(frozen=True)
class Cover:
    """How many days the stock lasts at the pace of the last 30 days, and how worrying that is."""

    days: int
    tone: str

    @property
    def share(self) -> int:
        """How full its bar is, 0–100; three months fill it."""
        return min(round(self.days / 90 * 100), 100)


@dataclass(frozen=True)
class Shelf:
    """One page of products with their figures, and the sums of all that fit the filter."""

    rows: list[Product]
    count: int
    sort: str
    after: str | None
    before: str | None
    stock: dict[int, int]
    figures: dict[int, dict[str, Decimal | None]]
    courses: dict[int, list[Decimal]]
    totals: "Totals | None" = None

    @cached_property
    def prices(self) -> dict[int, tuple[Decimal | None, Decimal | None]]:
        """The lowest and the highest price of each product's variants."""
        return {row.pk: spread([v.price for v in row.variants.all()]) for row in self.rows}

    @cached_property
    def costs(self) -> dict[int, tuple[Decimal | None, Decimal | None]]:
        """The lowest and the highest cost of each product's variants."""
        return {row.pk: spread([v.cost for v in row.variants.all()]) for row in self.rows}

    @cached_property
    def covers(self) -> dict[int, Cover]:
        """How long each product's stock lasts; nothing for what does not sell or is not counted."""
        found = {}
        for row in self.rows:
            sold = self.figures.get(row.pk, {}).get("units")
            if row.pk in self.stock and sold and sold > 0:
                found[row.pk] = cover_of(self.stock[row.pk], sold)
        return found


@dataclass(frozen=True)
class Totals:
    """All products that fit the filter: pieces in stock, pieces sold, net sales by currency."""

    stock: int
    units: Decimal
    net_sales: dict[str, Decimal] = field(default_factory=dict)


def spread(values: Iterable[Decimal | None]) -> tuple[Decimal | None, Decimal | None]:
    known = [value for value in values if value is not None]
    return min(known, default=None), max(known, default=None)


def cover_of(stock: int, sold: Decimal) -> Cover:
    days = max(int(stock * DAYS / sold), 0)
    return Cover(days, "bad" if days < SOON else "warn" if days < LATER else "ok")


def may_rank(viewer: Viewer, sort: str) -> bool:
    """Whether the viewer may see the figures that the list would be sorted by."""
    if sort in BY_STOCK:
        return sort == "stock" or viewer.can_anywhere(Permission.SEE_METRICS)
    if sort == "-margin":
        return viewer.can_anywhere(Permission.SEE_COSTS)
    return sort in RANKED_BY and viewer.can_anywhere(Permission.SEE_METRICS)


def shelf_of(
    viewer: Viewer, found: QuerySet[Product], wanted: ListState, size: int = PAGE_SIZE
) -> Shelf:
    """A page of the list in the asked order, with sums when there are not very many."""
    stores = dict(found.order_by().values_list("store").annotate(n=Count("pk")))
    count, sort = sum(stores.values()), wanted.state.sort
    if count > MOST_RANKED or not (sort in PRODUCT_SORTS or may_rank(viewer, sort)):
        sort = sort if sort in PRODUCT_SORTS else "title"
    every = dict(found.order_by().values_list("pk", "store")) if count <= MOST_RANKED else {}
    figures = figures_of(viewer, every)
    stock = stock_of_ids(list(every))
    if sort in PRODUCT_SORTS:
        rows, after, before = page_by_column(found, PRODUCT_SORTS[sort], wanted.cursor, size)
    else:
        order = ranked(list(every), sort, figures, stock)
        ids, after, before = ranked_page(order, wanted.cursor, size)
        known = {row.pk: row for row in found.filter(pk__in=ids)}
        rows = [known[pk] for pk in ids if pk in known]
    shown = {row.pk: row.store_id for row in rows}
    if not every:
        figures, stock = figures_of(viewer, shown), stock_of_ids(list(shown))
    return Shelf(
        rows=rows, count=count, sort=sort, after=after, before=before, stock=stock,
        figures=figures, courses=courses_of(viewer, shown) if size <= PAGE_SIZE else {},
        totals=totals_of(every, figures, stock) if every else None,
    )  # fmt: skip


def page_by_column(
    found: QuerySet[Product], order: Sequence[str], cursor: str, size: int
) -> tuple[list[Product], str | None, str | None]:
    """A page in the order of a column; for a file, all rows at once."""
    if size > MAX_SIZE:
        return list(found.order_by(*order)[:size]), None, None
    page = keyset_page(found, order, cursor, size)
    return page.rows, page.after, page.before


def ranked(
    ids: Sequence[int], sort: str, figures: dict[int, dict[str, Decimal | None]],
    stock: dict[int, int],
) -> list[int]:  # fmt: skip
    """The ids in the order of a figure; what has none comes last."""

    def rank(pk: int) -> tuple[Decimal, int]:
        sold = figures.get(pk, {}).get("units") or Decimal(0)
        if sort == "stock":
            return Decimal(stock.get(pk, NEVER_OUT)), pk
        if sort == "cover":
            counts = pk in stock and sold > 0
            return (stock[pk] * DAYS / sold if counts else NEVER_OUT), pk
        value = figures.get(pk, {}).get(RANKED_BY[sort])
        return (-value if value is not None else NEVER_OUT), pk

    return sorted(ids, key=rank)


def figures_of(viewer: Viewer, ids: dict[int, int]) -> dict[int, dict[str, Decimal | None]]:
    """The figures of the last 30 days by product id; `ids` maps each product to its store."""
    found: dict[int, dict[str, Decimal | None]] = {}
    for store, own in by_store(ids):
        answer = asked(viewer, store, LIST_METRICS, own, by=("product",))
        for row in answer.rows if answer else ():
            if isinstance(row.key[0], int):
                found[row.key[0]] = {slug: cell.value for slug, cell in row.cells.items()}
    return found


def courses_of(viewer: Viewer, ids: dict[int, int]) -> dict[int, list[Decimal]]:
    """Pieces sold on each of the last 30 days by product id, for a small line."""
    found: dict[int, list[Decimal]] = {}
    for store, own in by_store(ids):
        answer = asked(viewer, store, ("units",), own, by=("day", "product"))
        if answer is None:
            continue
        days = {day: place for place, day in enumerate(days_of(answer.query.period))}
        for row in answer.rows:
            value = row.cells["units"].value
            if isinstance(row.key[1], int) and row.key[0] in days and value:
                course = found.setdefault(row.key[1], [Decimal(0)] * len(days))
                course[days[row.key[0]]] = value
    return found


def days_of(period: Period) -> list[Any]:
    return [period.start + timedelta(days=n) for n in range(period.days)]


def by_store(ids: dict[int, int]) -> list[tuple[Store, list[int]]]:
    """The products of each store, with the store."""
    stores = Store.objects.filter(pk__in=set(ids.values())).order_by("pk")
    return [(store, [pk for pk, own in ids.items() if own == store.pk]) for store in stores]


def asked(
    viewer: Viewer, store: Store, slugs: Sequence[str], ids: Sequence[int], by: Sequence[str] = ()
) -> Answer | None:
    """The last 30 days of some products; None where the viewer may see no figures."""
    if not ids or not viewer.can(Permission.SEE_METRICS, store.pk):
        return None
    question = resolve(viewer, PageState(stores=(store.slug,))).asks(slugs, by)
    # The ids come from the page's own rows, so they need not be looked up one by one.
    return ask(replace(question, where={"product": [str(pk) for pk in ids]}))


def totals_of(
    every: dict[int, int], figures: dict[int, dict[str, Decimal | None]], stock: dict[int, int]
) -> Totals:
    """Sums over all products that fit: pieces, and net sales by each store's currency."""
    units = sum((row["units"] or Decimal(0) for row in figures.values()), Decimal(0))
    stores = Store.objects.filter(pk__in=set(every.values()))
    currencies = dict(stores.values_list("pk", "currency"))
    net: dict[str, Decimal] = {}
    for pk, row in figures.items():
        if pk in every and row["net_sales"] is not None:
            currency = currencies[every[pk]]
            net[currency] = net.get(currency, Decimal(0)) + row["net_sales"]
    return Totals(sum(stock.values()), units, net)


def status_counts(viewer: Viewer, store_ids: Sequence[int]) -> dict[str, int]:
    """How many of the viewer's products stand in each status."""
    found = products_matching(viewer, store_ids, ProductFilter()).order_by()
    return dict(found.values_list("status").annotate(n=Count("pk")))


def cells_of(product: Product, shelf: Shelf, columns: Sequence[str]) -> tuple[Value, ...]:
    """One product as a row of a file."""
    figures = shelf.figures.get(product.pk, {})
    cover = shelf.covers.get(product.pk)
    found: dict[str, Value] = {
        "product": product.title,
        "status": product.get_status_display(),
        "category": product.category.name if product.category else "",
        "brand": str(product.brand or ""),
        "stock": shelf.stock.get(product.pk),
        "cover": cover.days if cover else None,
        "price": shelf.prices[product.pk][0],
        "cost": shelf.costs[product.pk][0],
        "margin": figures.get("gross_margin_share"),
        "sold": figures.get("units"),
        "net": figures.get("net_sales"),
    }
    return (*(found[name] for name in columns), product.store.currency, product.store.name)
