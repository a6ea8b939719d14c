"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")
application = get_wsgi_application()
# Every page's code is loaded now, before the first visitor, and stays for good: the collector
# need not look through it again each time that a page of some thousand figures makes it run.
_ = get_resolver().url_patterns
gc.freeze()
