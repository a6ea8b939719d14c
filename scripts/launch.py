#!/usr/bin/env python3
"""Starts, stops and tests ecomgr; needs the standard library of Python 3.11 and nothing else."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - read by whatever python3 the machine has
    sys.exit(
        "ecomgr needs Python 3.11 or newer, this is {}.{}. Try: make run PYTHON=python3.12".format(
            *sys.version_info
        )
    )
if sys.platform == "win32":
    sys.exit("The launcher runs on Linux and macOS. On Windows use: docker compose up")

from launcher.commands import main

if __name__ == "__main__":
    sys.exit(main())
