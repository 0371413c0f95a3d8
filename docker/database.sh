#!/bin/sh
# Runs once, in a new database: PostGIS, and a role of its own for the web.
set -eu
if ! password=$(cat "$EJIA_WEB_PASSWORD_FILE") || [ -z "$password" ]; then
    echo "The secret $EJIA_WEB_PASSWORD_FILE is empty or not readable here: chmod 644 docker/secrets/*" >&2
    echo "(their folder keeps others out); then: docker compose down --volumes, and start again." >&2
    exit 1
fi
# The password is in no list of processes.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat "$EJIA_WEB_PASSWORD_FILE"`
create extension if not exists postgis;
create role ejia_web login password :'password';
SQL
