#!/usr/bin/env bash
# make check: every test, on a machine where nothing was installed by hand, and of the PostgreSQL that test/server.sh chooses.
set -uo pipefail
cd "$(dirname "$0")/.."
test/packages.sh || exit 1
. test/server.sh
mkdir -p .check
printf '\n== Build ==\n'
[ -d build ] || export UNITY=whole # the first time, all at once is quickest
if ! { make -j"$(nproc)" all && make install; } >.check/build.log 2>&1; then
    tail -n 40 .check/build.log
    echo "The build failed."
    exit 1
fi
echo "built and installed in $SECONDS s"
printf '\n== Tests ==\n'
exec test/run.sh
