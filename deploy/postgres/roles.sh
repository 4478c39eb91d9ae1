#!/usr/bin/env bash
# Runs when the PostgreSQL container first starts. Creates the login roles, with their passwords from
# /run/secrets. `probation db migrate --create` creates the databases and grants each role its rights.
set -euo pipefail
for secret in /run/secrets/*_app /run/secrets/*_read; do
  psql --username postgres --set ON_ERROR_STOP=1 --set role="$(basename "$secret")" \
    --set password="$(cat "$secret")" <<<"create role :\"role\" login password :'password'"
done
