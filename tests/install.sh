#!/bin/sh
# Install what the tests need and a Python package cannot bring: Chromium and PostgreSQL 15.
# Does nothing where both are there already.
set -eu

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-dejavu-core"
[ -x /usr/lib/postgresql/15/bin/initdb ] || missing="$missing postgresql-15"
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "the tests need Chromium and PostgreSQL 15: install them, then run 'make test' again" >&2
    exit 1
fi

run=""
[ "$(id -u)" = 0 ] || run="sudo"
export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing"
$run apt-get update -qq
# shellcheck disable=SC2086 - a list of packages
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null
