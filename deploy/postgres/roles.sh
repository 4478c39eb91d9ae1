#!/usr/bin/env bash
# At the first start of the PostgreSQL container: the roles that log in, with their passwords from
# /run/secrets. `probation db migrate --create` makes the databases and says what each role may do.
set -euo pipefail
for secret in /run/secrets/*_app /run/secrets/*_read; do
  psql --username postgres --set ON_ERROR_STOP=1 --set role="$(basename "$secret")" \
    --set password="$(cat "$secret")" <<<"create role :\"role\" login password :'password'"
done
