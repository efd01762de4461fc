#!/usr/bin/env bash
# make check-page: the page that is kept in the repository is what page/ makes, and does in a browser what it should.
# With names, only the browser tests whose names hold one of them: test/page/check.sh search lineage
set -euo pipefail
cd "$(dirname "$0")/../.."
needed=chromium
# Where another Node is on the path, Debian's is not wanted.
[ -n "$(type -P node)" ] || needed="$needed nodejs"
[ -n "$(type -P npm)" ] || needed="$needed npm"
[ -z "${CHROMIUM:-}" ] || needed=${needed#chromium}
# shellcheck disable=SC2086
test/packages.sh $needed
export CHROMIUM=${CHROMIUM:-$(type -P chromium)}

if grep -nE '"resolved"|registry\.' page/package-lock.json; then
    echo "page/package-lock.json names a registry; make it anew with the page/.npmrc of the repository"
    exit 1
fi
installed=page/node_modules/.package-lock.json
if ! [ "$installed" -nt page/package-lock.json ] || ! [ "$installed" -nt page/package.json ]; then
    npm --prefix page ci --silent --no-progress --ignore-scripts
fi
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
(cd page && npx tsc --noEmit && npx vite build --logLevel error --outDir "$made")
if ! cmp -s "$made/barometre.html" page/barometre.html; then
    echo "page/barometre.html is not what page/ makes; run: npm --prefix page run build"
    exit 1
fi
echo "page/barometre.html is what page/ makes: $(stat -c %s page/barometre.html) bytes"

# The library holds the shell, so that pages of a server's are of the one that was just looked at.
. test/server.sh
mkdir -p .check
# As test/check.sh compiles the first time, and not all anew after it.
[ -e build/src/pg.unit.o ] || export UNITY=whole
if ! { make -j"$(nproc)" all && make install; } >.check/build.log 2>&1; then
    tail -n 40 .check/build.log
    echo "The build failed."
    exit 1
fi
mkdir "$made/pages"
test/page/pages.sh "$made/pages"
BARO_PAGES=$made/pages node test/page/main.mjs "$@"
