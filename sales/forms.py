"""What a list of orders is asked for in its address."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from metrics.declare import dimensions
from sales.models import Order
from sales.queries import OrderFilter
from stores.page_state.lists import ListState, ids_named

ON_ORDERS = ("channel", "country", "device", "tag", "customer_type")
ON_LINES = ("product", "category")


def order_filter(
    wanted: ListState, store_ids: Sequence[int], today: date, week_start: int
) -> OrderFilter:
    """The orders behind a page state: same days, same dimensions.

    With days named only orders that count as sales are meant, since figures count nothing else.
    """
    kept: dict[str, list[int]] = {}
    left_out: dict[str, list[int]] = {}
    for narrowing in wanted.state.filters:
        ids, column = stored_ids(narrowing.slug, narrowing.words, store_ids)
        if column in ON_ORDERS:
            (left_out if narrowing.excluded else kept)[column] = ids
        elif column in ON_LINES and not narrowing.excluded:
            kept[column] = ids or [-1]
        else:
            label = dimensions[narrowing.slug].label
            wanted.notices.append(_("Orders cannot be narrowed by %(label)s.") % {"label": label})
    period = wanted.state.period(today, week_start) if wanted.has_period else None
    status = wanted.own.get("status", "")
    return OrderFilter(
        search=wanted.state.search,
        statuses=[status] if status in Order.Status.values else [],
        sales_only=wanted.has_period and not status,
        start=period.start if period else None,
        end=period.end if period else None,
        product_ids=kept.pop("product", []),
        category_ids=kept.pop("category", []),
        customer=wanted.number("customer"),
        dimensions=kept,
        excluded=left_out,
    )


def stored_ids(slug: str, words: Sequence[str], store_ids: Sequence[int]) -> tuple[list[int], str]:
    """The ids that orders keep for the words of a dimension, and the column they are kept in."""
    dimension = dimensions[slug]
    ids = ids_named(slug, words, store_ids)
    if dimension.fold is not None:
        wanted = set(ids)
        ids = [kept for kept, folded in dimension.fold(store_ids).items() if folded in wanted]
    return ids, dimension.column
