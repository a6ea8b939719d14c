"""Beat's own Celery application: the clock sends names of tasks and needs none of their code.

`celery -A ecomgr.beat beat`.
"""

from celery import Celery

from ecomgr.celery import app as whole

app = Celery("ecomgr-beat", fixups=[], set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = whole.conf.beat_schedule
