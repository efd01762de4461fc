# For the whole-server tests: TAP, and a project of the test's own.
#   ok NAME STATUS; is NAME GOT WANTED; like NAME GOT PATTERN; finish
set -u
number=0 bad=0
ok() { number=$((number + 1)); if [ "$2" = 0 ]; then echo "ok $number - $1"; else bad=$((bad + 1)); echo "not ok $number - $1"; fi; }
is() {
    [ "$2" = "$3" ]; local same=$?
    ok "$1" $same
    [ $same = 0 ] || printf '#    got: %s\n# wanted: %s\n' "$2" "$3"
}
like() {
    printf '%s' "$2" | grep -qE -- "$3"; local same=$?
    ok "$1" $same
    [ $same = 0 ] || printf '#      got: %s\n# no match: %s\n' "$2" "$3"
}
unlike() {
    printf '%s' "$2" | grep -qE -- "$3"; local same=$?
    ok "$1" $((same == 0))
    [ $same != 0 ] || printf '#   got: %s\n# match: %s\n' "$2" "$3"
}
finish() { echo "1..$number"; exit $((bad > 0)); }

db=baro_t
sql() { psql -X -q -At -d "$db" -U "${role:-meltano}" -c "$1" 2>&1; }
notices() { PGOPTIONS='' psql -X -q -At -d "$db" -U "${role:-meltano}" -c "$1" 2>&1; }
# Waits until a query gives "t": what another process writes takes a moment.
soon() { for _ in $(seq 100); do [ "$(role=postgres sql "$1")" = t ] && return 0; sleep 0.05; done; return 1; }

# project YAML: a project folder $project with this barometre.yml, made the database's.
new_database() { "$BARO_REPO/test/fresh_database.sh" $db >/dev/null; }
project=$BARO_DATA/project
use_project() {
    mkdir -p "$project/models" "$project/seeds" "$project/tests" "$project/functions"
    cat > "$project/barometre.yml"
    role=postgres sql "ALTER DATABASE $db SET barometre.project_directory = '$project'" >/dev/null
    role=postgres sql "SELECT count(*) FROM baro_grant()" >/dev/null
}

# own_server NAME SETTING...: a server of the test's own, with these lines in postgresql.conf, that goes when the test ends.
# {} in a setting is the folder of its socket.
own_server() {
    . "$BARO_REPO/test/cluster.sh"
    folder=$BARO_REPO/.check/$1; shift
    trap own_server_clean_up EXIT
    trap 'exit 130' INT TERM
    mkdir -p "$folder"
    cluster_init "$folder"
    cluster_create "fsync = off" "log_min_messages = notice" "${@//\{\}/$cluster_home}" && cluster_start || exit 1
    export BARO_DATA=$cluster_home/data BARO_LOG=$cluster_home/server.log
    project=$BARO_DATA/project
}
own_server_clean_up() {
    trap - EXIT INT TERM
    [ ! -f "$folder/location" ] || { cluster_init "$folder"; cluster_remove; }
}
