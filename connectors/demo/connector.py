"""The simulated shop as a source: what happened since the cursor, as a real shop would tell it."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone

from connectors.base import Batch, Connector, Page, Position, SettingsError, Shop, Window
from connectors.demo import assortment, books, tracks
from connectors.demo.period import Period
from connectors.demo.world import HISTORY_DAYS, PLANS, World

# Another length for all pages, for those who want many of them.
PAGE_S: int | None = None
# The shop's own system, and its tracking: two accounts of one shop, which are read side by side.
SALES, TRAFFIC = "sales", "traffic"


def world_of(config: Mapping[str, Any]) -> World:
    """The simulated store that a source's settings describe."""
    return World(
        shop=config["shop"],
        seed=int(config.get("seed", 7)),
        anchor=date.fromisoformat(config["anchor"]),
        days=int(config.get("days", HISTORY_DAYS)),
        scale=float(config.get("scale", 1.0)),
    )


def batches_of(period: Period, part: str | None = None) -> list[Batch]:
    """Every stream's rows of the period (or of one part's streams), empty ones left out."""
    found: list[Batch | None] = []
    if part != TRAFFIC:
        found += [
            assortment.exchange_rates(period),
            assortment.products(period),
            assortment.stock(period),
            *books.sales(period),
            assortment.catalogue_requests(period),
            assortment.ad_spend(period),
        ]
    if part != SALES:
        found += [tracks.events(period), tracks.sessions(period)]
    return [batch for batch in found if batch is not None and batch.table.num_rows]


def pages(world: World, begin: int, end: int, now: int, part: str | None = None) -> Iterator[Page]:
    """The stretch in steps of some months, all of it as it stands at `now`."""
    length = PAGE_S or world.plan.page_days * 86400
    while begin < end:
        step = min(begin + length, end)
        yield Page(batches_of(Period(world, begin, step, now), part), next={"to": step})
        begin = step


class Demo(Connector):
    """A shop that never was: two years of history, and a new minute every minute."""

    slug: ClassVar[str] = "demo"
    label: ClassVar[str] = "Demo shop"
    streams: ClassVar[tuple[str, ...]] = (
        "rates", "products", "levels", "customers", "orders", "lines", "payments", "refunds",
        "catalogue_requests", "events", "sessions", "ad_spend",
    )  # fmt: skip
    is_per_stream: ClassVar[bool] = False

    def __init__(self, config: Mapping[str, Any], shop: Shop) -> None:
        super().__init__(config, shop)

    def check(self) -> None:
        """Raises SettingsError when the settings name no store of the demo, or no part of one."""
        if self.config.get("shop") not in PLANS:
            raise SettingsError(f"The demo has no store “{self.config.get('shop')}”.")
        if self.config.get("part") not in {None, SALES, TRAFFIC}:
            raise SettingsError(f"A shop of the demo has no part “{self.config['part']}”.")

    def pull(
        self, stream: str | None, cursor: Position | None, window: Window | None
    ) -> Iterator[Page]:
        """What happened since the cursor; with a window, what happened on those days."""
        self.check()
        world = world_of(self.config)
        now = self._now()
        begin, end = world.midnight(world.start), now
        if window is not None:
            begin = world.midnight(window.start)
            end = min(now, world.midnight(window.end + timedelta(days=1)))
        if cursor is not None:
            begin = int(cursor["to"])
        yield from pages(world, begin, end, now, self.config.get("part"))

    def _now(self) -> int:
        """The present, but never later than `until` of the settings, nor than the moment of loading
        when the demo is not to go on living."""
        now = int(timezone.now().timestamp())
        limits = [now, int(self.config.get("until", now))]
        if not settings.DEMO_LIVE:
            limits.append(int(self.config.get("loaded_at", now)))
        return min(limits)
