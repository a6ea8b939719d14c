"""Addresses of the analytics pages."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("", views.home, name="home"),
    path("kpis/", views.kpis, name="kpis"),
    path("kpis/board/", views.board, name="board"),
    path("kpis/table/<slug:slug>/", views.table, name="table"),
    path("kpis/figures/", views.choose, name="choose"),
    path("kpis/print/", views.print_page, name="print"),
    path("kpis/explain/<slug:slug>/", views.explain, name="explain"),
    path("kpis/filter/<slug:slug>/", views.filter_values, name="filter"),
    path("kpis/export/<int:pk>/", views.export_job, name="export-job"),
    path("kpis/export/by/<slug:slug>/", views.export_rows, name="export-rows"),
    path("kpis/export/by/<slug:slug>/start/", views.export_start, name="export-start"),
    path("kpis/export/<slug:kind>/", views.export, name="export"),
]
