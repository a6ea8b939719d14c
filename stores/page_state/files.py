"""A list page as a file: its rows with the columns it shows, and what they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from core.sheets import About, Sheet, Value, attached, csv_table, xlsx_bytes
from stores.page_state.listing import Look
from stores.page_state.lists import ListState


@dataclass(frozen=True)
class ListFile:
    """Which list is wanted as which kind of file."""

    kind: str
    title: StrOrPromise
    look: Look
    wanted: ListState

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.slug for column in self.look.chosen)

    def made(self, rows: Iterable[tuple[Value, ...]]) -> HttpResponse:
        """The file; each row ends with its currency and its store."""
        chosen = self.look.chosen
        head = (*(str(column.label) for column in chosen), _("Currency"), _("Store"))
        units = (*(column.unit for column in chosen), "text", "text")
        sheet = Sheet(str(self.title), head, units, rows)
        name = f"{self.look.page}-{date.today():%Y-%m-%d}.{self.kind}"  # noqa: DTZ011
        if self.kind == "csv":
            return attached(csv_table(sheet), name)
        return attached(xlsx_bytes([sheet], self.about(), "EUR"), name)

    def about(self) -> About:
        """Which rows these are, and what the columns mean."""
        filters = [f"{key}: {value}" for key, value in self.wanted.items.items() if key != "view"]
        return [
            (_("List"), str(self.title)),
            (_("Filters"), "; ".join(filters) or _("None")),
            (_("Times"), _("On each store's own clock")),
            (_("Amounts"), _("In the currency of the column Currency")),
            (_("Generated"), datetime.now(UTC).isoformat(timespec="seconds")),
        ]
