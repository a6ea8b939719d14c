"""ecomgr: the one screen from which a person runs an online store."""

from ecomgr.celery import app as celery_app

__all__ = ["celery_app"]
