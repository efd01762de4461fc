#!/usr/bin/env bash
# make lint: what must agree in the tree. Versions, names, exported symbols; the rules of src/ are in lint_source.pl.
# Names in anonymous namespaces are unique in their folder: the compiler sees to that, because a folder is compiled as one unit.
set -u
cd "$(dirname "$0")/.."
bad=0
complain() { echo "lint: $1"; bad=1; }
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" extension/barometre.control)
grep -q "\"version\": \"$version\"" META.json || complain "META.json:1: does not say version $version, which extension/barometre.control does"
grep -q "^postgresql-barometre ($version-" debian/changelog || complain "debian/changelog:1: does not say version $version"
grep -qF "\"file\": \"extension/barometre--$version.sql\"" META.json || complain "META.json:1: the file of the extension is not that of version $version"
grep -q "^## $version" CHANGELOG.md || complain "CHANGELOG.md:1: has no entry for $version; say what is new in it"

# What SQL calls: each subject has its file in every layer, and what was exported once stays, because older SQL calls it.
exported=" $(sed 's/ .*//' src/exports.txt | tr '\n' ' ')"
for file in sql/*.sql; do
    name=${file##*/}
    [[ $name =~ ^[0-9][0-9]_[a-z]+\.sql$ ]] || complain "$file:1: its name is not NN_subject.sql"
done
while IFS=: read -r file line symbol; do
    symbol=${symbol//\'/} subject=${file#*_} subject=${subject%.sql}
    [[ $exported == *" $symbol "* && $exported == *" pg_finfo_$symbol "* ]] || complain "$file:$line: add $symbol and pg_finfo_$symbol to src/exports.txt"
    [ -f "src/entry/$subject.cpp" ] || complain "$file:$line: functions of this file are in src/entry/$subject.cpp, which is not there"
done < <(grep -noH "'barometre_[a-z_]*'" sql/[0-9]*.sql)
defined=" $(grep -hoE '^(BARO_[A-Z]+\(|void )barometre_[a-z_]+' src/entry/*.cpp | sed 's/^.*[( ]//' | tr '\n' ' ')"
while IFS=: read -r line symbol; do
    [[ $defined == *" ${symbol%% *} "* ]] || complain "src/exports.txt:$line: nothing in src/entry/ defines ${symbol%% *}; an entry stays when SQL has given it up"
done < <(grep -n '^barometre_' src/exports.txt)

shopt -s nullglob
# Those of released versions too: their SQL calls them until it is updated.
while IFS=: read -r file line symbol; do
    symbol=${symbol//\'/}
    [[ $exported == *" pg_finfo_$symbol "* ]] || complain "$file:$line: src/exports.txt lacks $symbol, which this version calls"
done < <(grep -noH "'barometre_[a-z_]*'" sql/released/*.sql sql/upgrade/*.sql /dev/null)
for file in sql/released/*.sql; do
    release=${file##*--} release=${release%.sql}
    if [ "$release" = "$version" ]; then
        cat sql/[0-9]*.sql | cmp -s - "$file" || complain "$file:1: is not what sql/ makes"
        continue
    fi
    from=("sql/upgrade/barometre--$release--"*.sql)
    [ ${#from[@]} = 1 ] || complain "sql/upgrade:1: has no script from $release on"
    [ -f "test/upgrade/$release.sql" ] || complain "test/upgrade:1: has no database of $release"
done

test/lint_source.pl || bad=1
while read -r lines file; do
    [ "$lines" -le 400 ] || complain "$file:401: the file has $lines lines; cut it into two that each have a subject"
done < <(find page/src test/page -type f -exec wc -l {} \; )

# Other versions of clang-format break lines elsewhere.
if [ -n "$(type -P clang-format-14)" ]; then
    while IFS=: read -r file line _; do
        complain "$file:$line: clang-format-14 writes this otherwise; clang-format-14 -i $file"
    done < <(find src test bench -name '*.cpp' -o -name '*.h' | xargs -P "$(nproc)" -n 16 clang-format-14 --dry-run -Werror 2>&1 |
        grep -aE '^(src|test|bench)/[^: ]*:[0-9]+:[0-9]+: error: ' | awk -F: '!told[$1]++')
else
    echo "ok 1 # skip the source's form: clang-format-14 is not there"
fi

[ $bad = 0 ] && echo "lint: ok"
exit $bad
