"""What lies on the shelves, as each source last said."""

from django.db import models

from catalog.models import Variant
from stores.models import Origin, Store


class Location(models.Model):
    """A place that holds stock."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="locations")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="location_once_per_store")
        ]

    def __str__(self) -> str:
        return self.name


class Level(models.Model):
    """How many pieces of a variant a location holds, in pieces."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="levels")
    origin = models.ForeignKey(Origin, models.PROTECT)
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="levels")
    location = models.ForeignKey(Location, models.CASCADE, related_name="levels")
    on_hand = models.IntegerField(default=0)
    committed = models.IntegerField(default=0)
    incoming = models.IntegerField(default=0)
    as_of = models.DateTimeField()
    available = models.GeneratedField(
        expression=models.F("on_hand") - models.F("committed"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "variant", "location"], name="level_once_per_location"
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant} at {self.location}: {self.on_hand}"
