"""What the shell of every page shows: navigation, stores, freshness, the bell."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.queries import demo_signins, newest_notifications, unread_count
from accounts.records import Viewer
from stores.models import Permission, Store
from stores.navigation import FOOT, NAV, Entry, NavItem, address_of, entries
from stores.queries import managers_of, stores_for, workspace

FRESHNESS_URL_NAME = "connectors:freshness"
WORK_URL_NAME = "connectors:work"


@dataclass(frozen=True)
class StoreChoice:
    """One line of the store switcher: the same page for another store."""

    name: str
    hint: str
    url: str
    is_current: bool
    is_all: bool = False


class Shell:
    """Everything that `base.html` shows around a page; each part is read when it is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        self.path = request.path
        self.state: QueryDict = request.GET
        self.now = datetime.now(UTC)

    @cached_property
    def chosen(self) -> list[str]:
        return [slug for slug in self.state.get("store", "").split(",") if slug]

    @cached_property
    def query(self) -> str:
        return f"?store={','.join(self.chosen)}" if self.chosen and self.current else ""

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """Navigation groups that have at least one page for this viewer."""
        drawn = [{"label": str(group.label), "items": self.entries(group.items)} for group in NAV]
        return [group for group in drawn if group["items"]]

    @cached_property
    def foot(self) -> list[Entry]:
        return self.entries(FOOT)

    def entries(self, items: tuple[NavItem, ...]) -> list[Entry]:
        return entries(items, self.viewer, self.path, self.query)

    @property
    def all_entries(self) -> list[Entry]:
        return [entry for group in self.groups for entry in group["items"]] + self.foot

    @property
    def bottom(self) -> list[Entry]:
        return [entry for entry in self.all_entries if entry.is_quick]

    @property
    def keyed(self) -> list[Entry]:
        return [entry for entry in self.all_entries if entry.key]

    @cached_property
    def own_stores(self) -> list[Store]:
        return list(stores_for(self.viewer))

    @property
    def many_stores(self) -> bool:
        """Whether rows of more than one store may stand side by side on the page."""
        return len(self.current or self.own_stores) > 1

    @cached_property
    def current(self) -> list[Store]:
        """The stores that the page is about: the chosen ones, else all."""
        return [store for store in self.own_stores if store.slug in self.chosen]

    @property
    def store_name(self) -> str:
        if len(self.own_stores) == 1:
            return self.own_stores[0].name
        if len(self.current) == 1:
            return self.current[0].name
        return self.company

    @property
    def store_hint(self) -> str:
        shown = self.current or self.own_stores
        if not shown:
            return _("No store yet")
        if len(shown) == 1:
            return shown[0].currency
        if self.current:
            return _("%(count)s stores · %(currency)s") % {
                "count": len(shown),
                "currency": self.currency,
            }
        return _("All stores · %(currency)s") % {"currency": self.currency}

    @cached_property
    def workspace(self) -> tuple[str, str]:
        row = workspace()
        return row.name, row.reporting_currency

    @property
    def company(self) -> str:
        return self.workspace[0]

    @property
    def currency(self) -> str:
        return self.workspace[1]

    @property
    def zone(self) -> str:
        """The clock of the page: the one store's, else UTC."""
        shown = self.current or self.own_stores
        return shown[0].zone if len({store.zone for store in shown}) == 1 else "UTC"

    @property
    def stores(self) -> list[StoreChoice]:
        """The switcher: all stores in the reporting currency, then each; other state is kept."""
        own = [
            StoreChoice(s.name, s.currency, self.page_for(s.slug), self.current == [s])
            for s in self.own_stores
        ]
        if len(own) < 2:
            return own
        hint = self.currency
        return [StoreChoice(_("All stores"), hint, self.page_for(""), not self.current, True), *own]

    def page_for(self, slug: str) -> str:
        state = self.state.copy()
        for key in ("store", "after", "before", "page"):
            state.pop(key, None)
        if slug:
            state["store"] = slug
        return f"{self.path}?{state.urlencode()}"

    @cached_property
    def unread(self) -> int:
        return unread_count(self.viewer)

    @property
    def notices(self) -> list[Notification]:
        return newest_notifications(self.viewer, limit=8)

    @property
    def givers(self) -> list[User]:
        """Who can give the viewer a permission: the managers of their stores."""
        return managers_of(self.viewer)

    @property
    def freshness_url(self) -> str:
        """Where the top bar reads how fresh the data is; nothing for who may not see figures."""
        url = address_of(FRESHNESS_URL_NAME)
        return url + self.query if url and self.viewer.can_anywhere(Permission.SEE_METRICS) else ""

    @property
    def work_url(self) -> str:
        """Where work under way is listed; nothing for who may not see the sources."""
        seen = self.viewer.can_anywhere(Permission.SEE_CONNECTORS)
        return address_of(WORK_URL_NAME) if seen else ""

    @property
    def sources_url(self) -> str:
        return next((entry.url for entry in self.foot if entry.icon == "plug"), "")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Adds `shell`; nothing is read until a page draws it, so parts of pages cost nothing."""
    if not hasattr(request, "viewer"):
        return {}
    return {"shell": SimpleLazyObject(lambda: Shell(request)), "demo_signins": demo_signins}
