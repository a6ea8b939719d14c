"""Tests: real Postgres and Valkey, cheap password hashing, tasks run at once."""

import os

from ecomgr.settings.base import *  # noqa: F403
from ecomgr.settings.base import CACHES, STORAGES

SECRET_KEY = "tests-only"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REDIS_PREFIX = f"ecomgr-test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
CACHES["default"]["KEY_PREFIX"] = f"{REDIS_PREFIX}:cache"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CHECK_FIGURES = True
