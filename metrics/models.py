"""The engine's own bookkeeping: days that need work, and how often each day was rebuilt."""

from django.db import models
from django.db.models.functions import Now


class Mark(models.Model):
    """Facts of this store and day changed; its rollups must be rebuilt. Only ever added."""

    fact = models.CharField(max_length=60)
    store_id = models.IntegerField()
    day = models.DateField()
    marked_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["fact", "store_id", "day"], name="mark_to_claim")]

    def __str__(self) -> str:
        return f"{self.fact} {self.store_id} {self.day}"


class Version(models.Model):
    """How often the day's facts were rebuilt; sums of it make cache keys that cannot be stale."""

    fact = models.CharField(max_length=60)
    store_id = models.IntegerField()
    day = models.DateField()
    n = models.BigIntegerField(default=1)
    refreshed_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "store_id", "day"], name="version_once", include=["n"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.store_id} {self.day} v{self.n}"


class RollupState(models.Model):
    """What a rollup table was last built from; a changed declaration shows as another signature."""

    table = models.CharField(max_length=63, primary_key=True)
    fact = models.CharField(max_length=60)
    signature = models.CharField(max_length=64)
    is_built = models.BooleanField(default=False)
    built_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.table
