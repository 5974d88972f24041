#!/bin/sh
# Run once by the postgres image, when it makes its cluster.
set -eu
psql --username postgres -v ON_ERROR_STOP=1 \
  -v owner_password="$OWNER_PASSWORD" -v app_password="$APP_PASSWORD" --file /roles.sql
