"""Stores, who may do what in them, their channels, money and calendar."""

import hashlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Permission(models.TextChoices):
    """One thing a role lets a person or a token do in a store."""

    SEE_METRICS = "see_metrics", "See figures"
    SEE_COSTS = "see_costs", "See costs and margins"
    SEE_PERSONAL_DATA = "see_personal_data", "See customers' personal data"
    SEE_ORDERS = "see_orders", "See orders"
    SEE_CUSTOMERS = "see_customers", "See customers"
    SEE_PRODUCTS = "see_products", "See products"
    EDIT_PRODUCTS = "edit_products", "Edit products and stock"
    EXPORT = "export", "Export figures and lists"
    SHARE_VIEWS = "share_views", "Share saved views"
    SEE_CONNECTORS = "see_connectors", "See sources and their runs"
    MANAGE_CONNECTORS = "manage_connectors", "Connect sources and import files"
    MANAGE_STORE = "manage_store", "Change the store, its people and tokens"


class Role(models.TextChoices):
    """What a person is in one store."""

    MANAGER = "manager", "Manager"
    STAFF = "staff", "Staff"
    EXECUTIVE = "executive", "Executive"
    INTEGRATION = "integration", "Integration"


P = Permission
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.MANAGER: frozenset(Permission.values),
    Role.STAFF: frozenset(
        {P.SEE_METRICS, P.SEE_ORDERS, P.SEE_CUSTOMERS, P.SEE_PRODUCTS, P.EDIT_PRODUCTS,
         P.EXPORT, P.SEE_CONNECTORS, P.SEE_PERSONAL_DATA}
    ),
    Role.EXECUTIVE: frozenset(
        {P.SEE_METRICS, P.SEE_COSTS, P.SEE_ORDERS, P.SEE_CUSTOMERS, P.SEE_PRODUCTS,
         P.EXPORT, P.SEE_CONNECTORS}
    ),
    Role.INTEGRATION: frozenset(
        {P.SEE_METRICS, P.SEE_COSTS, P.SEE_ORDERS, P.SEE_CUSTOMERS, P.SEE_PERSONAL_DATA,
         P.SEE_PRODUCTS, P.EDIT_PRODUCTS, P.EXPORT, P.SEE_CONNECTORS, P.MANAGE_CONNECTORS}
    ),
}  # fmt: skip


class Workspace(models.Model):
    """The company that runs the stores: its name and the currency that adds them up. One row."""

    name = models.CharField(max_length=120, default="My company")
    reporting_currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="workspace_is_one_row")]

    def __str__(self) -> str:
        return self.name


class Store(models.Model):
    """One shop: its currency, its clock and its calendar. Every business row belongs to one."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    zone = models.CharField(max_length=60, help_text="IANA name; a day is a local day here.")
    week_start = models.PositiveSmallIntegerField(default=0, help_text="0 Monday … 6 Sunday")
    fiscal_year_start = models.PositiveSmallIntegerField(default=1, help_text="Month, 1–12")
    is_demo = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(week_start__lte=6), name="store_week_start_known"),
            models.CheckConstraint(
                condition=Q(fiscal_year_start__range=(1, 12)), name="store_fiscal_month_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one store."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    store = models.ForeignKey(Store, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "store"], name="membership_once_per_store")
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.get_role_display().lower()} of {self.store}"


class Channel(models.Model):
    """A place where the store sells: its own shop, a marketplace, a till."""

    class Kind(models.TextChoices):
        SHOP = "shop", "Own shop"
        MARKETPLACE = "marketplace", "Marketplace"
        POS = "pos", "Point of sale"
        SOCIAL = "social", "Social shop"
        B2B = "b2b", "Business customers"

    store = models.ForeignKey(Store, models.CASCADE, related_name="channels")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SHOP)

    class Meta:
        ordering = ["store", "name"]
        constraints = [
            models.UniqueConstraint(fields=["store", "slug"], name="channel_once_per_store")
        ]

    def __str__(self) -> str:
        return self.name


class Origin(models.Model):
    """One outside account that rows come from, whichever way they arrive.

    A file and a live connection of the same shop share it, so neither doubles the other's rows.
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="origins")
    slug = models.SlugField(max_length=80)
    label = models.CharField(max_length=120)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="origins")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "slug"], name="origin_once_per_store")
        ]

    def __str__(self) -> str:
        return self.label


class ExchangeRate(models.Model):
    """What one unit of `currency` was worth in `to_currency` on one day."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    to_currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "to_currency", "day"], name="rate_known_once_a_day"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate} {self.to_currency} on {self.day}"


class CalendarEntry(models.Model):
    """Something that happened or is planned on a day, drawn as a rule on charts."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", "Holiday"
        CAMPAIGN = "campaign", "Campaign"
        RELEASE = "release", "Release"
        PRICE = "price", "Price change"
        INCIDENT = "incident", "Incident"
        NOTE = "note", "Note"

    store = models.ForeignKey(Store, models.CASCADE, related_name="calendar")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTE)
    title = models.CharField(max_length=120)
    start_on = models.DateField()
    end_on = models.DateField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["start_on"]
        indexes = [models.Index(fields=["store", "start_on"], name="calendar_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_on__gte=models.F("start_on")), name="calendar_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.title


class SavedView(models.Model):
    """A page's state under a name: its query string, for one person or for all of a store."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="view_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A secret with which another system acts for its owner; only its hash is kept.

    It never has more than its owner has now: scopes and stores are cut with the owner's.
    """

    PREFIX_LENGTH = 12

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40, choices=Permission))
    stores = models.ManyToManyField(Store, related_name="tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
