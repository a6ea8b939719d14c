"""Products as the REST API shows them. Money is text in the store's currency."""

from typing import Any

from rest_framework import serializers

from catalog.models import Product, Variant
from catalog.queries import PRODUCT_SORTS
from core.rest import ListParameters
from stores.models import Permission


class ProductParameters(ListParameters):
    """How a list of products is narrowed and sorted."""

    store = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Store slugs, with commas."
    )
    status = serializers.ChoiceField(
        ["", *Product.Status.values],
        required=False,
        default="",
        allow_blank=True,
        help_text="One status.",
    )
    search = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    sort = serializers.ChoiceField(list(PRODUCT_SORTS), required=False, default="title")


class VariantOut(serializers.ModelSerializer[Variant]):
    """One variant. `cost` needs the right to see costs."""

    class Meta:
        model = Variant
        fields = ["id", "external_id", "sku", "barcode", "title", "price", "compare_price",
                  "cost", "weight_g", "options", "version"]  # fmt: skip

    def to_representation(self, instance: Variant) -> dict[str, Any]:
        shown = super().to_representation(instance)
        viewer = self.context.get("viewer")
        if viewer is None or not viewer.can(Permission.SEE_COSTS, instance.store_id):
            shown.pop("cost")
        return shown


class ProductOut(serializers.ModelSerializer[Product]):
    """One product with its variants."""

    store = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]
    category = serializers.SlugRelatedField("name", read_only=True)  # type: ignore[var-annotated]
    brand = serializers.SlugRelatedField("name", read_only=True)  # type: ignore[var-annotated]
    variants = VariantOut(many=True)

    class Meta:
        model = Product
        fields = ["id", "store", "external_id", "title", "handle", "status", "category", "brand",
                  "image_url", "tags", "updated_at", "version", "variants"]  # fmt: skip
