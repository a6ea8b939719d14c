"""Addresses of the order pages."""

from django.urls import path

from sales import views

app_name = "sales"
urlpatterns = [
    path("", views.order_list, name="order-list"),
    path("export/<slug:kind>/", views.order_export, name="order-export"),
    path("<int:pk>/", views.order_detail, name="order-detail"),
]
