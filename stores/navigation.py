"""The pages of the product: one table that the sidebar, the bottom bar, keys and palette read."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.records import Viewer
from stores.models import Permission


@dataclass(frozen=True)
class NavItem:
    """One page of the navigation: shown to those who hold the permission somewhere."""

    label: str | Promise
    icon: str
    url_name: str
    permission: Permission | None = None
    key: str = ""
    is_quick: bool = False


@dataclass(frozen=True)
class NavGroup:
    label: str | Promise
    items: tuple[NavItem, ...]


# A new page is one line here. Quick items are also in the bottom bar of phones.
NAV: tuple[NavGroup, ...] = (
    NavGroup(
        "",
        (NavItem(gettext_lazy("Home"), "home", "analytics:home", None, "h", is_quick=True),),
    ),
    NavGroup(
        gettext_lazy("Insights"),
        (
            NavItem(
                gettext_lazy("KPIs"),
                "layout-dashboard",
                "analytics:kpis",
                Permission.SEE_METRICS,
                "k",
                True,
            ),
        ),
    ),
    NavGroup(
        gettext_lazy("Catalogue"),
        (
            NavItem(
                gettext_lazy("Products"),
                "package",
                "listings:product-list",
                Permission.SEE_PRODUCTS,
                "p",
                True,
            ),
        ),
    ),
    NavGroup(
        gettext_lazy("Sales"),
        (
            NavItem(
                gettext_lazy("Orders"),
                "receipt",
                "sales:order-list",
                Permission.SEE_ORDERS,
                "o",
                True,
            ),
            NavItem(
                gettext_lazy("Customers"),
                "users",
                "customers:customer-list",
                Permission.SEE_CUSTOMERS,
                "c",
            ),
        ),
    ),
)
FOOT: tuple[NavItem, ...] = (
    NavItem(
        gettext_lazy("Connectors"),
        "plug",
        "connectors:source-list",
        Permission.SEE_CONNECTORS,
        "s",
    ),
)


@dataclass(frozen=True)
class Entry:
    """A navigation item as one person sees it on one page."""

    label: str
    icon: str
    url: str
    key: str
    is_current: bool
    is_quick: bool


def address_of(url_name: str) -> str:
    """The page's address, or nothing where its app is not part of this installation."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def entries(items: tuple[NavItem, ...], viewer: Viewer, path: str, query: str) -> list[Entry]:
    """The items that the viewer may open, in order; the chosen store goes along."""
    seen = []
    for item in items:
        url = address_of(item.url_name)
        if url and (item.permission is None or viewer.can_anywhere(item.permission)):
            current = path == url or (url != "/" and path.startswith(url))
            seen.append(
                Entry(str(item.label), item.icon, url + query, item.key, current, item.is_quick)
            )
    return seen
