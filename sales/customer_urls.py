"""Addresses of the customer pages."""

from django.urls import path

from sales import views

app_name = "customers"
urlpatterns = [
    path("", views.customer_list, name="customer-list"),
    path("export/<slug:kind>/", views.customer_export, name="customer-export"),
    path("<int:pk>/", views.customer_detail, name="customer-detail"),
]
