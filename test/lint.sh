#!/usr/bin/env bash
# What must agree in the tree: versions, names, exported symbols.
set -u
cd "$(dirname "$0")/.."
bad=0
complain() { echo "lint: $1"; bad=1; }
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" extension/barometre.control)
grep -q "\"version\": \"$version\"" META.json || complain "META.json does not say version $version"
grep -q "^## $version" CHANGELOG.md || complain "CHANGELOG.md has no entry for $version"
for file in sql/*.sql; do
    [[ $(basename "$file") =~ ^[0-9][0-9]_[a-z]+\.sql$ ]] || complain "$file is not named NN_subject.sql"
done
grep -ho "'barometre_[a-z_]*'" sql/*.sql | tr -d "'" | while read -r symbol; do
    grep -q "^pg_finfo_$symbol " src/exports.txt || echo "$symbol"
done | grep . && complain "src/exports.txt lacks these symbols"
for file in $(find src -name '*.cpp' -o -name '*.h'); do
    [ "$(wc -l <"$file")" -le 420 ] || complain "$file has more than 420 lines"
done
if grep -rn "PG_TRY\|std::regex\|using namespace std;" src | grep -v 'src/pg/guard'; then complain "only the guard may do that"; fi
[ $bad = 0 ] && echo "lint: ok"
exit $bad
