#!/usr/bin/env bash
# Columns that had no value yet: their first value says their type.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA"/{s,keyed,viewed,mixed,later,written,declared}
use_project <<'YML'
version: 1
name: unsettled
roles: {loader: meltano}
stream_defaults: {delimiter: ',', pattern: '.*\.csv'}
taps:
  - name: t
    streams:
      - {name: s, path: s}
      - {name: keyed, path: keyed, key_properties: [id]}
      - {name: viewed, path: viewed}
      - {name: mixed, path: mixed, contract: {types: freeze}}
      - {name: later, path: later}
      - {name: written, path: written}
      - {name: declared, path: declared, columns: [{name: n, type: text}]}
YML
open_session loader meltano
put() { printf "$3" >"$BARO_DATA/$1/$2.csv"; ask loader "SELECT inserted, updated, unchanged FROM baro_run('t.$1')"; } # STREAM FILE CONTENT
types() { sql "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't.$1'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE '\_baro%'"; }
open() { role=postgres sql "SELECT string_agg(column_name, ' ' ORDER BY number) FROM barometre_internal.stream_column WHERE stream = '$1' AND unsettled"; }

put s a 'n,x,w\n' >/dev/null
is "a header alone says no type" "$(types s) / $(open s)" "n text, x text, w text / n x w"
put s b 'n,x,w\n9,1.5,\n10,2.25,\n' >/dev/null
is "a header-only column settled text for ever" "$(types s)" "n bigint, x numeric, w text"
is "so that 9 was greater than 10" "$(sql "SELECT max(n), max(x) FROM t.s")" "10|2.25"
is "one that is still empty is not settled" "$(open s)" w
is "a file that is read again changes nothing" "$(put s b 'n,x,w\n9,1.5,\n10,2.25,\n11,1,\n' | grep -v NOTICE)" "1|0|0"
put s c 'n,x,w\n12,1,7\n' >/dev/null
is "an all-empty column settled text for ever" "$(types s) / $(open s)" "n bigint, x numeric, w bigint / "
is "rows that had none have none" "$(sql "SELECT string_agg(coalesce(w::text, '-'), ' ' ORDER BY n) FROM t.s")" "- - - 7"

put keyed a 'id,v\n' >/dev/null
like "a key too, since the load made the index itself" "$(put keyed b 'id,v\n9,a\n10,b\n'; types keyed)" '^id bigint, v text$'
is "and a column that is text is settled so" "$(open keyed) $(put keyed c 'id,v\n10,7\n' | grep -v NOTICE)" " 0|1|0"
is "it stays text" "$(types keyed)" "id bigint, v text"

put viewed a 'n,i,p,k,u\n' >/dev/null
sql "CREATE VIEW t.v AS SELECT n FROM t.viewed; CREATE INDEX ON t.viewed (i); CREATE POLICY pol ON t.viewed USING (p <> 'x'); ALTER TABLE t.viewed ADD CHECK (k <> 'x')" >/dev/null
said=$(put viewed b 'n,i,p,k,u\n1,2,3,4,5\n')
like "a column that a view needs stays text, and the load goes on" "$said" 'WARNING:  stream "t.viewed": column "n" stays text, though its first values are of type bigint: .*view t.v.* depends on it'
is "so does one of an index, a policy, a constraint" "$(types viewed)" "n text, i text, p text, k text, u bigint"
is "with their values" "$(sql "SELECT n, i, p, k, u FROM t.viewed")" "1|2|3|4|5"
is "and it is settled so" "$(open viewed)" ""
is "for the next load too" "$(put viewed c 'n,i,p,k,u\n007,2,3,4,5\n' | grep -v NOTICE) $(sql "SELECT max(n) FROM t.viewed WHERE n LIKE '0%'")" "1|0|0 007"

put mixed a 'n\n' >/dev/null
put mixed b 'n\n1\n' >/dev/null
is "the first value settles a type where types are frozen" "$(types mixed)" "n bigint"
put later a 'a\n1\n' >/dev/null; put later b 'a,n\n2,\n' >/dev/null
is "a column that came later without values is open" "$(types later) / $(open later)" "a bigint, n text / n"
put later c 'a,n\n3,5\n' >/dev/null
is "until it has some" "$(types later)" "a bigint, n bigint"
put written a 'n\n' >/dev/null
sql "INSERT INTO t.written (n) VALUES ('by hand')" >/dev/null
like "values that others wrote stay as they are" "$(put written b 'n\n1\n')" 'column "n" stays text, .*: it has values that no load gave it'
is "beside those of the file" "$(sql "SELECT string_agg(n, ' ' ORDER BY n) FROM t.written")" "1 by hand"
put declared a 'n\n' >/dev/null; put declared b 'n\n1\n' >/dev/null
is "what is declared is what it is" "$(types declared)" "n text"
like "baro_check tells of it" "$(put later d 'a,n,z\n4,5,\n' >/dev/null; printf 'a,n,z\n4,5,6\n' >"$BARO_DATA/later/e.csv"; sql "SELECT translate(detail, E'\\n', ' ') FROM baro_check('t.later') WHERE kind = 'change'")" 'column "z" had no value so far and is now bigint'
is "and changes nothing" "$(types later) / $(open later)" "a bigint, n bigint, z text / z"
role=postgres sql "UPDATE barometre_internal.stream_column SET unsettled = false" >/dev/null
put later f 'a,n,z\n5,5,6\n' >/dev/null
is "columns of 0.1.0 are settled" "$(types later)" "a bigint, n bigint, z text"
finish
