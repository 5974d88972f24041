"""The measurements of the README.

python -m bench                  # all of them
python -m bench claims exports   # some
"""

import argparse
import os
import tempfile
import time
from importlib import import_module

import django

from config import embedded

BENCHES = (
    "claims",
    "intake",
    "pages",
    "reading",
    "fields",
    "exports",
    "next_case",
    "duplicates",
    "approving",
    "replay",
    "sealing",
    "verifying",
)


def main() -> None:
    """Runs the benches that are named, or all, on servers that are configured or embedded."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar=f"{{{','.join(BENCHES)}}}")
    names = parser.parse_args().names or BENCHES
    if unknown := set(names) - set(BENCHES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("COUNTERSIGN_REDIS_PREFIX", "countersign_bench:")
    with (
        embedded.configured(embedded.local_directory()) as found,
        tempfile.TemporaryDirectory() as media,
    ):
        os.environ |= {
            **found,
            "COUNTERSIGN_STORAGE": f"file://{media}",
            "COUNTERSIGN_MODE": "demo",
        }
        django.setup()
        with import_module("bench.database").template():
            for name in names:
                began = time.monotonic()
                import_module(f"bench.{name}").run()
                print(f"({name} took {time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
