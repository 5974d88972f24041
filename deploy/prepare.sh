#!/bin/sh
# What a new version needs before its processes start; run again it changes nothing.
set -eu
python manage.py check --deploy --fail-level WARNING
python manage.py prepare
python manage.py collectstatic --no-input --verbosity 0
