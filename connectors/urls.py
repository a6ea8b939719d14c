"""Addresses of the connector pages."""

from django.urls import path

from connectors import tending, tray, views, wizard

app_name = "connectors"
urlpatterns = [
    path("", views.source_list, name="source-list"),
    path("upload/", wizard.upload, name="upload"),
    path("upload/<slug:store>/<str:key>/", wizard.upload_match, name="upload-match"),
    path("checks/<int:pk>/", wizard.upload_check, name="upload-check"),
    path("checks/<int:pk>/errors/", wizard.upload_errors, name="upload-errors"),
    path("checks/<int:pk>/import/", wizard.upload_import, name="upload-import"),
    path("work/", tray.work, name="work"),
    path("freshness/", views.freshness, name="freshness"),
    path("demo/remove/", views.demo_remove, name="demo-remove"),
    path("<int:pk>/", views.source_detail, name="source-detail"),
    path("<int:pk>/pull/", views.source_pull, name="source-pull"),
    path("<int:pk>/pause/", views.source_pause, name="source-pause"),
    path("<int:pk>/resume/", views.source_resume, name="source-resume"),
    path("<int:pk>/parked/", views.parked_file, name="parked-file"),
    path("<int:pk>/parked/retry/", views.parked_retry, name="parked-retry"),
    path("<int:pk>/parked/drop/", views.parked_drop, name="parked-drop"),
    path("runs/<int:pk>/", views.run_detail, name="run-detail"),
    path("<int:pk>/backfill/", tending.backfill, name="backfill"),
    path("<int:pk>/compare/", tending.compare, name="compare"),
    path("<int:pk>/agreement/", tending.agreement, name="agreement"),
    path("<int:pk>/fields/", tending.fields, name="fields"),
    path("<int:pk>/fields/change/", tending.fields_change, name="fields-change"),
    path("runs/<int:pk>/pause/", views.run_pause, name="run-pause"),
    path("runs/<int:pk>/resume/", views.run_resume, name="run-resume"),
    path("runs/<int:pk>/stop/", views.run_stop, name="run-stop"),
    path("drifts/<int:pk>/seen/", views.drift_seen, name="drift-seen"),
]
