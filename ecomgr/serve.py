"""The web server: the application is loaded once, then shared by the processes that answer.

`python -m ecomgr.serve --port 8000`. What was loaded before the fork is held in memory once.
"""

import argparse
import gc

from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces

WORKERS, THREADS, BACKLOG = 2, 4, 256
APPLICATION = "ecomgr.wsgi:application"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    load()
    Granian(
        APPLICATION,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,
    ).serve()


def load() -> None:
    """Import everything that a request needs; no connection is opened, they do not outlive a fork.

    The collector would write to every object that it looks at, and each process would get its own
    copy of all of them: what is here now stays out of its sight.
    """
    from ecomgr import wsgi

    if not callable(wsgi.application):
        raise TypeError("ecomgr.wsgi has no application.")
    get_resolver().url_patterns  # noqa: B018
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
