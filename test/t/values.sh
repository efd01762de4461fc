#!/usr/bin/env bash
# Values: what is loaded and what is refused is what the server's own input functions read and refuse; but of dates and times only ISO forms
# are read, no offset is dropped, and no number is hexadecimal.
. "$(dirname "$0")/../lib.sh"
new_database
files=$BARO_DATA/values
mkdir -p "$files"; chmod 777 "$files"
admin() { role=postgres sql "$1"; }

# Candidates: hand-picked awkward ones, and ordinary ones with one byte changed.
admin "SET timezone = 'UTC';
CREATE TABLE candidate (type text, v text);
INSERT INTO candidate SELECT type, v FROM (VALUES
 ('smallint', '{0,-0,+0,7,+7,-7,007,32767,32768,-32768,-32769,1e2,1.0,\" 5\",\"5 \",+,-,+-1,--1,0x10,1_000}'::text[]),
 ('integer', '{0,2147483647,2147483648,-2147483648,-2147483649,+12,00012,\"\\t3\",1.,a,99999999999999999999}'),
 ('bigint', '{9223372036854775807,9223372036854775808,-9223372036854775808,-9223372036854775809,+1,-0,\" 1 \",1e3}'),
 ('numeric', '{0,-0,0.0,-0.00,1,10,100,1000,10000,100000,123456789012345678901234567890.5,0.1,0.01,0.001,0.0001,0.00001,0.000012345,1.10,1.0000,-1.5,+1.5,.5,5.,.,1e5,1E-5,NaN,inf,Infinity,-Infinity,\" 1.5\",1.5x,1..5,1.5.5,10000.0001,9999.9999,00012.5,0000.00012000,-12345678.87654321,1e1000}'),
 ('float8', '{0,-0,1,+1,1.5,.5,5.,1e5,1E-5,-2.25e+10,1e308,1e309,-1e309,1e-307,1e-320,1e-400,NaN,inf,-Infinity,\" 1.5\",1.5x,0x10,0.1,2.2250738585072011e-308,123456789.123456789,9007199254740993,1e,e5,+-1,-.5}'),
 ('boolean', '{t,f,true,false,1,0,yes,no,on,off,y,n,T,TRUE,tr,o,2,\" t\",truee}'),
 ('date', '{2024-02-29,2023-02-29,2000-02-29,1900-02-29,0001-01-01,0000-01-01,9999-12-31,2024-13-01,2024-00-10,2024-04-31,2024-01-00,2024-1-5,20240105,2024/01/05,2024.01.05,2024/01-05,01/02/2024,1/2/24,13.02.2024,today,NOW,J2451187,2024-064,2024-01-05Z,2024-01-05 10:00+02,5 Mar 2024,infinity,-infinity,\"2024-01-05 BC\",\" 2024-01-05\",2024-01-05x,\"2024-01-05 10:00:00\",epoch,12024-01-01,1999-12-31,2000-01-01,1600-03-01,1970-01-01}'),
 ('timestamp', '{2024-02-29,\"2024-02-29 12:34\",\"2024-02-29 12:34:56\",2024-02-29T12:34:56,\"2024-02-29 12:34:56.1\",\"2024-02-29 12:34:56.123456\",\"2024-02-29 12:34:56.1234567\",\"2024-02-29 12:34:56.\",\"2024-02-29 24:00:00\",\"2024-02-29 24:00:01\",\"2024-02-29 23:59:60\",\"2024-02-29 12:60:00\",\"2024-02-29 12\",\"2024-02-29 12:34:5\",\"2024-02-29  12:34:56\",\"2024-02-29 12:34:56Z\",\"2024-02-29 12:34:56+02\",\"1969-12-31 23:59:59.999999\",infinity,2024-02-29t12:34:56,\"2024-02-29 12:34:56 PM\",\"0001-01-01 00:00:00\",\"2023-02-29 00:00:00\",2024-02-29T,\"2024-02-29 01:15.5\",20240229T123456,20240229T1234,\"2024-02-29 1234\",now,\"today 12:00\",\"02/03/2024 12:34\",\"2024-02-29 12:34 UTC\",\"2024-02-29 12:34 Europe/Paris\",\"0044-03-15 12:34 BC\"}'),
 ('timestamptz', '{2024-02-29,\"2024-02-29 12:34:56\",\"2024-02-29 12:34:56Z\",2024-02-29T12:34:56Z,\"2024-02-29 12:34+02\",\"2024-02-29 12:34:56+0230\",\"2024-02-29 12:34:56.5-03:30\",\"2024-02-29 12:34:56+14\",\"2024-02-29 12:34:56+15:59\",\"2024-02-29 12:34:56+16\",\"2024-02-29 12:34:56+02:60\",\"2024-02-29 12:34:56z\",\"2024-02-29 12:34:56 Europe/Paris\",\"2024-02-29 12:34:56+2\",\"2024-02-29 12:34:56+02:30:15\",\"2024-02-29 12:34:56 +02\",\"2024-02-29 12:34:56-00\",2024-02-29Z,\"2024-02-29 12:34:56+\",\"2024-02-29 12:34:56 UTC\",\"2024-02-29 12:34:56 CET\",now,\"02/03/2024 12:34Z\",20240229T123456Z}'),
 ('time', '{10:15,9:05,10:15:30,10:15:30.5,10:15:30.1234567,24:00,24:00:01,101530,1015,10,10:15.5,10:15 PM,13:15 AM,now,allballs,10:15Z,10:15+02,2026-03-05 10:15,T10:15,23:59:60,\" 10:15\"}'),
 ('timetz', '{10:15,10:15Z,10:15+02,10:15:30.5-0330,10:15 +02:00,24:00Z,now,2026-03-05 10:15+02,10:15+16}'),
 ('uuid', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11,a0eebc999c0b4ef8bb6d6bb9bd380a11,\"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}\",a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111}'),
 ('numeric(6,2)', '{1,1.005,9999.99,9999.995,10000,-0.001,1.2,-1.20,0,-0.00,00001,09999.9,-9999.99,-10000.0,.5,1e2}'), ('varchar(3)', '{abc,abcd,\"ab  \",\"\",éàü,éàüs,é}'),
 ('numeric(5,5)', '{0,1,0.5,0.12345,0.123456,-0.00001,0.99999,00.1}'), ('numeric(3,0)', '{0,1,999,1000,-999,5.0,0001}'), ('numeric(30,7)', '{1,12345678901234567890123,123456789012345678901234,-0.0000001,10000.0001}'),
 ('varchar', '{a,\"\",\" x \"}'), ('timestamp(0)', '{\"2024-02-29 12:34:56.5\"}'), ('jsonb', '{1,\"[1, 2]\",x}'), ('int[]', '{\"{1,2}\",\"{1,\"}')
) AS given (type, vs), unnest(vs) AS v;
SELECT setseed(0.5);
INSERT INTO candidate SELECT type, CASE WHEN random() < 0.5 THEN overlay(v PLACING c FROM p FOR 1) WHEN random() < 0.5 THEN overlay(v PLACING c FROM p FOR 0) ELSE overlay(v PLACING '' FROM p FOR 1) END
 FROM (SELECT type, v, 1 + (random() * length(v))::int AS p, substr('0123456789-+.: TZe', 1 + (random() * 17)::int, 1) AS c
       FROM candidate, generate_series(1, 60) WHERE v <> '') x;
INSERT INTO candidate SELECT 'numeric', ((random() - 0.5) * 10 ^ (random() * 20)::int)::numeric::text FROM generate_series(1, 2000);
INSERT INTO candidate SELECT 'numeric', CASE n / 3 % 3 WHEN 0 THEN digits WHEN 1 THEN '-' || overlay(digits PLACING '.' FROM 1 + p FOR 0) ELSE overlay(digits PLACING '.' FROM length(digits) / 2 FOR 0) END
 FROM (SELECT n, (random() * 3)::int AS p, left((SELECT string_agg((random() * 9)::int::text, '') FROM generate_series(1, 1001) WHERE n = n), n) AS digits
       FROM generate_series(10, 1001, 3) n) x; -- beyond the 126 bytes of a short header as well
INSERT INTO candidate SELECT type, round(((random() - 0.5) * 10 ^ (random() * 5)::int)::numeric, (random() * 3)::int)::text
 FROM generate_series(1, 500), unnest('{\"numeric(6,2)\",\"numeric(5,5)\",\"numeric(3,0)\",\"numeric(30,7)\"}'::text[]) AS type;
INSERT INTO candidate SELECT 'float8', ((random() - 0.5) * 10 ^ ((random() - 0.5) * 600))::float8::text FROM generate_series(1, 2000);
INSERT INTO candidate SELECT 'date', (date '0001-01-01' + (random() * 3652058)::int)::text FROM generate_series(1, 2000);
INSERT INTO candidate SELECT 'timestamp', (timestamp '0001-01-01' + random() * interval '9998 years')::text FROM generate_series(1, 2000);
-- Whether what the server reads may be read.
CREATE FUNCTION may_be_read(type text, v text) RETURNS boolean LANGUAGE sql AS \$\$
 SELECT CASE WHEN type ~ '^(date|timestamp)' THEN v ~* ('^\\s*(?:-?infinity|' || day || '(?:(?:\\s+' || clock || '|T' || clock || '|T\\d{4}|T\\d{6}(?:\\.\\d+)?)'
                || CASE type WHEN 'timestamptz' THEN offs || '?' ELSE '' END || ')?(?:\\s*BC)?)\\s*$')
  WHEN type IN ('time', 'timetz') THEN v ~* ('^\\s*(?:' || clock || '|\\d{6}(?:\\.\\d+)?)(?:\\s*[ap]m)?' || CASE type WHEN 'timetz' THEN offs ELSE '' END || '\\s*$')
  WHEN type ~ 'int|num|float' THEN v !~* '^\\s*[-+]?0[a-df-z]|_' ELSE true END
 FROM (VALUES ('(?:\\d{8}|\\d{4,6}([-/.])\\d{1,2}\\1\\d{1,2})', '\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?', '\\s*(?:Z|UTC|[-+](?:\\d{4}|\\d{1,2}(?::\\d\\d(?::\\d\\d)?)?))')) AS p (day, clock, offs) \$\$;
CREATE FUNCTION accepts(type text, v text) RETURNS text LANGUAGE plpgsql SET datestyle = 'ISO, MDY' SET timezone = 'UTC' AS \$\$
 DECLARE out text; BEGIN
 IF NOT may_be_read(type, v) THEN RETURN NULL; END IF;
 IF type = 'varchar(3)' AND length(rtrim(v)) > 3 THEN RETURN NULL; END IF; -- a cast would cut it
 EXECUTE format('SELECT (%L::%s)::text', v, type) INTO out; RETURN out;
 EXCEPTION WHEN data_exception OR integrity_constraint_violation OR feature_not_supported THEN RETURN NULL; END \$\$;
CREATE TABLE judged AS SELECT DISTINCT type, v, accepts(type, v) AS out FROM candidate WHERE v !~ E'[\\\\r\\\\n]';" >/dev/null

types=$(admin "SELECT DISTINCT type FROM judged ORDER BY 1")
yaml='' n=0
while read -r type; do
    n=$((n + 1)); mkdir -p "$files/$n" "$files/bad$n"; chmod 777 "$files/$n" "$files/bad$n"
    yaml+="  - name: tap$n
    streams: [{name: t, path: values/$n, pattern: '.*csv', columns: [{name: v, type: text}, {name: x, type: '$type'}]}]
  - name: bad$n
    streams: [{name: t, path: values/bad$n, pattern: '.*csv', max_rejects: 100%, columns: [{name: x, type: '$type'}, {name: z, type: text}]}]
"
done <<< "$types"
use_project <<YML
version: 1
name: values
timezone: UTC
roles: {loader: meltano}
taps:
$yaml
YML

# What is refused stands in a file behind a record that is well, one value a line.
admin "CREATE TABLE refused AS SELECT type, v, 2 + row_number() OVER (PARTITION BY type ORDER BY md5(v)) AS line FROM judged WHERE out IS NULL AND v !~ '[\"]'" >/dev/null
n=0
while read -r type; do
    n=$((n + 1))
    admin "COPY (SELECT v, v AS x FROM judged WHERE type = '$type' AND out IS NOT NULL) TO '$files/$n/a.csv' CSV HEADER FORCE QUOTE *" >/dev/null
    count=$(admin "SELECT count(*) FROM judged WHERE type = '$type' AND out IS NOT NULL")
    is "$type: $count values are loaded" "$(sql "SELECT records FROM baro_run('tap$n')")" "$count"
    is "$type: each as the server reads it" "$(role=postgres sql "SET timezone = 'UTC'; SELECT string_agg(format('%s: %s, not %s', t.v, t.x, j.out), '; ') FROM tap$n.t JOIN judged j ON j.type = '$type' AND j.v = t.v WHERE t.x::text IS DISTINCT FROM j.out")" ""
    admin "COPY (SELECT x, z FROM (SELECT NULL AS x, 'well' AS z, 2 AS line UNION ALL SELECT v, '', line FROM refused WHERE type = '$type') f ORDER BY line) TO '$files/bad$n/a.csv' CSV HEADER FORCE QUOTE x" >/dev/null
    count=$(admin "SELECT count(*) FROM refused WHERE type = '$type'")
    sql "SELECT * FROM baro_run('bad$n')" >/dev/null
    is "$type: $count values that the server refuses are refused" "$(admin "SELECT (SELECT count(*) FROM bad$n.t), string_agg(f.v, ' ') FROM refused f WHERE type = '$type' AND NOT EXISTS (SELECT FROM barometre.reject r WHERE r.tap = 'bad$n' AND r.line = f.line AND r.column_name = 'x')")" "1|"
done <<< "$types"
finish
