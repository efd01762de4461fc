#!/usr/bin/env bash
# make release NEXT=0.2.0: two commits. The first makes a release of the version that is being made: CHANGELOG.md is dated, its SQL is kept in
# sql/released, and a database that it filled in test/upgrade. The second begins the next version.
set -eu
cd "$(dirname "$0")/.."
fail() { echo "release: $1" >&2; exit 1; }
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" extension/barometre.control)
next=${1:-}
[[ $next =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "make release NEXT=0.2.0: the version that comes after $version"
[ "$next" != "$version" ] && [ "$(printf '%s\n' "$version" "$next" | sort -V | tail -n 1)" = "$next" ] || fail "$next does not come after $version"
[ -z "$(git status --porcelain)" ] || fail "there are changes that are not committed"
grep -q "^## $version (unreleased)" CHANGELOG.md || fail "CHANGELOG.md has no entry \"## $version (unreleased)\""
make -j"$(nproc)" && make install && test/run.sh lint test/t/upgrade.sh

mkdir -p sql/released test/upgrade
cp "extension/barometre--$version.sql" sql/released/
cp .check/log/upgrade.state.sql "test/upgrade/$version.sql"
sed -i "s/^## $version (unreleased)/## $version ($(date +%F))/" CHANGELOG.md
git add -A
git commit -qm "Release $version"

sed -i "s/^default_version = .*/default_version = '$next'/" extension/barometre.control
sed -i "s/\"version\": \"$version\"/\"version\": \"$next\"/; s/barometre--$version\.sql/barometre--$next.sql/" META.json
sed -i "1s/($version-/($next-/; s/^\( -- .*>  \).*/\1$(date -R)/" debian/changelog
sed -i "s/^## $version (/## $next (unreleased)\n\n&/" CHANGELOG.md
echo "-- From $version to $next: what differs in sql/. README.md says how." >"sql/upgrade/barometre--$version--$next.sql"
git add -A
git commit -qm "$next begins"
echo "Released $version. Its tag: git tag v$version HEAD~1"
