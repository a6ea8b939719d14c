"""The web server: the application is loaded once, then shared by the processes that answer.

`python -m ecomgr.serve --port 8000`. What was loaded before the fork is held in memory once.
"""

import argparse
from importlib import import_module

from granian import Granian
from granian.constants import Interfaces

WORKERS, THREADS, BACKLOG = 2, 4, 256
APPLICATION = "ecomgr.wsgi:application"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    # Loaded here, not in each process; no connection is opened, those do not outlive a fork.
    import_module(APPLICATION.partition(":")[0])
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


if __name__ == "__main__":
    main()
