"""Visits to the shop: who looked, where they came from, how far they got.

Events and sessions are partitioned by month and have no foreign keys; their tables are made in
migrations and by `traffic.services.make_partitions`.
"""

from calendar import monthrange
from datetime import date

from django.db import models

from stores.models import Store


class Kind(models.IntegerChoices):
    """What a visitor did. The numbers are stored; never reuse one."""

    OTHER = 0, "Other"
    PAGE_VIEW = 1, "Page view"
    PRODUCT_VIEW = 2, "Product view"
    ADD_TO_CART = 3, "Added to cart"
    CHECKOUT = 4, "Checkout started"
    PAYMENT = 5, "Payment step"
    PURCHASE = 6, "Purchase"
    SEARCH = 7, "Search"
    PROMOTION = 8, "Promotion shown"


class Step(models.IntegerChoices):
    """Bits of `Session.steps`: what happened at least once in the session."""

    PRODUCT_VIEW = 1, "Product view"
    ADD_TO_CART = 2, "Added to cart"
    CHECKOUT = 4, "Checkout started"
    PAYMENT = 8, "Payment step"
    PURCHASE = 16, "Purchase"


class Device(models.IntegerChoices):
    """What the visitor or buyer held. 0 is unknown."""

    UNKNOWN = 0, "Unknown"
    DESKTOP = 1, "Desktop"
    MOBILE = 2, "Mobile"
    TABLET = 3, "Tablet"
    APP = 4, "App"


class Tag(models.Model):
    """Where a visit came from: one source, medium, campaign and content. 0 means unknown."""

    class Group(models.IntegerChoices):
        """The marketing channel a tag belongs to by default."""

        UNKNOWN = 0, "Unknown"
        DIRECT = 1, "Direct"
        ORGANIC_SEARCH = 2, "Organic search"
        PAID_SEARCH = 3, "Paid search"
        ORGANIC_SOCIAL = 4, "Organic social"
        PAID_SOCIAL = 5, "Paid social"
        EMAIL = 6, "Email"
        REFERRAL = 7, "Referral"
        AFFILIATE = 8, "Affiliate"
        DISPLAY = 9, "Display"
        MARKETPLACE = 10, "Marketplace"

    id = models.AutoField(primary_key=True)
    store = models.ForeignKey(Store, models.CASCADE, related_name="tags")
    source = models.CharField(max_length=120)
    medium = models.CharField(max_length=120, blank=True)
    campaign = models.CharField(max_length=200, blank=True)
    content = models.CharField(max_length=200, blank=True)
    group = models.SmallIntegerField(choices=Group, default=Group.UNKNOWN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "source", "medium", "campaign", "content"],
                name="tag_once_per_store",
            )
        ]

    def __str__(self) -> str:
        return " / ".join(part for part in (self.source, self.medium, self.campaign) if part)


class Visitor(models.Model):
    """A browser or device, known by a pseudonym; the id is dense so that sets of it are small."""

    id = models.AutoField(primary_key=True)
    store_id = models.IntegerField()
    key = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "key"], name="visitor_once_per_store")
        ]

    def __str__(self) -> str:
        return self.key


class Page(models.Model):
    """One address of the shop, without its query string."""

    id = models.AutoField(primary_key=True)
    store_id = models.IntegerField()
    path = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "path"], name="page_once_per_store")
        ]

    def __str__(self) -> str:
        return self.path


class Event(models.Model):
    """One thing a visitor did at one moment. `key` is a hash of the source's own identity."""

    pk = models.CompositePrimaryKey("store_id", "day", "key")
    store_id = models.IntegerField()
    day = models.DateField()
    key = models.UUIDField()
    at = models.DateTimeField()
    visitor = models.IntegerField()
    kind = models.SmallIntegerField(choices=Kind)
    origin = models.IntegerField()
    channel = models.IntegerField(default=0)
    country = models.SmallIntegerField(default=0)
    device = models.SmallIntegerField(default=0)
    tag = models.IntegerField(default=0)
    page = models.IntegerField(default=0)
    product = models.BigIntegerField(default=0)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)

    class Meta:
        managed = False
        db_table = "traffic_event"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at}"


class Session(models.Model):
    """One visit: a visitor's events with no gap over 30 minutes, cut at local midnight.

    Dimensions are those of its first event. `seconds` is last event minus first. Imported sessions
    (`is_derived` false) come ready-made from a source and are never replaced by a refresh.
    """

    pk = models.CompositePrimaryKey("store_id", "day", "key")
    store_id = models.IntegerField()
    day = models.DateField()
    key = models.UUIDField()
    started_at = models.DateTimeField()
    seconds = models.IntegerField(default=0)
    visitor = models.IntegerField()
    origin = models.IntegerField()
    channel = models.IntegerField(default=0)
    country = models.SmallIntegerField(default=0)
    device = models.SmallIntegerField(default=0)
    tag = models.IntegerField(default=0)
    landing_page = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    page_views = models.IntegerField(default=0)
    product_views = models.IntegerField(default=0)
    cart_adds = models.IntegerField(default=0)
    checkouts = models.IntegerField(default=0)
    purchases = models.IntegerField(default=0)
    purchase_value = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    steps = models.SmallIntegerField(default=0)
    is_first = models.BooleanField(default=False, help_text="The visitor's first session ever")
    is_derived = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "traffic_session"

    def __str__(self) -> str:
        return f"Visit at {self.started_at}"


class FirstSession(models.Model):
    """Each visitor's first session ever, so that a late earlier one is noticed without a search."""

    pk = models.CompositePrimaryKey("store_id", "visitor")
    store_id = models.IntegerField()
    visitor = models.IntegerField()
    day = models.DateField()
    started_at = models.DateTimeField()
    key = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["store_id", "day"], name="first_session_by_day")]

    def __str__(self) -> str:
        return f"Visitor {self.visitor} first came at {self.started_at}"


class DroppedMonth(models.Model):
    """A month whose raw events were dropped to save room; its sessions are final."""

    month = models.DateField(primary_key=True)
    rows = models.BigIntegerField(help_text="Events that were dropped")
    dropped_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    def days(self) -> list[date]:
        return [
            self.month.replace(day=n + 1) for n in range(monthrange(*self.month.timetuple()[:2])[1])
        ]
