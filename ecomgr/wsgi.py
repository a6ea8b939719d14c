"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")
application = get_wsgi_application()
# Every page's code is loaded now, before the first visitor, and stays for good: the collector
# need not look through it again. A page makes some ten thousand small objects that reference counts
# free by themselves: at the usual threshold the collector would run in the middle of each page.
_ = get_resolver().url_patterns
gc.freeze()
gc.set_threshold(50_000, 20, 20)
