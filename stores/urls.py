"""Addresses of the stores pages."""

from django.urls import path

from stores import views

app_name = "stores"
urlpatterns = [
    path("views/", views.view_save, name="view-save"),
    path("views/<int:pk>/", views.view_open, name="view-open"),
    path("views/<int:pk>/rename/", views.view_rename, name="view-rename"),
    path("views/<int:pk>/share/", views.view_share, name="view-share"),
    path("views/<int:pk>/delete/", views.view_delete, name="view-delete"),
]

token_patterns = [
    path("", views.token_list, name="token-list"),
    path("<int:pk>/revoke/", views.token_revoke, name="token-revoke"),
]
