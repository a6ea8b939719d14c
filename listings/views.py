"""Pages of products. Figures in rows come from the metric registry, one question for the page."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.records import Viewer
from catalog.access import product_to_see
from catalog.models import Product
from catalog.queries import PRODUCT_SORTS, products_matching
from core.paging import keyset_page
from core.web import render_part
from inventory.queries import levels_of_product, stock_of_products
from listings.forms import product_filter
from metrics.answers import ask
from metrics.declare import metrics
from metrics.query import Answer
from stores.access import store_ids_named
from stores.guards import ViewerRequest, needs
from stores.models import Permission, Store
from stores.page_state.lists import ListState, read_list
from stores.page_state.resolved import resolve
from stores.page_state.state import PageState

LIST_METRICS = ("units", "net_sales", "gross_margin_share")
DETAIL_METRICS = (
    "net_sales",
    "units",
    "refund_rate",
    "gross_margin",
    "gross_margin_share",
)
STATUS_TONES = {
    Product.Status.LIVE: "ok",
    Product.Status.DRAFT: "",
    Product.Status.ARCHIVED: "warn",
}


def sold_in_30_days(viewer: Viewer, store: Store, ids: Sequence[int]) -> dict[object, Any]:
    """For each product its figures of the last 30 days, in the store's currency."""
    answer = asked(viewer, store, LIST_METRICS, ids, by=("product",))
    return {row.key[0]: row.cells for row in answer.rows} if answer else {}


def asked(
    viewer: Viewer, store: Store, slugs: Sequence[str], ids: Sequence[int], by: Sequence[str] = ()
) -> Answer | None:
    """The last 30 days of some products; None where the viewer may see no figures."""
    if not ids or not viewer.can(Permission.SEE_METRICS, store.pk):
        return None
    question = resolve(viewer, PageState(stores=(store.slug,))).asks(slugs, by)
    # The ids come from the page's own rows, so they need not be looked up one by one.
    return ask(replace(question, where={"product": [str(pk) for pk in ids]}))


def prices_of(rows: Sequence[Product]) -> dict[int, tuple[Decimal | None, Decimal | None]]:
    """The lowest and the highest price of each product's variants; equal for a single price."""
    found = {}
    for row in rows:
        known = [variant.price for variant in row.variants.all() if variant.price is not None]
        found[row.pk] = (min(known, default=None), max(known, default=None))
    return found


def figures_of(viewer: Viewer, rows: Sequence[Product]) -> dict[int, dict[str, Decimal | None]]:
    """The list's figures by product id, one question for each store on the page."""
    found: dict[int, dict[str, Decimal | None]] = {}
    for store in {row.store for row in rows}:
        ids = [row.pk for row in rows if row.store_id == store.pk]
        for key, cells in sold_in_30_days(viewer, store, ids).items():
            if isinstance(key, int):
                found[key] = {slug: cell.value for slug, cell in cells.items()}
    return found


def labelled(viewer: Viewer, store_id: int, answer: Answer | None) -> list[dict[str, Any]]:
    """Each figure with its name, unit and good direction; what needs a right is left out."""
    if answer is None:
        return []
    return [
        {"label": known.label, "unit": known.unit, "good": known.good, "cell": cell}
        for known, cell in ((metrics[slug], cell) for slug, cell in answer.total.cells.items())
        if not known.permission or viewer.can(known.permission, store_id)
    ]


@needs(Permission.SEE_PRODUCTS)
@require_safe
def product_list(request: ViewerRequest) -> HttpResponse:
    wanted: ListState = read_list(request.GET)
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    chosen = product_filter(wanted, stores)
    found = products_matching(request.viewer, stores, chosen)
    sort = wanted.state.sort if wanted.state.sort in PRODUCT_SORTS else "title"
    page = keyset_page(found, PRODUCT_SORTS[sort], wanted.cursor)
    path = reverse("listings:product-list")
    context = {
        "wanted": wanted, "chosen": chosen, "rows": page.rows, "count": found.count(),
        "figures": figures_of(request.viewer, page.rows), "sort": sort, "path": path,
        "stock": dict.fromkeys(row.pk for row in page.rows) | stock_of_products(page.rows),
        "prices": prices_of(page.rows),
        "sees_costs": request.viewer.can_anywhere(Permission.SEE_COSTS),
        "may_import": request.viewer.can_anywhere(Permission.MANAGE_CONNECTORS),
        "sorts": {key: wanted.at(path, sort=key) for key in PRODUCT_SORTS},
        "statuses": Product.Status.choices, "tones": STATUS_TONES,
        "next": wanted.at(path, after=page.after) if page.after else "",
        "previous": wanted.at(path, after=page.before) if page.before else "",
    }  # fmt: skip
    return render_part(request, "listings/product_list.html", "results", context)


@needs(Permission.SEE_PRODUCTS)
@require_safe
def product_detail(request: ViewerRequest, pk: int) -> HttpResponse:
    product = product_to_see(request.viewer, pk)
    answer = asked(request.viewer, product.store, DETAIL_METRICS, [product.pk])
    orders = reverse("sales:order-list")
    context = {
        "product": product,
        "answer": answer,
        "figures": labelled(request.viewer, product.store_id, answer),
        "levels": levels_of_product(product.pk),
        "tone": STATUS_TONES.get(Product.Status(product.status), ""),
        "sees_costs": request.viewer.can(Permission.SEE_COSTS, product.store_id),
        "orders_url": f"{orders}?store={product.store.slug}&product={product.pk}",
    }
    return render_part(request, "listings/product_detail.html", "peek", context)
