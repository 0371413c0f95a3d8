#!/bin/sh
# Runs once, in a new database: PostGIS, and a role of its own for the web.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v password="$(cat "$EJIA_WEB_PASSWORD_FILE")" <<'SQL'
create extension if not exists postgis;
create role ejia_web login password :'password';
SQL
