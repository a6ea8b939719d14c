"""Addresses of the product pages."""

from django.urls import path

from listings import views

app_name = "listings"
urlpatterns = [
    path("", views.product_list, name="product-list"),
    path("export/<slug:kind>/", views.product_export, name="product-export"),
    path("<int:pk>/", views.product_detail, name="product-detail"),
]
