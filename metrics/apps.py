from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules


class MetricsConfig(AppConfig):
    name = "metrics"

    def ready(self) -> None:
        from metrics.checks import declarations_hold

        autodiscover_modules("metrics")
        checks.register(declarations_hold)
