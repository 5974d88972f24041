#!/usr/bin/env python3
"""The command line of the project."""

import os
import shlex
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

CONFIGURATION = ("DATABASE_URL", "REDIS_URL", "COUNTERSIGN_SECRET_KEY")

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if any(name in os.environ for name in CONFIGURATION):
            raise
        command = shlex.join(["python", *sys.argv])
        sys.exit(f"{error} With nothing configured, type: python -m config.embedded run {command}")
