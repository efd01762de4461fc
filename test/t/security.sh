#!/usr/bin/env bash
# Who may do what, and which files are read.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
printf 'REF-1;a\nREF-2;b\n' > "$BARO_DATA/in/a.csv"
config() { use_project <<YML
version: 1
name: safe
roles: {loader: meltano, readers: [express-api]}
taps:
  - name: tap
    streams:
      - name: hidden
        path: ${1:-in}
        pattern: ${2:-.*\\.csv}
        delimiter: ;
        field_names: [reference, v]
        map: {hash: md5(reference), v: v, __else__: null}
YML
}
config
echo "select current_user::text as who, session_user::text as session, current_setting('timezone') as zone" > "$project/models/who.sql"
run="SELECT * FROM baro_run('tap')"
is "the hash stands for the value" "$(sql "$run" >/dev/null; sql "SELECT string_agg(hash, ' ' ORDER BY v) FROM tap.hidden")" "$(printf REF-1 | md5sum | cut -c1-32) $(printf REF-2 | md5sum | cut -c1-32)"
role=postgres sql "CALL baro_transform()" >/dev/null
is "a model sees the owner though a superuser calls" "$(sql "SELECT who FROM analytics.who")" meltano
sql "DROP SCHEMA tap CASCADE" >/dev/null
role=postgres sql "$run" >/dev/null
is "what a superuser loads belongs to the owner" "$(sql "SELECT tableowner FROM pg_tables WHERE schemaname = 'tap'")" meltano
is "settings are pinned" "$(PGOPTIONS='-c timezone=Europe/Paris' sql "CALL baro_transform()" >/dev/null; sql "SELECT zone FROM analytics.who")" UTC
is "the reader reads models" "$(role=express-api sql "SELECT count(*) FROM analytics.who")" 1
like "the reader reads no tap" "$(role=express-api sql "SELECT * FROM tap.hidden")" "permission denied for schema tap"
like "the reader sees no state" "$(role=express-api sql "SELECT * FROM barometre.run")" "permission denied for schema barometre"
like "the reader loads nothing" "$(role=express-api sql "$run")" "permission denied for function baro_run"
like "the reader writes nothing" "$(role=express-api sql "DELETE FROM analytics.who")" "permission denied for table who"
like "the loader does not write the ledger" "$(sql "DELETE FROM barometre.file")" "permission denied for table file"
is "the loader is no superuser" "$(role=postgres sql "SELECT rolsuper FROM pg_roles WHERE rolname = 'meltano'")" f
role=postgres sql 'GRANT EXECUTE ON FUNCTION baro_run(text, text[], boolean, text) TO "express-api"' >/dev/null
like "EXECUTE alone is not enough" "$(role=express-api sql "$run")" "permission denied for the project of this database"
like "the loader may not choose the folders" "$(sql "SELECT count(*) FROM baro_run('tap'); SET barometre.data_directory = '/'")" "permission denied"
like "not before the library is loaded either" "$(sql "SET barometre.data_directory = '/'; $run")" "permission denied to set parameter"

echo "select 1 as one" > "$project/models/late.sql"
sql "CALL baro_transform('late')" >/dev/null
is "tables created later are readable too" "$(role=express-api sql "SELECT * FROM analytics.late")" 1

printf 'SECRET-9;x;y\n' > "$BARO_DATA/in/b.csv"
error=$(sql "$run")
like "a bad record is an error" "$error" 'line 1: expected 2 fields, found 3'
printf 'SECRET-\xff;x\n' > "$BARO_DATA/in/b.csv"; error="$error $(sql "$run")"
printf 'SECRET-"9;x\n' > "$BARO_DATA/in/b.csv"; error="$error $(sql "$run")"
unlike "hashed values are in no message" "$error" SECRET
ok "hashed values are in no dump" "$(pg_dump -U postgres "$db" | grep -c 'SECRET\|REF-[12]' | sed 's/0/0/')"
like "the server log has what was called" "$(server_log all)" 'SELECT \* FROM baro_run'
ok "hashed values are not in the server log" "$(server_log all | grep -c 'SECRET-\|REF-1')"
rm "$BARO_DATA/in/b.csv"

config ../..
like "'..' is refused" "$(sql "$run")" 'contains ".."'
config nowhere
like "a missing folder is named" "$(sql "$run")" 'folder ".*/nowhere": No such file'
config /etc
like "a folder outside is refused" "$(sql "$run")" 'lies outside barometre.data_directory'
mkdir -p "$BARO_DATA/links"; ln -s /etc/hostname "$BARO_DATA/links/a.csv"
config links
like "a link that leads out is refused" "$(sql "$run")" 'lies outside barometre.data_directory'
mkdir -p "$BARO_DATA/pipes"; mkfifo "$BARO_DATA/pipes/a.csv"
config pipes
like "a named pipe is refused" "$(sql "$run")" 'is a named pipe, not a regular file'
mkdir -p "$BARO_DATA/folders/a.csv"
config folders
like "a folder that matches is no data, which is told" "$(notices "$run")" 'NOTICE: .* matches 1 name that is no data: "folders/a.csv" \(a folder\)'
mkdir -p "$BARO_DATA/locked"; echo 'a;b' > "$BARO_DATA/locked/a.csv"; chmod 000 "$BARO_DATA/locked/a.csv"
config locked
[ "$(id -u)" = 0 ] && like "an unreadable file is named" "$(sql "$run")" 'could not open file "locked/a.csv": Permission denied'
chmod 644 "$BARO_DATA/locked/a.csv"
role=postgres sql "ALTER DATABASE $db RESET barometre.data_directory" >/dev/null
like "without data directory the hint is the command" "$(sql "$run")" "ALTER DATABASE $db SET barometre.data_directory"
role=postgres sql "ALTER DATABASE $db SET barometre.data_directory = '$BARO_DATA'" >/dev/null
echo "select 1/0 as x" > "$project/models/late.sql"
is "an error after a commit leaves the session's role" "$(psql -X -q -At -d "$db" -U postgres -c "CALL baro_transform('late')" -c "SELECT current_user" 2>/dev/null)" postgres
finish
