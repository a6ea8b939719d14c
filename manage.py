#!/usr/bin/env python
"""Django's command line. Finds the running stack by itself (see `ecomgr.environment`)."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecomgr.settings.dev")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
