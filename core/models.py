"""Work that a committed change has promised: the outbox, and long jobs that a person watches."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Outbox(models.Model):
    """One task that a committed transaction wants run; Celery is only nudged."""

    task = models.CharField(max_length=120)
    kwargs = models.JSONField(default=dict)
    unique_key = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    parked = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="outbox_waiting", condition=Q(done_at=None, parked=False)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"],
                name="outbox_asked_once",
                condition=Q(done_at=None, parked=False) & ~Q(unique_key=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.kwargs}"


class Job(models.Model):
    """Long work that a person started and may leave: an import, an export."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    store_id = models.BigIntegerField(null=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(null=True)
    result = models.JSONField(default=dict)
    file = models.FileField(upload_to="jobs/%Y/%m/", blank=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="job_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED, self.Status.STOPPED}
