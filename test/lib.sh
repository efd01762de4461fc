# For the whole-server tests: TAP, and a database, a folder for data and a project of the script's own. Its database, and
# the roles that it makes, carry its name, for other scripts run on the same server at the same time.
#   ok NAME STATUS; is NAME GOT WANTED; like NAME GOT PATTERN; unlike NAME GOT PATTERN; skip NAME WHY; finish
#   skip_all WHY: for a script that can't run here
set -u
[ -n "${BARO_TEST:-}" ] || exec "$(dirname "$0")/../run.sh" "$0"
. "$BARO_REPO/test/server.sh"
number=0 bad=0
ok() { number=$((number + 1)); if [ "$2" = 0 ]; then echo "ok $number - $1"; else bad=$((bad + 1)); echo "not ok $number - $1"; fi; }
is() {
    [ "$2" = "$3" ]; local same=$?
    ok "$1" $same
    [ $same = 0 ] || printf '#    got: %s\n# wanted: %s\n' "$2" "$3"
}
# As grep -E does it, line by line, but without a process, of which there would be thousands.
matches() { # TEXT PATTERN
    local lines patterns line pattern
    [ -n "$1" ] || return 1
    mapfile -t lines <<<"$1"
    mapfile -t patterns <<<"$2"
    for line in "${lines[@]}"; do for pattern in "${patterns[@]}"; do [[ $line =~ $pattern ]] && return; done; done
    return 1
}
like() {
    matches "$2" "$3"; local same=$?
    ok "$1" $same
    [ $same = 0 ] || printf '#      got: %s\n# no match: %s\n' "$2" "$3"
}
unlike() {
    matches "$2" "$3"; local same=$?
    ok "$1" $((same == 0))
    [ $same != 0 ] || printf '#   got: %s\n# match: %s\n' "$2" "$3"
}
skip() { number=$((number + 1)); echo "ok $number # skip $1: $2"; }
skip_all() { echo "1..0 # skip $1"; exit 0; }
finish() { echo "1..$number"; exit $((bad > 0)); }

db=baro_$BARO_TEST

# Sessions that are kept open: open_session NAME ROLE; ask NAME SQL gives what it prints; close_session NAME.
declare -A input=() output=() kept=()
open_session() {
    local pipes
    pipes=$(mktemp -d)
    mkfifo "$pipes/in" "$pipes/out"
    PGOPTIONS=${session_options-} psql -X -q -At -d "$db" -U "$2" <"$pipes/in" >"$pipes/out" 2>&1 &
    disown # "wait" is for others
    exec {input[$1]}>"$pipes/in" {output[$1]}<"$pipes/out"
    rm -r "$pipes"
}
ask() {
    local answer
    trap '' PIPE # the session may be gone
    printf '%s\n;\n\\echo -n \x27\\x01\x27\n' "$2" 2>/dev/null >&"${input[$1]}"
    trap - PIPE
    IFS= read -r -d $'\001' -t "${patience:-60}" answer <&"${output[$1]}" || { [ -n "${kept[$1]:-}" ] || echo "no answer: $answer"; return 1; }
    printf '%s' "$answer"
}
close_session() {
    local rest
    echo '\q' >&"${input[$1]}"
    IFS= read -r -d '' -t 5 rest <&"${output[$1]}"
    exec {input[$1]}>&- {output[$1]}<&-
    unset "input[$1]" "output[$1]"
}

