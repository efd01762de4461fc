#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and those that are named, if any is missing.
set -eu
packages="make g++ perl postgresql-15 postgresql-server-dev-15 postgresql-15-cron postgresql-15-pgtap
libtap-parser-sourcehandler-pgtap-perl libfccp-dev libsimdjson-dev libyaml-cpp-dev libxxhash-dev libicu-dev libgtest-dev
zlib1g-dev libzstd-dev clang-format-14 $*"

missing=
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

run=
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "These packages are missing; install them as root and run again:" >&2
        echo "    apt-get install$missing" >&2
        exit 1
    fi
    run="sudo -n"
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq </dev/null
# Without this the PostgreSQL package would make and start a cluster of its own.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $run mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | $run tee /etc/postgresql-common/createcluster.d/barometre.conf >/dev/null
fi
# shellcheck disable=SC2086
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
