"""Outside sources, each pull from them, and the rows that could not be taken."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from stores.models import Origin, Store


class Source(models.Model):
    """One connected outside account or folder: which connector, how, and how it fares."""

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        LATE = "late", "Late"
        FAILING = "failing", "Failing"
        PAUSED = "paused", "Paused"
        SIGN_IN = "sign_in", "Needs sign-in"

    store = models.ForeignKey(Store, models.CASCADE, related_name="sources")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="sources")
    connector = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    config = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.CONNECTED)
    state_reason = models.CharField(max_length=400, blank=True)
    every_s = models.PositiveIntegerField(
        null=True, help_text="Pull interval; null is by hand only"
    )
    next_pull_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    last_good_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "connector", "label"], name="source_once")
        ]
        indexes = [
            models.Index(
                fields=["next_pull_at"], name="source_due", condition=Q(next_pull_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.label


class Cursor(models.Model):
    """How far one stream of a source has been read; moves only with the rows it covers."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=40)
    position = models.JSONField(default=dict)
    moved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "stream"], name="cursor_per_stream")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.stream}"


class Run(models.Model):
    """One pull from a source: when, what came, what landed, what went wrong."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        PARTLY = "partly", "Done, some rows parked"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"
        UNCHANGED = "unchanged", "Nothing new"

    class Kind(models.TextChoices):
        PULL = "pull", "Pull"
        BACKFILL = "backfill", "Backfill"
        FILE = "file", "File"
        DRY_RUN = "dry_run", "Dry run"
        REPLAY = "replay", "Replay"

    source = models.ForeignKey(Source, models.CASCADE, related_name="runs")
    store = models.ForeignKey(Store, models.CASCADE, related_name="runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PULL)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    params = models.JSONField(default=dict)
    rows_read = models.PositiveBigIntegerField(default=0)
    rows_landed = models.PositiveBigIntegerField(default=0)
    rows_unchanged = models.PositiveBigIntegerField(default=0)
    rows_parked = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(null=True)
    counts = models.JSONField(default=dict, help_text="By stream: read, landed, unchanged, parked")
    notes = models.JSONField(default=list)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["source", "-created_at"], name="run_newest"),
            models.Index(fields=["store", "-created_at", "-id"], name="run_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.source}"

    @property
    def is_over(self) -> bool:
        return self.status not in OPEN

    @property
    def seconds(self) -> int | None:
        """How long it took; None before it ends."""
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds())


OPEN = (Run.Status.WAITING, Run.Status.RUNNING, Run.Status.PAUSED)


class ParkedRow(models.Model):
    """A row that could not be taken: why, and the row as it came, until it is fixed or dropped."""

    class Status(models.TextChoices):
        PARKED = "parked", "Parked"
        WAITING = "waiting", "Waits for another row"
        APPLIED = "applied", "Applied later"
        DROPPED = "dropped", "Dropped"

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, related_name="parked_rows")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="parked_rows")
    stream = models.CharField(max_length=40)
    key = models.CharField(max_length=300, blank=True)
    waits_for = models.CharField(max_length=300, blank=True)
    row_number = models.PositiveBigIntegerField(null=True)
    column = models.CharField(max_length=200, blank=True)
    value = models.TextField(blank=True)
    reason = models.CharField(max_length=400)
    remedy = models.CharField(max_length=400, blank=True)
    raw = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=32)
    status = models.CharField(max_length=10, choices=Status, default=Status.PARKED)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "stream", "content_hash"], name="row_parked_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["source", "stream", "waits_for"],
                name="row_waiting_for",
                condition=Q(status="waiting"),
            )
        ]

    def __str__(self) -> str:
        return self.reason


class Payload(models.Model):
    """What a source sent, byte for byte (compressed on disk), so a better reader can replay it."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="payloads")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="payloads")
    stream = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    mapping_hash = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField()
    file = models.FileField(upload_to="payloads/%Y/%m/", max_length=300)
    is_landed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256", "mapping_hash"],
                name="payload_landed_once",
                condition=Q(is_landed=True),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Mapping(models.Model):
    """How the columns of one kind of file become our fields, remembered for a store's sources."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="mappings")
    name = models.CharField(max_length=80)
    headers_hash = models.CharField(max_length=64)
    spec = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "headers_hash"], name="mapping_per_header")
        ]

    def __str__(self) -> str:
        return self.name


class Drift(models.Model):
    """A source's shape changed: a column came, went, or changed its type."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="drifts")
    stream = models.CharField(max_length=40)
    column = models.CharField(max_length=200)
    change = models.CharField(max_length=20)
    seen_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "stream", "column", "change"], name="drift_seen_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.column} {self.change}"