# sql QUERY, as role $role or meltano. Each has a session of its own, as a user's call has, but for those that only look:
# they share one, which takes a tenth of the time. A call of one statement is made by a psql that is kept, and connects
# anew, unless that is busy: to start one takes as long as most calls.
sql() {
    local session=kept_${role:-meltano} called=${1//baro_ls(/}
    [[ $1 != *"ALTER DATABASE"* ]] || kept=() # what is set so is for new sessions
    if [[ $called =~ ^SELECT\ [^\;]*$ && ! $called =~ $calls ]]; then
        if [ "${kept[$session]:-}" = "$db $PGOPTIONS" ] && ask "$session" "$1"; then return; fi
    elif [[ $1 != *\;* ]] && [ "${free[${role:-meltano} $db $PGOPTIONS]:-}" ] && read -r -N 1 -t 0.01 <&"${free[${role:-meltano} $db $PGOPTIONS]}"; then
        call "${role:-meltano}" "$1" && return "$status"
    fi
    psql -X -q -At -d "$db" -U "${role:-meltano}" -c "$1" 2>&1
}
# call ROLE QUERY: by the psql that is kept for that, and was free; fails if it is gone. Its status is $status.
declare -A free=()
call() {
    local answer
    trap '' PIPE
    printf '\\c\n%s\n;\n\\echo -n :ERROR \x27\\x01\x27\n' "$2" 2>/dev/null >&"${input[call_$1]}" || { trap - PIPE; return 1; }
    trap - PIPE
    status=2
    if IFS= read -r -d $'\001' answer <&"${output[call_$1]}"; then
        [[ $answer != *'false ' ]] || status=0
        answer=${answer%true } answer=${answer%false }
        [ $status = 0 ] || status=1
        printf . >&"${free[$1 $db $PGOPTIONS]}"
    fi
    printf '%s' "$answer"
    [ -n "$answer" ] || [ $status != 2 ]
}
calls='(^|[^a-z_])baro_[a-z_]*\(|pg_sleep|advisory|pg_cancel|pg_terminate|nextval|FOR UPDATE'
keep_sessions() {
    local r pipe
    for r in meltano postgres; do
        session_options=$PGOPTIONS open_session kept_$r $r
        kept[kept_$r]="$db $PGOPTIONS"
        [ -z "${free[$r $db $PGOPTIONS]:-}" ] || continue
        session_options=$PGOPTIONS open_session call_$r $r
        pipe=$(mktemp -u) && mkfifo "$pipe" && exec {free["$r $db $PGOPTIONS"]}<>"$pipe" && rm "$pipe"
        printf . >&"${free[$r $db $PGOPTIONS]}" # who takes it may call
    done
}
notices() { PGOPTIONS='' psql -X -q -At -d "$db" -U "${role:-meltano}" -c "$1" 2>&1; }
# Waits until a query gives "t": what another process writes takes a moment. SECONDS is how long at most, if not 5. For
# what takes longer it asks less often, because to ask takes time from the other tests.
soon() {
    local begun=$SECONDS pause=0.05
    while [ "$(role=postgres sql "$1")" != t ]; do
        [ $SECONDS -le $((begun + ${2:-5})) ] || return 1
        [ $SECONDS -le $((begun + 5)) ] || pause=0.5
        sleep $pause
    done
}
here="database = (SELECT oid FROM pg_database WHERE datname = '$db')" # of pg_locks
# server_log [all]: what the server logged of this script's database; or also of background workers, which it does not tell.
server_log() { awk -v "mine=[$db]" -v "too=${1:+[]}" '/^\[[^]]*\] / { print_it = $1 == mine || $1 == too } print_it' "$BARO_LOG"; }

# A database like the one that was made once; what is set for that one does not come with it.
new_database() {
    psql -X -q -v ON_ERROR_STOP=1 -d postgres -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" \
        -c "CREATE DATABASE $db OWNER meltano TEMPLATE baro_template" -c "ALTER DATABASE $db SET barometre.data_directory = '$BARO_DATA'" || exit 1
}
# use_project [SQL] <YAML: a project folder $project with this barometre.yml, made the database's; then this, as superuser.
project=$BARO_DATA/project
use_project() {
    mkdir -p "$project/models" "$project/seeds" "$project/tests" "$project/functions"
    cat > "$project/barometre.yml"
    psql -X -q -d "$db" -U postgres -c "ALTER DATABASE $db SET barometre.project_directory = '$project'" \
        -c "SET barometre.project_directory = '$project'" -c "SELECT count(*) FROM baro_grant()" ${1:+-c "$1"} >/dev/null 2>&1
    [ ${#kept[@]} -gt 0 ] || keep_sessions
}

# own_server SETTING...: a server of the script's own, with these lines in postgresql.conf, that goes when the script ends:
# for one that stops, crashes or configures it, or alters a role. {} in a setting is the folder of its socket, and $folder
# one for the script's files.
own_server() {
    . "$BARO_REPO/test/cluster.sh"
    folder=$BARO_REPO/.check/$BARO_TEST
    trap own_server_clean_up EXIT
    trap 'exit 130' INT TERM
    mkdir -p "$folder"
    cluster_init "$folder"
    # Here, what is read without having been written, or after it was freed, is no zero by chance. Not everywhere: each
    # file that is read has a buffer of 48 MB, which takes ten times as long as a small file when all of it is written.
    cluster_copy "$BARO_REPO/.check/template" "${@//\{\}/$cluster_home}" &&
        MALLOC_PERTURB_=165 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 cluster_start || exit 1
    export BARO_DATA=$cluster_home/data BARO_LOG=$cluster_home/server.log
    project=$BARO_DATA/project
}
own_server_clean_up() {
    local crashed
    trap - EXIT INT TERM
    cp "$cluster_home/server.log" "$BARO_REPO/.check/log/$BARO_TEST.server.log"
    cluster_crashes 9; crashed=$? # 9 is the tests' own
    cluster_remove
    [ $crashed = 0 ] || exit 1
}

# A gate: who calls pg_advisory_xact_lock_shared(42) waits there while it is closed.
close_gate() { [ -n "${input[gate]:-}" ] || open_session gate postgres; ask gate "SELECT pg_advisory_lock(42)" >/dev/null; }
at_gate() { soon "SELECT count(*) > 0 FROM pg_locks WHERE $here AND locktype = 'advisory' AND objid = 42 AND NOT granted"; }
open_gate() { ask gate "SELECT pg_advisory_unlock_all()" >/dev/null; }

# Named points of the code (src/pg/point.h), at which sessions that begin after use_points stop: stop_at NAME, and who comes there waits until
# go_on NAME; at_point NAME waits until somebody is there.
use_points() {
    psql -X -q -d "$db" -U postgres -c "ALTER DATABASE $db SET barometre.points = on"
    session_options='' open_session points postgres
}
point_key() { echo "hashtextextended('barometre point $1', 0)"; }
stop_at() { ask points "SELECT pg_advisory_lock($(point_key "$1"))" >/dev/null; }
go_on() { ask points "SELECT pg_advisory_unlock($(point_key "$1"))" >/dev/null; }
at_point() {
    soon "SELECT EXISTS (SELECT FROM pg_locks WHERE $here AND locktype = 'advisory' AND objsubid = 1 AND NOT granted
          AND (classid::bigint << 32 | objid::bigint) = $(point_key "$1"))" || { echo "# nobody comes to $1"; return 1; }
}
