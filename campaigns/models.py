"""What is spent on bringing visitors, and on which campaigns."""

from django.db import models

from stores.models import Origin, Store
from traffic.models import Tag


class Campaign(models.Model):
    """One marketing effort; source tags are mapped to it, rows are never rewritten."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="campaign_once_per_store")
        ]

    def __str__(self) -> str:
        return self.name


class CampaignTag(models.Model):
    """Says that visits and spend with this source tag belong to the campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="campaign_tags")
    tag = models.OneToOneField(Tag, models.CASCADE, related_name="campaign_tag")

    def __str__(self) -> str:
        return f"{self.tag} → {self.campaign}"


class AdSpend(models.Model):
    """What one ad (or the finest level the platform gives) cost and reached on one day.

    `spend` is in the store's currency; null when the source has no cost column.
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    origin = models.ForeignKey(Origin, models.PROTECT)
    external_id = models.CharField(max_length=300)
    day = models.DateField()
    channel = models.IntegerField(default=0)
    country = models.SmallIntegerField(default=0)
    device = models.SmallIntegerField(default=0)
    tag = models.IntegerField(default=0)
    platform = models.CharField(max_length=60)
    campaign_name = models.CharField(max_length=300, blank=True)
    ad_group = models.CharField(max_length=300, blank=True)
    ad = models.CharField(max_length=300, blank=True)
    currency = models.CharField(max_length=3)
    spend = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    spend_reporting = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    impressions = models.BigIntegerField(default=0)
    clicks = models.BigIntegerField(default=0)
    content_hash = models.CharField(max_length=32, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "origin", "external_id", "day"], name="spend_known_once"
            )
        ]
        indexes = [models.Index(fields=["store", "day"], name="spend_by_day")]

    def __str__(self) -> str:
        return f"{self.campaign_name or self.platform} on {self.day}"
