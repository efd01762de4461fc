#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and those that are named, if any is missing. What PostgreSQL they
# are for, test/server.sh says; one in a folder of its own has no packages, and on another system whoever builds sees to all.
set -eu
[ -n "$(type -P dpkg-query)" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then as_root="sudo -n"; fi
export DEBIAN_FRONTEND=noninteractive
update() { [ -n "${updated:-}" ] || $as_root apt-get update -qq </dev/null || exit 1; updated=1; }
. "$(dirname "$0")/server.sh"
if [[ $PG_CONFIG = */postgresql//* ]]; then # this Debian's version is known once there are lists of its packages
    update
    unset PG_CONFIG
    . "$(dirname "$0")/server.sh"
fi

packages="make g++ perl libtap-parser-sourcehandler-pgtap-perl libfccp-dev libsimdjson-dev libyaml-cpp-dev libxxhash-dev libicu-dev
libgtest-dev zlib1g-dev libzstd-dev zstd $*"
for part in "" server-dev- ; do [ -z "$server_major" ] || packages="$packages postgresql-$part$server_major"; done
for part in cron pgtap; do [ -z "$server_major" ] || packages="$packages postgresql-$server_major-$part"; done
if [ "$(. /etc/os-release && echo "${VERSION_ID:-}")" = 12 ]; then packages="$packages clang-format-14"; fi # others have no 14
missing=
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ -n "$as_root" ] && ! sudo -n true 2>/dev/null; then
    echo "These packages are missing; install them as root and run again:" >&2
    echo "    apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"
update
# Without this the PostgreSQL package would make and start a cluster of its own.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.d/barometre.conf >/dev/null
fi
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
