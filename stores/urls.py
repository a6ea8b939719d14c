"""Addresses of the stores pages."""

from django.urls import URLPattern

app_name = "stores"
urlpatterns: list[URLPattern] = []
