"""Stores as the REST API shows them."""

from typing import Any

from rest_framework import serializers

from stores.models import Channel, Store


class ChannelOut(serializers.ModelSerializer[Channel]):
    """A place where the store sells."""

    class Meta:
        model = Channel
        fields = ["id", "slug", "name", "kind"]


class StoreOut(serializers.ModelSerializer[Store]):
    """One store with its channels."""

    channels = ChannelOut(many=True)
    role = serializers.SerializerMethodField(help_text="The caller's role in the store.")

    class Meta:
        model = Store
        fields = ["id", "slug", "name", "currency", "zone", "week_start", "fiscal_year_start",
                  "is_demo", "role", "channels"]  # fmt: skip

    def get_role(self, store: Store) -> str:
        roles: dict[int, Any] = self.context.get("roles", {})
        return str(roles.get(store.pk, ""))
