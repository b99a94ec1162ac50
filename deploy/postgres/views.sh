#!/bin/sh
# Runs once, when the container of the views makes its data folder: the audit service's own role and database.
set -eu
password=$(cat /run/views/password)
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres --set password="$password" <<'SQL'
create role interlock_audit login password :'password';
create database interlock_views owner interlock_audit;
revoke all on database interlock_views from public;
SQL
