"""What each channel shows of the catalogue."""

from django.apps import AppConfig


class ListingsConfig(AppConfig):
    name = "listings"
