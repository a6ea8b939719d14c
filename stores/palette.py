"""Every page of the navigation, and the person's own pages, in the command palette."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from core.palette import PaletteItem, score_of
from stores.context import FOOT, NAV, entries
from stores.queries import stores_for

QUIET = 10


def palette(viewer: Viewer, words: str) -> Iterator[PaletteItem]:
    """Pages whose name matches; all of them while nothing is typed. Then the stores by name."""
    items = [item for group in NAV for item in group.items] + list(FOOT)
    for entry in entries(tuple(items), viewer, "", ""):
        yield from offered(_("Go to"), entry.label, _("Page"), entry.url, entry.icon, words)
    account, told = reverse("accounts:account"), reverse("accounts:notifications")
    yield from offered(_("Go to"), _("Your account"), _("Page"), account, "user-circle", words)
    yield from offered(_("Go to"), _("Notifications"), _("Page"), told, "bell", words)
    for store in stores_for(viewer) if words else ():
        url = f"/?store={store.slug}"
        yield from offered(_("Go to"), store.name, _("Store"), url, "building-store", words)


def offered(
    group: str, label: str, hint: str, url: str, icon: str, words: str
) -> Iterator[PaletteItem]:
    score = score_of(words, label) if words else QUIET
    if score:
        yield PaletteItem(group, label, hint, url, score, icon)
