"""What the store sells: products, their variants and categories."""

from django.db import models
from django.db.models import Q

from stores.models import Origin, Store


class Category(models.Model):
    """One branch of the store's own tree of goods."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="categories")
    slug = models.CharField(max_length=120)
    name = models.CharField(max_length=160)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "slug"], name="category_once_per_store")
        ]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """The name under which a product is made."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="brands")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="brand_once_per_store")
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A thing on sale as a shopper sees it: one page, one or more variants."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        ARCHIVED = "archived", "Archived"

    store = models.ForeignKey(Store, models.CASCADE, related_name="products")
    origin = models.ForeignKey(Origin, models.PROTECT)
    external_id = models.CharField(max_length=120)
    title = models.CharField(max_length=300)
    handle = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.LIVE)
    category = models.ForeignKey(Category, models.SET_NULL, null=True, related_name="products")
    brand = models.ForeignKey(Brand, models.SET_NULL, null=True, related_name="products")
    image_url = models.CharField(max_length=1000, blank=True)
    tags = models.JSONField(default=list)
    source_updated_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=32, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "origin", "external_id"], name="product_known_once"
            )
        ]
        indexes = [models.Index(fields=["store", "title", "id"], name="product_by_title")]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """One thing that can be put in a basket: a size, a colour, with its own price and SKU.

    Prices and cost are in the store's currency; `cost` is what one piece costs the store now.
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="variants")
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    origin = models.ForeignKey(Origin, models.PROTECT)
    external_id = models.CharField(max_length=120)
    sku = models.CharField(max_length=120, blank=True)
    sku_key = models.CharField(max_length=120, blank=True, help_text="NFKC and case-folded SKU")
    barcode = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    compare_price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    weight_g = models.PositiveIntegerField(null=True)
    options = models.JSONField(default=dict)
    source_updated_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=32, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "origin", "external_id"], name="variant_known_once"
            ),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0), name="price_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "sku_key"], name="variant_by_sku"),
            models.Index(fields=["store", "barcode"], name="variant_by_barcode"),
        ]

    def __str__(self) -> str:
        return self.sku or self.title
