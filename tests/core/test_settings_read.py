"""Whatever setting the product reads is there in every way to run it, not only in tests."""

import re
from pathlib import Path

from django.conf import global_settings

from ecomgr.settings import base

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"(?<![\w.])settings\.([A-Z][A-Z_]+)\b")


def test_every_setting_that_the_product_reads_has_a_value_outside_tests():
    apps = [ROOT / app for app in base.INSTALLED_APPS if (ROOT / app / "__init__.py").exists()]
    texts = [path.read_text() for app in apps for path in app.rglob("*.py")]
    read = {name for text in texts for name in READ.findall(text)}

    assert "CELERY_TASK_ALWAYS_EAGER" in read
    assert {name for name in read if not hasattr(base, name)} - set(dir(global_settings)) == set()


def test_tasks_wait_for_a_worker_outside_tests():
    assert base.CELERY_TASK_ALWAYS_EAGER is False
