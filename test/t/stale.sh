#!/usr/bin/env bash
# What makes a model stale and what doesn't; selections, baro_ls and baro_plan.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in" "$BARO_DATA/other"
use_project <<'YML'
version: 1
name: stale
roles: {loader: meltano, readers: [express-api]}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id]}
      - {name: never, path: nowhere, pattern: .*\.csv}
seeds:
  - name: codes
YML
m=$project/models f=$project/functions
cp "$project/barometre.yml" "$BARO_DATA/other/barometre.yml"
model() { [[ $1 != */* ]] || mkdir -p "$m/${1%/*}"; printf '%s\n' "$2" > "$m/$1.sql"; }
super() { role=postgres sql "$1"; }
# What a call built, in order; errors too.
builds() {
    local line built=()
    while IFS= read -r line; do
        if [[ $line =~ ^NOTICE:\ \ (model|view)\ ([^:]*):\ built ]]; then built+=("${BASH_REMATCH[2]}"); fi
        [[ $line != ERROR:* ]] || built+=("$line")
    done <<<"$(ask builder "CALL baro_transform(${1:-})")"
    echo "${built[*]}"
}
open_session builder meltano
state() { sql "SELECT state || coalesce(': ' || replace(reason, E'\n', ' '), '') FROM baro_ls('$1') WHERE name = '$1'"; }
settle() { builds >/dev/null; builds >/dev/null; } # twice: that a second call builds nothing is asserted elsewhere
states() { sql "SELECT string_agg(name || ' ' || state, ', ') FROM baro_ls('${1:-*}') WHERE kind = 'model'"; }
load() { sql "SELECT count(*) FROM baro_run('tap', '{s}'${1:-})" >/dev/null; }
rows() { printf 'id,v\n'; for row in "$@"; do echo "$row"; done; } # ID,V ...
fresh() { rm -rf "${m:?}"/*; super "DROP SCHEMA IF EXISTS analytics, apart CASCADE" >/dev/null; } # another set of models
tell() { ask other "$1"; } # a second session

# SQL, configuration, description, and what hangs on a model.
rows 1,a 2,b > "$BARO_DATA/in/a.csv"
printf 'code,label\n1,one\n2,two\n' > "$project/seeds/codes.csv"
load
model a "select id, v from {{ source('tap', 's') }}"
model b "select count(*) as n, max(v) as top from {{ ref('a') }}"
model v "{{ config(materialized='view') }} select n * 2 as twice from {{ ref('b') }}"
model c "select twice from {{ ref('v') }}"
model d "select label from {{ ref('codes') }}"
is "what was never built is new" "$(states)" "d new, a new, b new, v new, c new"
is "everything new is built, inputs first" "$(builds)" "d a b v c"
is "then everything is current" "$(states)" "d current, a current, b current, v current, c current"
is "and nothing is built" "$(builds)" ""
echo "select id, v /* text */ from {{ source('tap', 's') }}" > "$m/a.sql"
is "changed SQL makes stale, a comment in it too" "$(state a)" "stale: its SQL changed"
is "and what reads it may be so, and says why" "$(state b)" "stale: it reads a, which is stale"
is "also through a view" "$(state c)" "stale: it reads v, which is a view of what is stale"
is "an empty difference leaves what reads it current" "$(builds) $(states)" "a d current, a current, b current, v current, c current"
model o "select d::date as d from (values ('05/12/2026')) as x (d)"
builds >/dev/null
sed -i 's/^name: stale/&\ndate_order: dmy/' "$project/barometre.yml"
is "another order of dates makes stale" "$(state a), $(state o)" "stale: its configuration changed, stale: its configuration changed"
builds >/dev/null
is "and models are built by it" "$(sql "SELECT d FROM analytics.o")" 2026-12-05
sed -i '/^date_order/d' "$project/barometre.yml"
rm "$m/o.sql"
settle
model a "select id, v from {{ source('tap', 's') }} where id < 2"
is "a difference does not, through a view either" "$(builds)" "a b c"
model a "select id, v from {{ source('tap', 's') }}"
is "what was not selected stays behind" "$(builds "'a'") $(states)" "a d current, a current, b stale, v current, c stale"
is "with the reason" "$(state b)" "stale: a changed"
is "and is built by a later call" "$(builds "'b'") $(state c)" "b stale: b changed"
is "to the last one" "$(builds) $(builds)" "c "
sed -i 's/, max(v) as top//' "$m/b.sql"
is "views that come back when a column goes make nothing stale by themselves" "$(builds) - $(builds)" "b c - "

printf 'models:\n  - {name: v, columns: [{name: twice, tests: [accepted_values: {values: [4]}]}]}\n' > "$m/v.yml"
model a "select id, v from {{ source('tap', 's') }} where id < 2"
like "a view's tests are run when what it shows changes" "$(notices "CALL baro_transform()")" 'ERROR:  a test failed'
rm "$m/v.yml"
model a "select id, v from {{ source('tap', 's') }}"
settle

model c "{{ config(materialized='view') }} select twice from {{ ref('v') }}"
is "another materialization makes stale" "$(state c)" "stale: its configuration changed"
is "and is what is made" "$(builds) $(super "SELECT relkind FROM pg_class WHERE oid = 'analytics.c'::regclass") $(builds)" "c v "
model b "{{ config(materialized='view') }} select count(*) as n from {{ ref('a') }}"
model e "select n from {{ ref('b') }}"
builds >/dev/null
is "a table that became a view makes what reads it stale once at most" "$(builds)" ""
model a "{{ config(schema='apart') }} select id, v from {{ source('tap', 's') }}"
is "in another schema a model is new" "$(state a)" "new: it was never built"
builds >/dev/null
is "and its readers follow it" "$(super "SELECT count(*) > 0 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid WHERE r.ev_class = 'analytics.b'::regclass AND d.refobjid = 'apart.a'::regclass") $(builds)" "t "
model d "{{ config(volatile=true) }} select label from {{ ref('codes') }}"
is "what is declared volatile is built at each call" "$(builds) $(builds) $(state d)" "d d stale: it is declared volatile"
model d "select label from {{ ref('codes') }}"
is "until it no longer is" "$(builds) $(builds)" "d "
printf 'models:\n  - name: d\n    description: Labels\n    columns: [{name: label, description: A label}]\n' > "$m/d.yml"
is "a description makes nothing stale" "$(state d) $(builds)" "current "
is "and becomes a comment all the same" "$(sql "SELECT obj_description('analytics.d'::regclass), col_description('analytics.d'::regclass, 1)")" "Labels|A label"
printf 'models:\n  - name: d\n    tags: [t]\n' > "$m/d.yml"
is "it goes when the project drops it; tags make nothing stale" "$(builds) $(sql "SELECT obj_description('analytics.d'::regclass), col_description('analytics.d'::regclass, 1)")" " |"
rm "$m/d.yml"
is "full_refresh builds all, in order" "$(builds "full_refresh => true")" "d a b e v c"
is "or all of the selection" "$(builds "'b+', full_refresh => true")" "b e v c"
is "after which nothing is stale" "$(builds)" ""
fresh
model a "select id from {{ source('tap', 's') }}"
model v "{{ config(materialized='view') }} select * from {{ ref('a') }}"
model c "select * from {{ ref('v') }}"
settle
model a "select id, v from {{ source('tap', 's') }}"
builds >/dev/null
is "a column added to a table arrives behind the * of a view, and behind that" "$(sql "SELECT string_agg(attrelid::regclass || '.' || attname, ' ' ORDER BY attrelid::regclass::text) FROM pg_attribute WHERE attname = 'v' AND attrelid::regclass::text LIKE 'analytics.%'")" "analytics.a.v analytics.c.v analytics.v.v"
is "for good" "$(builds "'c', full_refresh => true") $(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.c'::regclass AND attname = 'v'") $(builds)" "c 1 "
model a "select id::bigint as id, v from {{ source('tap', 's') }}"
builds >/dev/null
is "after a change of a type nothing is stale" "$(builds)" ""
model d "{{ config(materialized='view') }} select id from {{ ref('v') }}"
settle
model v "{{ config(materialized='view') }} select id::text as id from {{ ref('a') }}"
model c "select id from {{ ref('v') }}"
model d "select id from {{ ref('v') }}"
is "a view may change its columns while one on it becomes a table" "$(builds) $(super "SELECT relkind FROM pg_class WHERE oid = 'analytics.d'::regclass")" "v c d r"

# Functions.
fresh
super "CREATE SCHEMA lib AUTHORIZATION meltano" >/dev/null
sql "CREATE FUNCTION lib.plus(int) RETURNS int LANGUAGE sql STABLE AS 'select \$1 + 1';
CREATE FUNCTION lib.outer_one(x int) RETURNS int LANGUAGE plpgsql AS 'begin return lib.plus(x) * 2; end';
CREATE FUNCTION lib.two(int) RETURNS int LANGUAGE sql AS 'select 2';
CREATE FUNCTION lib.two(text) RETURNS int LANGUAGE sql AS 'select 2';
CREATE FUNCTION lib.add(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'begin return \$1 + \$2; end';
CREATE OPERATOR lib.@+ (FUNCTION = lib.add, LEFTARG = int, RIGHTARG = int);
CREATE AGGREGATE lib.total(int) (SFUNC = lib.add, STYPE = int, INITCOND = '0');
CREATE FUNCTION lib.atom(int) RETURNS int BEGIN ATOMIC SELECT lib.plus(\$1); END;
CREATE FUNCTION lib.by_operator(int) RETURNS int LANGUAGE sql AS 'select \$1 operator(lib.@+) 1';
CREATE FUNCTION lib.by_aggregate(int) RETURNS bigint LANGUAGE sql AS 'select lib.total(x) from generate_series(1, \$1) x';
CREATE TYPE lib.pair AS (a int);
CREATE FUNCTION lib.to_pair(x int) RETURNS lib.pair LANGUAGE plpgsql IMMUTABLE AS 'declare p lib.pair; begin p.a := lib.add(x, 0); return p; end';
CREATE CAST (int AS lib.pair) WITH FUNCTION lib.to_pair(int);
CREATE FUNCTION lib.by_cast(int) RETURNS int LANGUAGE sql AS 'select (\$1::lib.pair).a';
CREATE VIEW lib.w AS SELECT lib.plus(1) AS x;
CREATE FUNCTION lib.of_a_view() RETURNS bigint LANGUAGE sql AS 'select sum(x) from lib.w'" >/dev/null
model direct "select lib.plus(id::int) as x from {{ source('tap', 's') }}"
model nested "select lib.outer_one(1) as x"
model overloaded "select lib.two(1) as x"
model with_operator "select 1 operator(lib.@+) 2 as x"
model with_aggregate "select lib.total(id::int) as x from {{ source('tap', 's') }}"
model atomic "select lib.atom(1) as x"
model in_operator "select lib.by_operator(1) as x"
model in_aggregate "select lib.by_aggregate(2) as x"
model with_cast "select (1::lib.pair).a as x"
model in_cast "select lib.by_cast(1) as x"
model in_view "select x from lib.w"
model in_view_of_function "select lib.of_a_view() as x"
model shown "{{ config(materialized='view') }} select lib.plus(3) as x"
model behind "select x from {{ ref('shown') }}"
settle
is "functions by themselves make nothing stale" "$(builds)" ""
sql "CREATE OR REPLACE FUNCTION lib.plus(int) RETURNS int LANGUAGE sql STABLE AS 'select \$1 + 1'" >/dev/null
is "nor does one that is made again as it was" "$(builds)" ""
sql "CREATE OR REPLACE FUNCTION lib.plus(int) RETURNS int LANGUAGE sql STABLE AS 'select \$1 + 10'" >/dev/null
is "the reason names the function that changed" "$(state direct)" "stale: function lib.plus(integer) changed"
is "a function changes what calls it, by itself, from other functions and through views" "$(builds | tr ' ' '\n' | sort | tr '\n' ' ')" "atomic behind direct in_view in_view_of_function nested "
is "once" "$(builds)" ""
sql "CREATE OR REPLACE FUNCTION lib.two(text) RETURNS int LANGUAGE sql AS 'select 3'" >/dev/null
is "another function of the name does not" "$(state overloaded)" "current"
sql "CREATE OR REPLACE FUNCTION lib.add(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'begin return \$1 + \$2 + 100; end'" >/dev/null
is "functions are found behind operators, aggregates and casts" "$(state with_operator), $(state with_aggregate), $(state with_cast)" "stale: function lib.add(integer,integer) changed, stale: function lib.add(integer,integer) changed, stale: function lib.add(integer,integer) changed"
is "also where a function uses them" "$(builds | tr ' ' '\n' | sort | tr '\n' ' ')" "in_aggregate in_cast in_operator with_aggregate with_cast with_operator "
sql "DROP FUNCTION lib.two(int); CREATE FUNCTION lib.two(int) RETURNS int LANGUAGE sql AS 'select 4'" >/dev/null
like "a function that was dropped and made anew is named, not numbered" "$(state overloaded)" '^stale: .*lib\.two'
is "and its new result is built" "$(builds) $(sql "SELECT x FROM analytics.overloaded")" "overloaded 4"
sql "ALTER FUNCTION lib.two(int) SET extra_float_digits = 0" >/dev/null
is "a function's settings belong to it" "$(builds)" "overloaded"
sql "CREATE FUNCTION lib.two(numeric) RETURNS int LANGUAGE sql AS 'select 5'; DROP FUNCTION lib.two(int)" >/dev/null
is "a call that now means another function is built" "$(builds) $(sql "SELECT x FROM analytics.overloaded")" "overloaded 5"
sql "CREATE FUNCTION lib.two(int) RETURNS int LANGUAGE sql AS 'select 6'" >/dev/null
is "also when a better match appears" "$(builds) $(sql "SELECT x FROM analytics.overloaded")" "overloaded 6"
fresh
echo "create or replace function public.one() returns int language sql as 'select 1';" > "$f/one.sql"
model a "select public.one() as x"
is "a plan knows the functions of the project before they are made" "$(sql "SELECT state || ': ' || replace(reason, E'\n', ' ') FROM baro_plan('a')")" "new: it was never built"
is "functions of the project are made before the models" "$(builds) $(builds)" "a "
echo "-- once more" >> "$f/one.sql"
is "a function that the project makes again as it was makes nothing stale" "$(builds)" ""
sed -i "s/select 1/select 2/" "$f/one.sql"
like "baro_ls foresees that a changed one will" "$(state a)" "^stale: "
is "which it does" "$(builds) $(sql "SELECT x FROM analytics.a") $(builds)" "a 2 "
sql "DROP FUNCTION public.one()" >/dev/null
is "one that was dropped by hand is made again" "$(builds "full_refresh => false") $(sql "SELECT public.one()")" "a 2"
rm "$f/one.sql"

# Seeds and streams.
fresh
model a "select id, v from {{ source('tap', 's') }}"
model all_columns "select * from {{ source('tap', 's') }}"
model d "select label from {{ ref('codes') }}"
settle
printf 'code,label\n1,"one"\n2,two\n' > "$project/seeds/codes.csv"
is "a seed whose file changed is stale" "$(state codes)" "stale: its file changed"
is "if its rows are the same, nothing else is" "$(builds)" ""
printf 'code,label\n1,one\n2,deux\n' > "$project/seeds/codes.csv"
is "and with it what reads it" "$(state d)" "stale: it reads codes, which is stale"
is "its models are built when it is loaded by that call" "$(builds)" "d"
printf 'code,label\n1,one\n2,zwei\n' > "$project/seeds/codes.csv"
sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "or before" "$(state d) $(builds)" "stale: codes changed d"
sed -i 's/  - name: codes/  - {name: codes, columns: [{name: code, type: bigint}]}/' "$project/barometre.yml"
like "another declared type makes a seed stale" "$(state codes)" '^stale: '
is "and is its type then" "$(builds >/dev/null; sql "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'analytics.codes'::regclass AND attname = 'code'") $(builds)" "bigint "
rows 1,a 2,c > "$BARO_DATA/in/a.csv"
load
is "a load that changed rows makes stale" "$(state a)" "stale: tap.s changed"
is "until it is built" "$(builds) $(states)" "a all_columns d current, a current, all_columns current"
rows 2,c 1,a > "$BARO_DATA/in/a.csv"
is "a load that read a file and changed no row doesn't" "$(sql "SELECT read, unchanged FROM baro_run('tap', '{s}')") $(builds)" "1|2 "
load ", full_refresh => true"
is "nor does a full refresh that changed none" "$(builds)" ""
rows 2,c 1,a 7,x 8,y > "$BARO_DATA/in/a.csv"
load
is "baro_ls tells the rows of a stream" "$(sql "SELECT rows FROM baro_ls('tap.s')")" 4
rows 2,c 1,a > "$BARO_DATA/in/a.csv"
load ", full_refresh => true"
settle
rows 2,c > "$BARO_DATA/in/a.csv"
load ", full_refresh => true"
is "one that removed a row does" "$(builds "'a'") $(sql "SELECT count(*) FROM analytics.a")" "a 1"
printf 'id,v,w\n2,c,\n' > "$BARO_DATA/in/a.csv"
load
is "so does a column that a load added" "$(builds) $(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.all_columns'::regclass AND attname = 'w'")" "a all_columns 1"
rows 1,a 2,b > "$BARO_DATA/in/a.csv"

# Views of others, and views between.
fresh
load; load ", full_refresh => true"
model a "select id, v from {{ source('tap', 's') }}"
builds >/dev/null
super "CREATE VIEW public.theirs AS SELECT id, v FROM analytics.a; GRANT SELECT ON public.theirs TO meltano" >/dev/null
model by_theirs "select count(*) as n, max(v) as v from public.theirs"
builds >/dev/null
is "a view of somebody else's makes nothing stale" "$(builds)" ""
super "CREATE OR REPLACE VIEW public.theirs AS SELECT id, upper(v) AS v FROM analytics.a" >/dev/null
is "until it is changed" "$(state by_theirs) $(builds)" "stale: view public.theirs changed by_theirs"
rows 1,a 2,b 3,z > "$BARO_DATA/in/a.csv"
load
is "or what it shows" "$(builds "'a'") $(state by_theirs)" "a stale: a changed"
is "once" "$(builds) $(builds)" "by_theirs "
rows 1,a 2,b 3,z 4,zz > "$BARO_DATA/in/a.csv"
load
model a "select id, v from {{ source('tap', 's') }} where true"
model by_theirs "select count(*) as n, max(v) as v from public.theirs where true"
like "a view of somebody else's that shows the older version of a model is a warning" "$(notices "CALL baro_transform()")" 'WARNING:  model "by_theirs" reads "a" as it was published before, through view .*theirs'
for _ in 1 2; do builds >/dev/null; done
is "what was built from an older version of a model is not taken for current" "$(sql "SELECT n, v FROM analytics.by_theirs")" "4|ZZ"
sql "CREATE OR REPLACE FUNCTION lib.of_a() RETURNS bigint LANGUAGE sql STABLE AS 'select count(*) from analytics.a'" >/dev/null
model by_function "select lib.of_a() as n"
builds >/dev/null
rows 1,a 2,b 3,z 4,zz 5,y > "$BARO_DATA/in/a.csv"
load
model by_function "select lib.of_a() as n where true"
like "a function that does, too" "$(notices "CALL baro_transform()")" 'WARNING:  model "by_function" reads "a" as it was published before, through function lib.of_a'
for _ in 1 2 3; do builds >/dev/null; done
is "nor through a function" "$(sql "SELECT n FROM analytics.by_function")" "5"
is "and it ends" "$(builds)" ""

# Commits out of order.
fresh
model a "select id, v from {{ source('tap', 's') }}"
model b "select count(*) as n from {{ ref('a') }}"
rows 1,a > "$BARO_DATA/in/a.csv"
load ", full_refresh => true"
settle
open_session other meltano
tell "BEGIN;" >/dev/null
rows 1,a 2,b > "$BARO_DATA/in/a.csv"
tell "SELECT count(*) FROM baro_run('tap', '{s}');" >/dev/null
model a "select id, v from {{ source('tap', 's') }} -- 2"
is "a build does not see a load that is not committed" "$(builds) $(states)" "a a current, b current"
tell "COMMIT;" >/dev/null
is "the load makes stale when it commits, though its transaction is the older one" "$(state a)" "stale: tap.s changed"
is "with what hangs on it" "$(builds) $(states)" "a b a current, b current"
rows 1,a 2,c > "$BARO_DATA/in/a.csv"
tell "BEGIN; SELECT count(*) FROM baro_run('tap', '{s}'); ROLLBACK;" >/dev/null
is "a load that was rolled back doesn't" "$(states)" "a current, b current"
tell "BEGIN; SAVEPOINT x; SELECT count(*) FROM baro_run('tap', '{s}'); ROLLBACK TO x; COMMIT;" >/dev/null
is "nor one that was rolled back to a savepoint" "$(states)" "a current, b current"
tell "BEGIN; SELECT count(*) FROM baro_run('tap', '{s}'); CALL baro_transform(); COMMIT;" >/dev/null
is "a transaction's own load is seen by its build" "$(states) $(sql "SELECT v FROM analytics.a WHERE id = 2")" "a current, b current c"
rows 1,a 2,d > "$BARO_DATA/in/a.csv"
tell "BEGIN; CALL baro_transform('*', full_refresh => true); SELECT count(*) FROM baro_run('tap', '{s}'); COMMIT;" >/dev/null
like "but not one after it" "$(state a)" "^stale: "
is "which a later call builds" "$(builds) $(builds)" "a b "
rows 1,a 2,e > "$BARO_DATA/in/a.csv"
tell "BEGIN; CALL baro_transform('*', full_refresh => true); SAVEPOINT x; SELECT count(*) FROM baro_run('tap', '{s}'); ROLLBACK TO x; COMMIT;" >/dev/null
is "unless that load was undone" "$(states)" "a current, b current"
tell "BEGIN; CALL baro_transform('*', full_refresh => true); SELECT count(*) FROM baro_run('tap', '{s}'); CALL baro_transform(); COMMIT;" >/dev/null
is "or built by the same transaction" "$(states) $(sql "SELECT v FROM analytics.a WHERE id = 2")" "a current, b current e"
tell "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM tap.s;" >/dev/null
rows 1,a 2,f > "$BARO_DATA/in/a.csv"
load
model a "select id, v from {{ source('tap', 's') }} -- 3"
tell "CALL baro_transform(); COMMIT;" >/dev/null
is "a build in a snapshot older than a load is stale" "$(state a)" "stale: tap.s changed"
is "until it is built again" "$(builds) $(sql "SELECT v FROM analytics.a WHERE id = 2")" "a b f"
rows 1,a 2,g > "$BARO_DATA/in/a.csv"
tell "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM baro_run('tap', '{s}'); COMMIT;" >/dev/null
is "a load in one snapshot makes stale" "$(builds)" "a b"
rows 1,a 2,h > "$BARO_DATA/in/a.csv"
tell "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM baro_run('tap', '{s}'); CALL baro_transform(); COMMIT;" >/dev/null
is "load and build in one snapshot are current" "$(states) $(sql "SELECT v FROM analytics.a WHERE id = 2")" "a current, b current h"
tell "BEGIN; CALL baro_transform('*', full_refresh => true); ROLLBACK;" >/dev/null
rows 1,a 2,i > "$BARO_DATA/in/a.csv"
load
tell "BEGIN; CALL baro_transform('a');" >/dev/null
is "a model may be built while its input is being published" "$(builds "'b', full_refresh => true")" "b"
tell "COMMIT;" >/dev/null
is "and is stale when that commits" "$(state b) $(builds)" "stale: a changed b"
printf '\n' >> "$m/b.sql"
tell "BEGIN; SELECT count(*) FROM baro_ls();" >/dev/null
notices "SELECT count(*) FROM baro_ls()" > "$BARO_DATA/other/answer" 2>&1 &
second=$!
for _ in $(seq 60); do
    [ -s "$BARO_DATA/other/answer" ] || [ "$(super "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND wait_event_type = 'Lock'")" != 0 ] && break
    sleep 0.05
done
tell "COMMIT;" >/dev/null
wait $second
is "two sessions may read changed files of the project at once" "$(cat "$BARO_DATA/other/answer")" "5"
builds >/dev/null
is "a build that was rolled back leaves everything as it was" "$(states) $(builds)" "a current, b current "

# Tables that others write.
fresh
stamp() { super "CREATE OR REPLACE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON $1 EXECUTE FUNCTION baro_stamp()"; }
super "CREATE TABLE public.t (x int); CREATE TABLE public.declared (x int);
CREATE TABLE public.p (x int) PARTITION BY LIST (x); CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1); CREATE TABLE public.p2 PARTITION OF public.p FOR VALUES IN (2);
CREATE TABLE public.parent (x int); CREATE TABLE public.child () INHERITS (public.parent);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO meltano; GRANT INSERT ON public.t TO \"express-api\"; INSERT INTO public.t VALUES (1)" >/dev/null
model t "select x from public.t"
model declared "{{ config(volatile=false) }} select x from public.declared"
model parts "select x from public.p"
model children "select x from public.parent"
builds >/dev/null
is "a table that others write makes stale at each call" "$(states)" "children stale, declared current, parts stale, t stale"
is "with the reason" "$(state t)" "stale: it reads public.t, which others write"
is "unless its model is declared to be otherwise" "$(state declared)" "current"
stamp public.t >/dev/null
is "with the trigger it is built once more" "$(builds "'t'") $(builds "'t'")" "t "
wrote() { is "and is stale after $1" "$($2 "$3") $(state t) - $(builds "'t'") - $(state t)" " stale: public.t changed - t - current"; }
reader() { role=express-api sql "$1"; }
wrote "an INSERT of a role that may do no more" reader "INSERT INTO public.t VALUES (2)"
wrote "an UPDATE" super "UPDATE public.t SET x = 3 WHERE x = 2"
wrote "a DELETE" super "DELETE FROM public.t WHERE x = 3"
wrote "a TRUNCATE" super "TRUNCATE public.t"
wrote "a COPY" super "COPY public.t FROM PROGRAM 'echo 7'"
wrote "an INSERT that found a conflict" super "INSERT INTO public.t VALUES (8) ON CONFLICT DO NOTHING"
super "BEGIN; INSERT INTO public.t VALUES (9); ROLLBACK" >/dev/null
is "but not after a write that was rolled back" "$(state t)" "current"
tell "\\connect - postgres" >/dev/null
tell "BEGIN; INSERT INTO public.t VALUES (10);" >/dev/null
is "a write that is not committed leaves it current" "$(builds "'t', full_refresh => true") $(state t)" "t current"
super "INSERT INTO public.t VALUES (11)" >/dev/null
is "while others write and are built" "$(builds "'t'") $(state t)" "t current"
tell "COMMIT;" >/dev/null
is "then it makes stale" "$(state t) $(builds "'t'") $(sql "SELECT count(*) FROM analytics.t")" "stale: public.t changed t $(super "SELECT count(*) FROM public.t")"
tell "BEGIN; INSERT INTO public.t VALUES (12); SET ROLE meltano; CALL baro_transform('t'); COMMIT; RESET ROLE;" >/dev/null
is "a build sees what its own transaction wrote" "$(state t) $(sql "SELECT count(*) FROM analytics.t WHERE x = 12")" "current 1"
tell "BEGIN; SET ROLE meltano; CALL baro_transform('t', full_refresh => true); RESET ROLE; INSERT INTO public.t VALUES (13); COMMIT;" >/dev/null
like "and not what it wrote later" "$(state t)" "^stale: "
builds "'t'" >/dev/null
close_session other
spoilt() { is "$1 is no such trigger" "$(super "$2") $(state t) - $(builds "'t'") - $(state t)" " stale: it reads public.t, which others write - t - stale: it reads public.t, which others write"; stamp public.t >/dev/null; builds "'t'" >/dev/null; }
spoilt "a disabled one" "ALTER TABLE public.t DISABLE TRIGGER baro_stamp"
super "ALTER TABLE public.t ENABLE TRIGGER baro_stamp" >/dev/null
builds "'t'" >/dev/null
is "an enabled one is" "$(state t)" "current"
drop="DROP TRIGGER baro_stamp ON public.t;"
spoilt "a dropped one" "$drop"
spoilt "one for each row" "$drop CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE ON public.t FOR EACH ROW EXECUTE FUNCTION baro_stamp()"
spoilt "one for some events" "$drop CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE ON public.t EXECUTE FUNCTION baro_stamp()"
spoilt "one with a WHEN" "$drop CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.t WHEN (current_user = 'x') EXECUTE FUNCTION baro_stamp()"
spoilt "one for a column" "$drop CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OF x OR DELETE OR TRUNCATE ON public.t EXECUTE FUNCTION baro_stamp()"
spoilt "one of another function" "$drop CREATE FUNCTION lib.baro_stamp() RETURNS trigger LANGUAGE plpgsql AS 'begin return null; end'; CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.t EXECUTE FUNCTION lib.baro_stamp()"
super "$drop CREATE TRIGGER i AFTER INSERT ON public.t EXECUTE FUNCTION baro_stamp(); CREATE TRIGGER o AFTER UPDATE OR DELETE OR TRUNCATE ON public.t EXECUTE FUNCTION baro_stamp()" >/dev/null
builds "'t'" >/dev/null
is "two may share the events" "$(state t)" "current"
for table in p p1 parent; do stamp public.$table >/dev/null; done
builds "'parts children'" >/dev/null
is "partitions and children need one each" "$(state parts), $(state children)" "stale: it reads public.p2, which others write, stale: it reads public.child, which others write"
for table in p2 child; do stamp public.$table >/dev/null; done
builds "'parts children'" >/dev/null
is "then they are current" "$(states 'parts children')" "children current, parts current"
super "INSERT INTO public.p1 VALUES (1); INSERT INTO public.child VALUES (1)" >/dev/null
is "until one is written by itself" "$(states 'parts children')" "children stale, parts stale"
builds "'parts children'" >/dev/null
super "INSERT INTO public.p VALUES (2); UPDATE public.parent SET x = 2" >/dev/null
is "or through the whole" "$(states 'parts children') $(builds "'parts children'")" "children stale, parts stale children parts"
super "CREATE TABLE public.p3 (x int); INSERT INTO public.p3 VALUES (3); ALTER TABLE public.p ATTACH PARTITION public.p3 FOR VALUES IN (3)" >/dev/null
like "a partition that is attached makes stale" "$(state parts)" "^stale: "
builds "'parts'" >/dev/null
super "INSERT INTO public.p3 VALUES (3)" >/dev/null
is "and as long as it has no trigger" "$(state parts) - $(builds "'parts'")" "stale: it reads public.p3, which others write - parts"
stamp public.p3 >/dev/null
builds "'parts'" >/dev/null
super "ALTER TABLE public.p DETACH PARTITION public.p3" >/dev/null
like "one that is detached, too" "$(state parts)" "^stale: "
builds "'parts'" >/dev/null
super "INSERT INTO public.declared VALUES (1)" >/dev/null
is "what is declared not to change is built on demand only" "$(builds "'declared'") $(builds "'declared', full_refresh => true") $(sql "SELECT count(*) FROM analytics.declared")" " declared 1"
stamp public.declared >/dev/null
builds "'declared', full_refresh => true" >/dev/null
super "INSERT INTO public.declared VALUES (2)" >/dev/null
is "or, with the trigger, when it does" "$(state declared) $(builds "'declared'") $(state declared)" "stale: public.declared changed declared current"
super "ALTER TABLE public.t RENAME x TO y; ALTER TABLE public.t ADD x int DEFAULT 5" >/dev/null
like "a table whose columns change makes stale" "$(state t)" "^stale: "

# What may change by itself.
fresh
super "CREATE MATERIALIZED VIEW public.kept AS SELECT 1 AS x; CREATE SEQUENCE public.q; GRANT SELECT ON public.kept TO meltano; GRANT USAGE ON SEQUENCE public.q TO meltano;
CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE public.abroad (x text) SERVER files OPTIONS (filename '$BARO_DATA/in/a.csv'); GRANT SELECT ON public.abroad TO meltano" >/dev/null
sql "CREATE FUNCTION lib.clock() RETURNS timestamptz LANGUAGE sql AS 'select clock_timestamp()';
CREATE FUNCTION lib.of_clock() RETURNS text LANGUAGE plpgsql AS 'begin return lib.clock()::text; end';
CREATE FUNCTION lib.dynamic() RETURNS int LANGUAGE plpgsql AS 'declare r int; begin execute ''select 1'' into r; return r; end';
CREATE FUNCTION lib.literal() RETURNS date LANGUAGE sql AS \$\$ select 'today'::date \$\$;
CREATE FUNCTION lib.by_default(t timestamptz DEFAULT now()) RETURNS timestamptz LANGUAGE sql AS 'select t';
CREATE FUNCTION lib.who() RETURNS text LANGUAGE sql AS 'select user::text';
CREATE FUNCTION lib.plain(text) RETURNS text LANGUAGE sql AS 'select \$1 || length(\$1) || coalesce(position(''a'' in \$1), 0)';
CREATE FUNCTION lib.casts(text) RETURNS text LANGUAGE plpgsql AS 'declare n numeric(10,2) := \$1::numeric; begin return (n * 2)::text || \$1::int; end';
CREATE FUNCTION lib.years(timestamp, timestamp) RETURNS int LANGUAGE sql STABLE AS 'select extract(year from age(\$1, \$2))::int';
CREATE VIEW lib.today AS SELECT current_date AS x;
CREATE FUNCTION lib.of_view() RETURNS date LANGUAGE sql AS 'select x from lib.today'" >/dev/null
always=(
    "now() as x" "current_date as x" "CURRENT_USER::text as x" "random() as x" "lib.clock() as x" "lib.of_clock() as x"
    "current_setting('work_mem') as x" "'today'::date as x" "date 'now' as x" "timestamp ' Tomorrow ' as x" "age(timestamp '2020-01-01') as x" "nextval('public.q') as x"
    "count(*) as x from {{ source('tap', 's') }} tablesample system (50)" "count(*) as x from pg_class" "count(*) as x from information_schema.tables"
    "lib.dynamic() as x" "x from public.kept" "x from public.abroad" "x from lib.today" "localtimestamp - interval '1 day' as x"
    "id as x from {{ source('tap', 's') }} order by random()" "x from (values (1)) as w(x) where exists (select from generate_series(1, 2) g where g < random())"
    "gen_random_uuid() as x" "session_user::text as x" "txid_current() as x" "lib.literal() as x" "lib.by_default() as x" "lib.who() as x" "lib.of_view() as x"
)
for i in "${!always[@]}"; do model "x/always_$i" "select ${always[$i]}"; done
ts="timestamptz '2020-01-02 03:04:05+00'"
never=(
    "to_char($ts, 'YYYY-MM') as x" "date_trunc('month', $ts) as x" "$ts::date as x" "$ts::text as x" "'1'::int + '2'::text::int as x"
    "v::date as x from (values ('2020-01-01')) as w(v)" "v::timestamptz as x from (values ('2020-01-01')) as w(v)" "extract(dow from $ts) as x" "$ts at time zone 'Europe/Paris' as x"
    "$ts + interval '1 month' as x" "date '2020-01-01' < $ts as x" "age($ts, timestamptz '2019-01-01') as x" "date '2020-01-01' + time '10:00' as x"
    "json_build_object('a', 1, 'b', $ts)::text as x" "jsonb_agg(s) as x from {{ source('tap', 's') }} s" "to_jsonb(s) as x from {{ source('tap', 's') }} s" "key, value from jsonb_each_text('{\"a\": 1}')" "row_to_json(s)::text as x from {{ source('tap', 's') }} s"
    "concat('a', 1, $ts) as x" "format('%s %s', 1, v) as x from {{ source('tap', 's') }}" "upper(v) || lpad(v, 3) || replace(v, 'a', 'b') as x from {{ source('tap', 's') }}" "regexp_replace('a', 'a', 'b') as x, split_part('a,b', ',', 1) as y" "x from string_to_table('a b', ' ') x" "md5('a') as x, encode(sha256('a'), 'hex') as y"
    "row_number() over (order by id) as x, lag(v) over (order by id) as y, sum(id) over (partition by v) as z from {{ source('tap', 's') }}" "percentile_cont(0.5) within group (order by id) as x, mode() within group (order by v) as y from {{ source('tap', 's') }}"
    "x from generate_series(1, 3) x" "x from generate_series($ts, $ts + interval '2 days', '1 day') x" "array_to_string(array_agg(v order by id), ',') as x, string_agg(v, ',' order by id) as y, count(*) filter (where id > 1) as z from {{ source('tap', 's') }}" "x, y from unnest(array[1, 2]) with ordinality as u(x, y)"
    "to_date('01/02/2020', 'DD/MM/YYYY') as x, to_timestamp('01/02/2020', 'DD/MM/YYYY') as y, to_timestamp(0) as z, make_date(2020, 1, 1) as w" "1 as now, 2 as today, 3 as \"current_date\"" "'now we are six' as x" "id as x from {{ source('tap', 's') }} tablesample bernoulli (50) repeatable (1)" "date_bin('1 hour', $ts, $ts) as x" "v, count(*) as n from {{ source('tap', 's') }} group by rollup (v)" "array[1, 2]::text as x, row(1, 2)::text as y, (array[1, 2] || 3)::text as z" "'a' ~ 'b' as x, 'a' like 'b' as y, 'a' similar to 'b' as z" "pg_typeof(1)::text as x, coalesce(null, 1) as y, greatest(1, 2) as z"
    "lib.plain('a') as x" "lib.casts('1') as x" "lib.years(timestamp '2020-01-01', timestamp '2019-01-01') as x" "to_tsvector('french', 'a b') as x"
)
for i in "${!never[@]}"; do model "x/never_$i" "select ${never[$i]}"; done
out=$(builds)
unlike "all of them can be built" "$out" "ERROR"
missed=""
while read -r i; do missed+="${always[$i]}; "; done < <(sql "SELECT substr(name, 8) FROM baro_ls('always_*') WHERE state <> 'stale'")
is "what reads the clock, randomness, the session or what is out of reach is stale at each call" "$missed" ""
missed=""
while IFS='|' read -r i why; do missed+="${never[$i]}: $why; "; done < <(sql "SELECT substr(name, 7), replace(reason, E'\n', ' ') FROM baro_ls('never_*') WHERE state <> 'current'")
is "what depends on its inputs and on settings that are pinned is not" "$missed" ""
is "the reason names what it is" "$(state always_0), $(state always_1), $(state always_13)" "stale: it calls now(), stale: it uses CURRENT_DATE, stale: it reads pg_catalog.pg_class, which others write"
model x/always_0 "{{ config(volatile=false) }} select now() as x"
is "unless it is declared to be otherwise" "$(builds "'always_0'") $(builds "'always_0'") $(state always_0)" "always_0  current"

# Restored, dropped, made anew.
fresh
model a "select id, v from {{ source('tap', 's') }}"
model b "select count(*) as n from {{ ref('a') }}"
model v "{{ config(materialized='view') }} select n from {{ ref('b') }}"
model d "select label from {{ ref('codes') }}"
settle
pg_dump -U postgres -d "$db" -Fc -f "$BARO_DATA/other/dump" 2>/dev/null
origin=$db
psql -X -q -U postgres -d postgres -c "CREATE DATABASE ${db}_restored OWNER meltano TEMPLATE template0" \
    -c "ALTER DATABASE ${db}_restored SET barometre.data_directory = '$BARO_DATA'" -c "ALTER DATABASE ${db}_restored SET barometre.project_directory = '$project'" >/dev/null 2>&1
pg_restore -U postgres -d ${db}_restored "$BARO_DATA/other/dump" >"$BARO_DATA/other/restore.log" 2>&1
db=${origin}_restored; open_session builder meltano
is "nothing of builds is in a dump" "$(super "SELECT (SELECT count(*) FROM barometre_internal.build), (SELECT count(*) FROM barometre_internal.build_input), (SELECT count(*) FROM barometre_internal.change WHERE relation <> 'barometre.file'::regclass), (SELECT count(*) FROM analytics.a)")" "0|0|0|2"
is "after a restore everything is stale" "$(states)" "d stale, a stale, b stale, v stale"
is "with the reason" "$(state a)" "stale: its last build is not known here"
is "one call builds it, and then it is current" "$(builds) $(states) - $(builds)" "d a b v d current, a current, b current, v current - "
db=$origin; open_session builder meltano
sql "DROP TABLE analytics.b CASCADE" >/dev/null
is "a table that was dropped by hand is built, with the view that went with it" "$(builds) - $(builds)" "b v - "
sql "CREATE TABLE analytics.anew AS TABLE analytics.d; DROP TABLE analytics.d; ALTER TABLE analytics.anew RENAME TO d" >/dev/null
is "one that was made anew by hand is stale" "$(state d)" "stale: its table was made anew by somebody else"
is "once" "$(builds) $(builds)" "d "
sql "CREATE OR REPLACE VIEW analytics.v AS SELECT n + 1 AS n FROM analytics.b" >/dev/null
like "a view of the project that was changed by hand, too" "$(state v)" '^stale: '
is "and comes back" "$(builds) $(sql "SELECT n FROM analytics.v")" "v 2"
sql "DROP SCHEMA tap CASCADE" >/dev/null
is "what reads a stream that is gone is blocked, and so is what hangs on it" "$(state a), $(state b)" "blocked: stream \"tap.s\" was never loaded, blocked: model \"a\" is blocked"
load
is "it is stale when the stream is there again" "$(state a)" "stale: tap.s was made anew"
is "and current when it is built" "$(builds) - $(states)" "a - d current, a current, b current, v current"
super "DROP EXTENSION barometre CASCADE; CREATE EXTENSION barometre" >/dev/null
use_project < "$BARO_DATA/other/barometre.yml"
is "when the extension was made anew nothing is known" "$(state b)" "stale: its last build is not known here"
is "what no load of this database filled is taken for others' to write" "$(builds >/dev/null; state a)" "stale: it reads tap.s, which others write"
is "until it is loaded and built" "$(load; builds >/dev/null; states)" "d current, a current, b current, v current"

# baro_ls.
fresh
model ppel/a "select id, v from {{ source('tap', 's') }}"
model ppel/b "{{ config(tags=['daily']) }} select count(*) as n from {{ ref('a') }}"
model ppel/v "{{ config(materialized='view', tags=['daily']) }} select n from {{ ref('b') }}"
model other/d "select label from {{ ref('codes') }}"
model other/blocked "select * from {{ source('tap', 'never') }}"
model other/behind "select * from {{ ref('blocked') }}"
load
settle
is "baro_ls tells name, kind, materialization, state, reason and rows, inputs first" "$(sql "SELECT name, kind, materialized, state, replace(reason, E'\n', ' '), rows FROM baro_ls('+v')")" "tap.s|stream|table|current||2
a|model|table|current||2
b|model|table|current||1
v|model|view|current||"
is "and when each was built" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls() WHERE built > now() - interval '5 minutes' AND built <= now() + interval '1 second'")" "a b codes d tap.s v"
is "what can't be built is blocked, with the reason" "$(sql "SELECT name, kind, state, replace(reason, E'\n', ' '), rows, built FROM baro_ls('source:tap.never+')")" 'tap.never|stream|new|it was never loaded||
blocked|model|blocked|stream "tap.never" was never loaded||
behind|model|blocked|model "blocked" is blocked||'
is "a seed too" "$(mv "$project/seeds/codes.csv" "$BARO_DATA/other/"; sql "SELECT name, state, replace(reason, E'\n', ' ') FROM baro_ls('codes')"; mv "$BARO_DATA/other/codes.csv" "$project/seeds/")" "codes|current|its file is missing"
echo "select count(*) + 0 as n from {{ ref('a') }}" > "$m/ppel/b.sql"
count="SELECT md5((SELECT string_agg(b::text, ' ' ORDER BY kind, name) FROM barometre_internal.build b) || (SELECT count(*) FROM pg_class) || (SELECT count(*) FROM barometre.run) || (SELECT count(*) FROM barometre.step) || (SELECT count(*) FROM barometre_internal.change))"
sql "SELECT baro_ls()" >/dev/null
before=$(super "$count")
is "it runs where nothing may be written" "$(sql "BEGIN READ ONLY; SELECT count(*) FROM baro_ls(); COMMIT")" "9"
is "a plan as baro_ls says it" "$(sql "SELECT name, state, replace(reason, E'\n', ' ') FROM baro_plan('ppel')")" "a|current|
b|stale|its SQL changed
v|current|"
is "both change nothing" "$(super "$count")" "$before"
is "and fit a terminal" "$(psql -X -d "$db" -U meltano -c "SELECT * FROM baro_ls('ppel')" | awk '{ sub(/ +$/, "") } length > 100')" ""

# baro_plan.
echo "select count(*) as n, nope from {{ ref('a') }}" > "$m/ppel/b.sql"
echo "select * from missing_table" > "$m/other/d.sql"
is "a plan tells all errors at once, and what they block" "$(sql "SELECT name, state, replace(reason, E'\n', ' ') FROM baro_plan('ppel d')")" 'd|blocked|model "d" (models/other/d.sql, line 1): relation "missing_table" does not exist
a|current|
b|blocked|model "b" (models/ppel/b.sql, line 1): column "nope" does not exist
v|blocked|model "b" is blocked'
echo "select count(*)::int as n, 'x' as added from {{ ref('a') }}" > "$m/ppel/b.sql"
echo "select label from {{ ref('codes') }}" > "$m/other/d.sql"
out=$(sql "SELECT replace(reason, E'\n', ' ') FROM baro_plan('b')")
like "new columns are told" "$out" '^its SQL changed; columns: .*\badded\b'
like "and changed ones" "$out" '\bn\b.*integer'
super "CREATE VIEW public.in_the_way AS SELECT n FROM analytics.b" >/dev/null
like "and the view of somebody else that is in their way" "$(sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('b')")" '^blocked\|.*"n".*public\.in_the_way'
super "DROP VIEW public.in_the_way; CREATE VIEW public.in_the_way AS SELECT n FROM analytics.v" >/dev/null
like "also of a view whose columns change" "$(echo "select count(*) as n from {{ ref('a') }}" > "$m/ppel/b.sql"; echo "{{ config(materialized='view') }} select n::text as m from {{ ref('b') }}" > "$m/ppel/v.sql"; sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('b v') WHERE name = 'v'")" '^blocked\|.*public\.in_the_way'
like "as baro_transform does, which changes nothing then" "$(notices "CALL baro_transform('b v')" | tr '\n' ' ') $(sql "SELECT n FROM analytics.b")" 'ERROR:.*in_the_way.* 2$'
super "DROP VIEW public.in_the_way" >/dev/null
echo "{{ config(materialized='view', tags=['daily']) }} select n from {{ ref('b') }}" > "$m/ppel/v.sql"
echo "select count(*)::int as n, 'x' as added from {{ ref('a') }}" > "$m/ppel/b.sql"
model ppel/new "select v, added from {{ ref('b') }}, {{ ref('a') }}"
is "models are tried on the new versions of others" "$(sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('new')")$(sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('b new') WHERE name = 'new'")" 'blocked|model "new" (models/ppel/new.sql, line 1): column "added" does not existnew|it was never built'
printf 'code,label,more\n1,one,2\n' > "$project/seeds/codes.csv"
echo "select label, more from {{ ref('codes') }}" > "$m/other/d.sql"
like "and of seeds" "$(sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('codes d') WHERE name = 'd'")" '^stale\|its SQL changed; columns: .*more'
is "models of streams that were never loaded are blocked" "$(sql "SELECT name, state, replace(reason, E'\n', ' ') FROM baro_plan('blocked+')")" 'blocked|blocked|stream "tap.never" was never loaded
behind|blocked|model "blocked" is blocked'
is "nothing of a plan remains" "$(super "SELECT count(*) FROM pg_class WHERE relname LIKE '\_baro%'") $(super "SELECT count(*) FROM barometre_internal.build WHERE name = 'new'") $(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.codes'::regclass AND attname = 'more'")" "0 0 0"
rm "$m/ppel/new.sql"
builds >/dev/null

