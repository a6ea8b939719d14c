"""Pages of products. Figures in rows come from the metric registry, one question for the page."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.records import Viewer
from catalog.access import product_to_see
from catalog.models import Product
from catalog.queries import PRODUCT_SORTS, products_matching
from core.errors import Refused
from core.sheets import KINDS
from core.web import render_part
from inventory.queries import levels_of_product
from listings.forms import product_filter
from listings.queries import (
    MOST_RANKED,
    Shelf,
    asked,
    cells_of,
    courses_of,
    may_rank,
    shelf_of,
    status_counts,
)
from metrics.declare import metrics
from metrics.query import Answer
from stores.access import store_ids_named
from stores.guards import ViewerRequest, needs
from stores.models import Permission
from stores.page_state.files import ListFile
from stores.page_state.listing import (
    Column,
    ListPage,
    facet_of,
    look_at,
    part_of,
    saving_of,
    tabs_of,
)
from stores.page_state.lists import ListState, read_list

COST_COLUMNS = ("cost", "margin")
COLUMNS = (
    Column("product", gettext_lazy("Product"), is_fixed=True),
    Column("status", gettext_lazy("Status")),
    Column("category", gettext_lazy("Category")),
    Column("brand", gettext_lazy("Brand"), is_default=False),
    Column("stock", gettext_lazy("Stock"), "count"),
    Column("cover", gettext_lazy("Days of cover"), "count"),
    Column("price", gettext_lazy("Price"), "amount"),
    Column("cost", gettext_lazy("Cost"), "amount", is_default=False),
    Column("margin", gettext_lazy("Margin, 30 days"), "share"),
    Column("sold", gettext_lazy("Sold, 30 days"), "count"),
    Column("net", gettext_lazy("Net sales, 30 days"), "amount"),
)
SORT_WORDS = {
    "title": gettext_lazy("Name"),
    "-title": gettext_lazy("Name, Z to A"),
    "-updated": gettext_lazy("Last changed"),
    "cover": gettext_lazy("Least cover first"),
    "stock": gettext_lazy("Least stock first"),
    "-sold": gettext_lazy("Most sold"),
    "-net": gettext_lazy("Most net sales"),
    "-margin": gettext_lazy("Highest margin"),
}
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


def labelled(viewer: Viewer, store_id: int, answer: Answer | None) -> list[dict[str, Any]]:
    """Each figure with its name, unit and good direction; what needs a right is left out."""
    if answer is None:
        return []
    return [
        {"label": known.label, "unit": known.unit, "good": known.good, "cell": cell}
        for known, cell in ((metrics[slug], cell) for slug, cell in answer.total.cells.items())
        if not known.permission or viewer.can(known.permission, store_id)
    ]


def product_page(request: ViewerRequest, stores: Sequence[int]) -> ListPage:
    """The list of products as tabs and facets ask it."""

    def found(wanted: ListState) -> QuerySet[Product]:
        return products_matching(request.viewer, stores, product_filter(wanted, stores))

    return ListPage("products", reverse("listings:product-list"), found)


def columns_for(viewer: Viewer) -> list[Column]:
    """The columns that the viewer may see."""
    sees_costs = viewer.can_anywhere(Permission.SEE_COSTS)
    return [each for each in COLUMNS if sees_costs or each.slug not in COST_COLUMNS]


def sorts_for(viewer: Viewer, count: int) -> dict[str, Any]:
    """How the list can be sorted: by its figures too, unless there are very many."""
    return {
        key: label
        for key, label in SORT_WORDS.items()
        if key in PRODUCT_SORTS or (count <= MOST_RANKED and may_rank(viewer, key))
    }


@needs(Permission.SEE_PRODUCTS)
@require_safe
def product_list(request: ViewerRequest) -> HttpResponse:
    wanted: ListState = read_list(request.GET)
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    products = product_page(request, stores)
    found = products.found(wanted)
    shelf = shelf_of(request.viewer, found, wanted)
    counts = status_counts(request.viewer, stores)
    context = saving_of(request.viewer, "products", wanted, stores) | {
        "wanted": wanted, "chosen": product_filter(wanted, stores), "shelf": shelf,
        "rows": shelf.rows, "count": shelf.count, "sort": shelf.sort, "path": products.path,
        "look": look_at(request, "products", wanted, columns_for(request.viewer)),
        "tabs": tabs_of(request.viewer, products, wanted, tabs_by(counts)),
        "facets": [facet_of(products, wanted, "category", "category", stores)]
        if part_of(request) == "facets"
        else [],
        "may_import": request.viewer.can_anywhere(Permission.MANAGE_CONNECTORS),
        "exports": files_of(request, wanted, products.path),
        "here": wanted.at(products.path, cols=""),
        "may_save": request.viewer.can_anywhere(Permission.SEE_METRICS),
        "statuses": Product.Status.choices, "tones": STATUS_TONES,
        "next": wanted.at(products.path, after=shelf.after) if shelf.after else "",
        "previous": wanted.at(products.path, after=shelf.before) if shelf.before else "",
    } | sorting(request, wanted, shelf)  # fmt: skip
    return render_part(request, "listings/product_list.html", part_of(request), context)


def sorting(request: ViewerRequest, wanted: ListState, shelf: Shelf) -> dict[str, Any]:
    """The orders that the list can take, each with its address."""
    words, path = sorts_for(request.viewer, shelf.count), reverse("listings:product-list")
    return {
        "sorts": {key: wanted.at(path, sort=key) for key in words},
        "sort_label": words[shelf.sort],
        "sort_menu": [
            (label, wanted.at(path, sort=key), key == shelf.sort) for key, label in words.items()
        ],
    }


def tabs_by(counts: dict[str, int]) -> list[Any]:
    """The built-in tabs: all products, and those of each status."""
    every = [(_("All"), {"status": ""}, sum(counts.values()))]
    return every + [
        (Product.Status(status).label, {"status": status}, counts.get(status, 0))
        for status in Product.Status.values
    ]


def files_of(request: ViewerRequest, wanted: ListState, path: str) -> list[tuple[str, str]]:
    """The list as files, for who may take figures out."""
    if not request.viewer.can_anywhere(Permission.EXPORT):
        return []
    return [(kind.upper(), wanted.at(f"{path}export/{kind}/")) for kind in KINDS]


@needs(Permission.EXPORT)
@require_safe
def product_export(request: ViewerRequest, kind: str) -> HttpResponse:
    """The products of the list, all its pages, with their figures, as a file."""
    wanted = read_list(request.GET)
    if kind not in KINDS:
        raise Http404
    stores = store_ids_named(request.viewer, ",".join(wanted.state.stores))
    found = product_page(request, stores).found(wanted)
    if found.count() > MOST_RANKED:
        raise Refused(_("More than %(n)s rows: narrow the list first.") % {"n": MOST_RANKED})
    look = look_at(request, "products", wanted, columns_for(request.viewer))
    shelf = shelf_of(request.viewer, found, wanted, size=MOST_RANKED)
    file = ListFile(kind, _("Products"), look, wanted)
    return file.made(cells_of(row, shelf, file.columns) for row in shelf.rows)


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
        "course": courses_of(request.viewer, {product.pk: product.store_id}).get(product.pk, []),
        "levels": levels_of_product(product.pk),
        "tone": STATUS_TONES.get(Product.Status(product.status), ""),
        "sees_costs": request.viewer.can(Permission.SEE_COSTS, product.store_id),
        "orders_url": f"{orders}?store={product.store.slug}&product={product.pk}",
    }
    return render_part(request, "listings/product_detail.html", "peek", context)
