"""Write the papers that are made from declarations; a test fails when they are not current."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from analytics.papers import METRICS_PAPER, metrics_paper


class Command(BaseCommand):
    help = "Write docs/metrics.md from the registry."

    def handle(self, **options: Any) -> None:
        with override("en"):
            text = metrics_paper()
        METRICS_PAPER.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {METRICS_PAPER}.")