# Selections reach everything.
chosen() { sql "SELECT string_agg(name, ' ') FROM baro_ls('$1')"; }
is "one, what it reads, what reads it" "$(chosen a), $(chosen +b), $(chosen a+), $(chosen 1+b+1), $(chosen @a)" "a, tap.s a b, a b v, a b v, tap.s a b v"
is "by tag, folder, source and materialization" "$(chosen tag:daily), $(chosen path:models/other), $(chosen source:tap.s+), $(chosen config.materialized:view)" "v, d blocked behind, tap.s a b v, v"
is "unions and intersections" "$(chosen 'a d'), $(chosen 'a+,config.materialized:view')" "d a, v"
is "the same words select for baro_transform" "$(builds "'a+ d', exclude => 'config.materialized:view', full_refresh => true"), $(builds "'b+,tag:daily', full_refresh => true")" "d a b, v"
is "and for baro_plan" "$(sql "SELECT string_agg(name, ' ') FROM baro_plan('a+,ppel')")" "a b v"
printf 'models:\n  - {name: a, columns: [{name: id, tests: [unique]}]}\n  - {name: b, columns: [{name: n, tests: [not_null]}]}\n' > "$m/tests.yml"
is "and for baro_test" "$(sql "SELECT string_agg(target, ' ' ORDER BY target) FROM baro_test('a+')") $(sql "SELECT string_agg(target, ' ') FROM baro_test('+a')")" "a.id b.n a.id"
echo "select '-' as x" > "$m/other/behind_it.sql"
near() { like "$1" "$(notices "$2" | tr '\n' ' ')" "$3"; }
near "a misspelt name is an error that knows the right one" "CALL baro_transform('behnid_it')" 'ERROR:  .*"behnid_it".*HINT:  .*"behind_it"'
near "for baro_ls too" "SELECT * FROM baro_ls('+behnid_it')" 'ERROR:  .*"behnid_it".*HINT:  .*"behind_it"'
near "and baro_plan" "SELECT * FROM baro_plan('tag:dayly')" 'ERROR:  .*"tag:dayly".*HINT:  .*"tag:daily"'
near "and baro_test" "SELECT * FROM baro_test('behnid_it')" 'ERROR:  .*"behnid_it".*HINT:  .*"behind_it"'
near "and exclude" "CALL baro_transform(exclude => 'behnid_it')" 'ERROR:  .*"behnid_it".*HINT:  .*"behind_it"'
near "nothing selected is an error" "CALL baro_transform('a,d')" 'ERROR:  .*a,d'
near "an empty selection too" "CALL baro_transform('')" 'ERROR:  .*selection'
near "a misspelt method names the right ones" "SELECT * FROM baro_ls('tags:daily')" 'ERROR:  .*tags.*HINT:  .*tag'

