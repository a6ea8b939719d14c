"""Every page of the navigation, and the person's own pages, in the command palette."""

from collections.abc import Iterator
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from core.palette import PaletteItem, score_of
from stores.navigation import FOOT, NAV, entries
from stores.queries import stores_for

QUIET = 10


def palette(viewer: Viewer, words: str) -> Iterator[PaletteItem]:
    """Pages whose name matches; all of them while nothing is typed. Then the stores by name."""
    for item in pages(viewer):
        score = score_of(words, item.label) if words else QUIET
        if score:
            yield replace(item, score=score)
    for store in stores_for(viewer) if words else ():
        if score := score_of(words, store.name):
            url = f"/?store={store.slug}"
            yield PaletteItem(_("Go to"), store.name, _("Store"), url, score, "building-store")


def pages(viewer: Viewer) -> Iterator[PaletteItem]:
    """The navigation as this viewer has it, then the pages of the account menu."""
    items = [item for group in NAV for item in group.items] + list(FOOT)
    for entry in entries(tuple(items), viewer, "", ""):
        yield PaletteItem(_("Go to"), entry.label, _("Page"), entry.url, QUIET, entry.icon)
    for label, name, icon in (
        (_("Your account"), "accounts:account", "user-circle"),
        (_("Notifications"), "accounts:notifications", "bell"),
    ):
        yield PaletteItem(_("Go to"), label, _("Page"), reverse(name), QUIET, icon)
