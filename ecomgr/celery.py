"""The Celery application and beat's schedule: one table, all times UTC."""

import gc
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_before_create_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")

app = Celery("ecomgr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "send what a wiped broker lost": {"task": "core.tasks.sweep_outbox", "schedule": 10.0},
    "refresh marked days": {
        "task": "metrics.tasks.refresh_marked",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "make partitions ahead": {
        "task": "traffic.tasks.make_partitions",
        "schedule": crontab(minute=17),
    },
    "pull from sources that are due": {"task": "connectors.tasks.pull_due", "schedule": 15.0},
    "drop events past their time": {
        "task": "traffic.tasks.drop_old_events",
        "schedule": crontab(hour=4, minute=10),
    },
    "take in what lies in the watched folders": {
        "task": "connectors.tasks.look_into_folders",
        "schedule": 10.0,
    },
    "check a sample of the rollups": {
        "task": "metrics.tasks.audit_sample",
        "schedule": crontab(hour=3, minute=20),
    },
}


@worker_before_create_process.connect
def share_what_is_loaded(**told: Any) -> None:
    """The collector would write to every object it looks at, and each process of the pool would
    get its own copy of all that the worker loaded: that stays out of its sight."""
    gc.collect()
    gc.freeze()