# Models that name what they read in plain SQL.
fresh
model z_first "select id, v from tap.s"
model y_second "select count(*) as n from z_first"
model x_view "{{ config(materialized='view') }} select n from analytics.y_second"
model w_last "with z_first as (select 1 as one) select n, one from x_view, z_first"
model a_alone "with y_second as (select 1 as n) select n from y_second"
is "tables that are named without ref are built first" "$(builds)" "a_alone z_first y_second x_view w_last"
settle
is "and are inputs to baro_ls" "$(chosen '+w_last'), $(chosen '+a_alone')" "tap.s z_first y_second x_view w_last, a_alone"
rows 1,a > "$BARO_DATA/in/a.csv"
load ", full_refresh => true"
is "they make stale" "$(state z_first), $(state y_second), $(state w_last), $(state a_alone)" "stale: tap.s changed, stale: it reads z_first, which is stale, stale: it reads x_view, which is a view of what is stale, current"
is "in one call" "$(builds) $(sql "SELECT n FROM analytics.w_last")" "z_first y_second w_last 1"
model z_first "select id, v from tap.s where v <> ''"
is "an empty difference here, too, ends it" "$(builds)" "z_first"
model z_first "select n as id from w_last"
near "a circle is named" "CALL baro_transform()" 'in a circle: .*z_first -> y_second -> x_view -> w_last'
fresh
super "CREATE TABLE public.same AS SELECT 1 AS x; GRANT SELECT ON public.same TO meltano" >/dev/null
model same "select x from same"
near "a model that reads its own name is a circle" "CALL baro_transform()" 'circle.*same -> same'
model same "select x from public.same"
is "the same name in another schema is none" "$(builds)" "same"
rm -rf "$BARO_DATA/other"
finish
