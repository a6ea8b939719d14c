#!/usr/bin/env python3
"""Health of a container: web answers that database and queue answer, beat goes on writing."""

import os
import sys
import time
import urllib.request
from pathlib import Path

BEAT_WRITES_EVERY_S = 180


def web_is_healthy() -> bool:
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].lstrip(".")
    request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=8) as answer:
        return bool(answer.status == 200)


def beat_is_healthy() -> bool:
    written = max(path.stat().st_mtime for path in Path("/state").glob("beat*"))
    return time.time() - written < 3 * BEAT_WRITES_EVERY_S


if __name__ == "__main__":
    healthy = {"web": web_is_healthy, "beat": beat_is_healthy}[sys.argv[1]]()
    sys.exit(0 if healthy else 1)
