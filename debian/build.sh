#!/usr/bin/env bash
# make deb: the Debian packages, for the PostgreSQL versions of this release or that of PG, in build/deb; what is compiled is
# what git has of HEAD. lintian has its say of them.
set -euo pipefail
cd "$(dirname "$0")/.."
test/packages.sh debhelper dpkg-dev lintian postgresql-server-dev-all
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" extension/barometre.control)
folder=$PWD/build/deb
rm -rf "$folder"
mkdir -p "$folder"
git archive --prefix="barometre-$version/" HEAD | tar -xf - -C "$folder"
cd "$folder/barometre-$version"
[ -z "${PG:-}" ] || export PG_SUPPORTED_VERSIONS=$PG
pg_buildext updatecontrol
# What make hands on is for the tree that it was called in.
env -u MAKEFLAGS -u MAKELEVEL -u PG_CONFIG -u PG dpkg-buildpackage -b -us -uc -j"$(nproc)" >"$folder/build.log" 2>&1 ||
    { tail -n 30 "$folder/build.log"; echo "The packages were not built; all that was said is in build/deb/build.log."; exit 1; }
cd "$folder"
lintian --fail-on error --allow-root --suppress-tags bad-distribution-in-changes-file ./*.changes
ls ./*.deb
