"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from accounts import views as account_views
from core import web
from stores.urls import token_patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", web.healthz, name="healthz"),
    path("readyz", web.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("account/", include("accounts.urls")),
    path("account/tokens/", include((token_patterns, "tokens"))),
    path("palette/", account_views.palette, name="palette"),
    path("ui/", account_views.parts, name="parts"),
    path("stores/", include("stores.urls")),
    path("orders/", include("sales.urls")),
    path("customers/", include("sales.customer_urls")),
    path("products/", include("listings.urls")),
    path("connectors/", include("connectors.urls")),
    path("api/v1/", include("ecomgr.api")),
    path("", include("analytics.urls")),
]

handler403 = "core.web.forbidden"
handler404 = "core.web.not_found"
handler500 = "core.web.server_error"
