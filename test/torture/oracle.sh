# Waits without a process of its own: nothing ever comes from there.
pipe=$folder/never
rm -f "$pipe" && mkfifo "$pipe" && exec {never}<>"$pipe" && rm "$pipe"
nap() { read -r -t "$1" -u "$never" || true; }

# What must hold whenever nobody is at work.

await_server() {
    local until=$((SECONDS + 60))
    until psql -X -q -At -U postgres -c "SELECT 1" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        nap 0.05
    done
}

every_relation="SELECT string_agg(n.nspname || '.' || c.relname, ' ' ORDER BY n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"

# What is seen: of each relation how many rows, how many ids, and the least and greatest state.
seen="SELECT concat_ws(' ',
    (SELECT concat_ws(':', count(*), count(DISTINCT id), min(v), max(v)) FROM t.s),
    (SELECT concat_ws(':', count(*), count(DISTINCT id), min(v), max(v)) FROM t.log),
    (SELECT concat_ws(':', sum(n), sum(ids), min(v), max(v)) FROM analytics.m_count),
    (SELECT concat_ws(':', count(*), count(DISTINCT id), min(v), max(v)) FROM analytics.m_rows),
    (SELECT concat_ws(':', count(*), count(DISTINCT id), min(v), max(v)) FROM analytics.m_swap),
    (SELECT concat_ws(':', count(*), sum(ids), min(v), max(v)) FROM analytics.m_sum),
    (SELECT concat_ws(':', count(*), '', min(v), max(v)) FROM analytics.m_view))"

# states BUILT LOADED...: the tables are of one of these states, both of the same, and so are the models.
states() {
    local got s models half=$((ROWS / 2)) sum=$((ROWS * (ROWS + 1) / 2)) of
    got=$(role=postgres sql "$seen")
    for s in "${@:2}"; do
        for models in "$@"; do
            of="$models:$models"
            [ "$got" != "$ROWS:$ROWS:$s:$s $half:$half:$s:$s $ROWS:$ROWS:$of $ROWS:$ROWS:$of $ROWS:$ROWS:$of 1:$sum:$of 1::$of" ] || return 0
        done
    done
    found+=("rows, ids, and states of t.s, t.log, m_count, m_rows, m_swap, m_sum, m_view: $got; the models were of $1, and the states are ${*:2}")
}

# Nothing that nobody needs; the processes that write what is remembered end soon.
leftovers() {
    local until=$((SECONDS + 5)) left
    while :; do
        left=$(role=postgres sql "SELECT concat_ws(', ', (SELECT 'locks: ' || string_agg(mode || ' ' || objid || ' of ' || pid, ' ') FROM pg_locks WHERE locktype = 'advisory'),
            (SELECT 'sessions: ' || string_agg(concat_ws(' ', backend_type, state, left(query, 80)), '; ') FROM pg_stat_activity
             WHERE datname = 'torture' AND pid <> pg_backend_pid() AND backend_type NOT IN ('autovacuum worker', 'parallel worker')),
            (SELECT 'prepared: ' || string_agg(gid, ' ') FROM pg_prepared_xacts)), ($every_relation)")
        [ "$left" != "|$relations" ] && [ $SECONDS -lt $until ] || break
        nap 0.05
    done
    [ "${left%%|*}" = "" ] || found+=("left: ${left%%|*}")
    [ "${left#*|}" = "$relations" ] || found+=("relations that were not there before, or are gone: $(diff <(tr ' ' '\n' <<<"$relations") <(tr ' ' '\n' <<<"${left#*|}") | grep '^[<>]' | tr '\n' ' ')")
}

# After a blow. What a session whose process could still speak did is told as it was, and not as lost.
look() {
    leftovers
    case $class in
    terminate | cancel | memory | files | no_worker)
        local lost
        lost=$(role=postgres sql "SELECT string_agg(concat_ws(' ', id, kind, status, message), ', ') FROM barometre.run
            WHERE id > $runs AND (status = 'running' OR status = 'interrupted' AND message IS DISTINCT FROM 'the session was ended')")
        [ -z "$lost" ] || found+=("runs whose failure nobody recorded: $lost")
        ;;
    esac
    "${class}_states" || states "$built" "${before:-$state}" "$state"
}
plain_states() { return 1; }

# One more call brings the new state; what was left out of it on purpose, one of the others.
heal() {
    local answer left most
    answer=$(call "$operation")
    [[ $answer != *ERROR* && $answer != *FATAL* ]] || found+=("one more call: $answer")
    case $operation in run | full)
        answer=$(call transform)
        [[ $answer != *ERROR* ]] || found+=("the transformation after that: $answer")
        ;;
    esac
    leftovers
    states "$state" "$state" "$state"
    built=$state
    case $operation in job) most=8 ;; *) most=3 ;; esac
    left=$(role=postgres sql "SELECT concat_ws(', ', (SELECT 'runs that go on: ' || string_agg(id::text, ' ') FROM barometre.run WHERE status = 'running'),
        (SELECT 'files: ' || string_agg(path, ' ') FROM barometre.file HAVING count(*) <> 2),
        (SELECT 'runs of two calls: ' || count(*) FROM barometre.run WHERE id > $runs HAVING count(*) > $most),
        (SELECT 'failures of what went well: ' || string_agg(concat_ws(' ', what, place, why), '; ') FROM barometre_internal.failure
         WHERE what !~ '^(run|job|transform) ' OR what ~ '^$(what_of "$operation") '))")
    [ -z "$left" ] || found+=("$left")
}
what_of() { case $1 in run | full) echo run ;; *) echo "$1" ;; esac; }

# After a failure: as if nothing had been.
settle() {
    role=postgres sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'torture' AND pid <> pg_backend_pid()" >/dev/null
    call job >/dev/null
    relations=$(role=postgres sql "$every_relation")
}
