#!/usr/bin/env bash
# Whatever takes long can be stopped, in each phase; and no project takes a server's time or memory without end.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'Y'
version: 1
name: p
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: endless, path: in, pattern: 'endless.*', key_properties: [id]}
      - {name: said, path: in, pattern: 'endless.*', delimiter: ',', field_names: [a, b]}
      - {name: good, path: good, pattern: '.*[.]csv', key_properties: [id]}
Y
mkdir -p "$BARO_DATA"/{in,good}
# A gigabyte without a line end, packed into little.
head -c 16M /dev/zero | tr '\0' x | zstd -q >"$BARO_DATA/part"
for i in {1..64}; do cat "$BARO_DATA/part"; done >"$BARO_DATA/in/endless.csv.zst"
is "is there" "$([ "$(stat -c %s "$BARO_DATA/in/endless.csv.zst")" -lt 1000000 ] && echo small)" small
seq -f '%.0f,x' 1 1000 | sed '1i id,v' >"$BARO_DATA/good/a.csv"
stops() { # NAME SQL: within 0.2 s, which it takes longer than
    like "$1 can be stopped" "$(PGOPTIONS="-c statement_timeout=200" psql -X -q -At -d "$db" -U meltano -v VERBOSITY=verbose -c "$2" -c "SELECT 'went on'" 2>&1)" '57014'
}
stops "looking at a file" "SELECT * FROM baro_preview('tap.endless')"
stops "looking at the files of a load" "SELECT * FROM baro_run('tap', streams => '{endless}')"
stops "checking a file" "SELECT * FROM baro_check('tap')"
stops "reading a file" "SELECT * FROM baro_run('tap', streams => '{said}')"
is "nothing is left of it" "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '_baro_staging'")" 0
like "and another load runs" "$(sql "SELECT * FROM baro_run('tap', streams => '{good}')")" '1000'

cp "$project/barometre.yml" "$BARO_DATA/kept.yml"
{ cat "$BARO_DATA/kept.yml"; printf 'vars: {a: ['; yes ':,' | head -n 300000 | tr -d '\n'; echo ']}'; } >"$project/barometre.yml"
stops "reading YAML" "SELECT * FROM baro_ls()"
cp "$BARO_DATA/kept.yml" "$project/barometre.yml"
for i in 1 2 3 4 5; do echo "{% for i in range(300) %}{% for j in range(1000) %}{{ '' if i == j }}{% endfor %}{% endfor %} SELECT $i AS a" >"$project/models/slow_$i.sql"; done
stops "rendering templates" "SELECT * FROM baro_plan()"
stops "rendering in a transformation" "CALL baro_transform()"
rm "$project"/models/slow_*.sql
like "and the next call works" "$(sql "SELECT * FROM baro_ls()")" 'good'
finish
