#!/usr/bin/env bash
# make deb: the Debian packages for the PostgreSQL versions of this release, or that of PG, and lintian's word on them. In a clone
# they are made of HEAD, in build/deb; in an unpacked release beside its folder.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -e .git ]; then
    folder=$PWD/build/deb version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" extension/barometre.control)
    rm -rf "$folder"
    mkdir -p "$folder"
    git archive --prefix="barometre-$version/" HEAD | tar -xf - -C "$folder"
    exec "$folder/barometre-$version/debian/build.sh"
fi
test/packages.sh build-essential debhelper dpkg-dev lintian postgresql-server-dev-all
[ -z "${PG:-}" ] || export PG_SUPPORTED_VERSIONS=$PG
pg_buildext updatecontrol
# What make hands on is for the tree that it was called in.
env -u MAKEFLAGS -u MAKELEVEL -u PG_CONFIG -u PG dpkg-buildpackage -b -us -uc -j"$(nproc)" >../build.log 2>&1 || {
    tail -n 30 ../build.log
    echo "The packages were not built; all that was said is in $(realpath ../build.log)."
    exit 1
}
lintian --fail-on error --allow-root ../*.changes
ls "$(realpath ..)"/*.deb
