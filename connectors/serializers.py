"""Sources and their runs as the REST API shows them."""

from typing import Any

from rest_framework import serializers

from connectors.models import Run, Source
from core.rest import ListParameters


class RunParameters(ListParameters):
    """How a list of runs is narrowed."""

    store = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Store slugs, with commas."
    )
    source = serializers.IntegerField(  # type: ignore[assignment]
        required=False, default=None
    )
    status = serializers.ChoiceField(
        ["", *Run.Status.values], required=False, default="", allow_blank=True
    )


class SourceOut(serializers.ModelSerializer[Source]):
    """One connected source; its settings and secrets are never shown."""

    store = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Source
        fields = ["id", "store", "connector", "label", "state", "state_reason", "every_s",
                  "next_pull_at", "last_good_at"]  # fmt: skip


class RunOut(serializers.ModelSerializer[Run]):
    """One pull: when, how many rows came, landed, were unchanged or parked."""

    store = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]
    source = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta:
        model = Run
        fields = ["id", "store", "source", "kind", "status", "rows_read", "rows_landed",
                  "rows_unchanged", "rows_parked", "rows_total", "counts", "notes", "error",
                  "created_at", "started_at", "finished_at"]  # fmt: skip

    def get_source(self, run: Run) -> dict[str, Any]:
        return {"id": run.source_id, "label": run.source.label, "connector": run.source.connector}
