"""Every address of the REST API, version 1."""

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from analytics import api as analytics
from catalog import api as catalog
from connectors import api as connectors
from sales import api as sales
from stores import api as stores

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="schema"),
    path("metrics/", analytics.metric_query, name="metric-query"),
    path("metrics/definitions/", analytics.metric_definitions, name="metric-definitions"),
    path("stores/", stores.store_list, name="store-list"),
    path("stores/<slug:slug>/", stores.store_detail, name="store-detail"),
    path("orders/", sales.order_list, name="order-list"),
    path("orders/<int:pk>/", sales.order_detail, name="order-detail"),
    path("customers/", sales.customer_list, name="customer-list"),
    path("customers/<int:pk>/", sales.customer_detail, name="customer-detail"),
    path("products/", catalog.product_list, name="product-list"),
    path("products/<int:pk>/", catalog.product_detail, name="product-detail"),
    path("sources/", connectors.source_list, name="source-list"),
    path("runs/", connectors.run_list, name="run-list"),
    path("runs/<int:pk>/", connectors.run_detail, name="run-detail"),
]
