# The blows. Of each class CLASS: CLASS_begin (fails with $why where it can't be), CLASS_before a call, CLASS_blow while it runs,
# CLASS_after it, CLASS_end; CLASS_states where another state than the old and the new one is right.

for one in $all_classes; do
    for part in begin before blow after end; do eval "${one}_$part() { :; }"; done
    eval "${one}_states() { return 1; }"
done

wait_a_while() { # fails if the call ended by itself
    nap "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    kill -0 "$caller" 2>/dev/null || return 1
    hit=$((hit + 1))
}

# The server ends all sessions then, and begins anew.
anew() { grep -c 'all server processes terminated; reinitializing' "$cluster_home/server.log"; }
kill_blow() {
    local times until=$((SECONDS + 20))
    times=$(anew)
    wait_a_while && kill -9 "$backend" 2>/dev/null || return
    while [ "$(anew)" = "$times" ] && [ $SECONDS -lt $until ]; do nap 0.05; done
}
terminate_blow() { wait_a_while && role=postgres sql "SELECT pg_terminate_backend($backend)" >/dev/null; }
cancel_blow() { wait_a_while && role=postgres sql "SELECT pg_cancel_backend($backend)" >/dev/null; }
immediate_blow() { # what pg_ctl does, but now
    local postmaster until=$((SECONDS + 20))
    postmaster=$(head -n 1 "$cluster_home/pg/postmaster.pid")
    wait_a_while && kill -QUIT "$postmaster"
    while kill -0 "$postmaster" 2>/dev/null && [ $SECONDS -lt $until ]; do nap 0.05; done
}
immediate_after() { cluster_runs || cluster_start; }

# The session gets a bound on its memory, at which it may stand already.
memory_begin() { [ -n "$(type -P prlimit)" ] || { why="there is no prlimit here" && return 1; }; }
memory_before() {
    crashes=$(grep -c 'terminated by signal' "$cluster_home/server.log")
    first=(-c "SELECT pg_sleep(0.2)")
}
memory_blow() {
    local size
    size=$(awk '/^VmSize/ { print $2 }' "/proc/$backend/status" 2>/dev/null)
    [ -n "$size" ] && as_cluster_user prlimit --pid "$backend" --as=$(((size + RANDOM * 6) * 1024)) 2>/dev/null && hit=$((hit + 1))
}
memory_after() { [ "$(grep -c 'terminated by signal' "$cluster_home/server.log")" = "$crashes" ] || found+=("the server crashed without memory"); }

# Files are exchanged, cut, written to, moved away and back while they are read.
files_blow() {
    local until=$((${EPOCHREALTIME/./} + (delay + 20) * 1000)) name rows=$ROWS
    hit=$((hit + 1))
    while [ "${EPOCHREALTIME/./}" -lt $until ]; do
        name=s.csv rows=$ROWS
        [ $((RANDOM % 2)) = 0 ] || { name=log.csv rows=$((ROWS / 2)); }
        case $((RANDOM % 6)) in
        0) write_file "$name" $state "$rows" ;;
        1) { echo "id,v,w"; records $state 1 $((rows / 2)); } >"$files/in/$name" && records $state $((rows / 2 + 1)) "$rows" >>"$files/in/$name" ;;
        2) mv "$files/in/$name" "$files/in/away" && sleep 0.01 && mv "$files/in/away" "$files/in/$name" ;;
        3) printf 'no record\n' >>"$files/in/$name" ;;
        4) ln -sfn /etc/passwd "$files/in/.link" && mv -T "$files/in/.link" "$files/in/$name" ;;
        5) truncate -s $((RANDOM * 2)) "$files/in/$name" ;;
        esac
        sleep "0.00$((RANDOM % 10))"
        [ ! -h "$files/in/$name" ] || rm "$files/in/$name"
    done
}
files_after() { write_files $state; }
files_states() { # what was in a file while it was read may be in the table: no row twice, and of a table with a key none lost
    local got
    got=$(role=postgres sql "SELECT concat_ws(' ', (SELECT count(*) = $ROWS AND count(DISTINCT id) = $ROWS AND min(v) >= $built FROM t.s), (SELECT count(*) = count(DISTINCT id) FROM t.log),
        (SELECT count(*) = $ROWS AND count(DISTINCT id) = $ROWS FROM analytics.m_rows), (SELECT sum(n) = $ROWS AND sum(ids) = $ROWS FROM analytics.m_count))")
    [ "$got" = "t t t t" ] || found+=("a row is lost or there twice: $got of t.s, t.log, m_rows, m_count; $(role=postgres sql "$seen")")
}

# A server of its own, with what the main one holds.
own_cluster() { # SETTING...
    own=$folder/$class
    cluster_stop && cluster_init "$own" && cluster_copy "$folder/main" "$@" && cluster_start
}
main_again() {
    cluster_init "$own"
    cluster_stop immediate
    [ -z "${mounted[*]}" ] || { umount "$cluster_home" && mounted=(); }
    cluster_remove
    cluster_init "$folder/main"
    cluster_start
    # It is where it was when the class began.
    built=$main_built state=$((state + 1))
    write_files $state
    call job >/dev/null
    built=$state
}

# Nobody can write what a call that failed did, but the calls themselves.
no_worker_begin() { main_built=$built && own_cluster "max_worker_processes = 0" "max_logical_replication_workers = 0"; }
no_worker_blow() { if [ $((RANDOM % 2)) = 0 ]; then terminate_blow; else cancel_blow; fi; }
no_worker_end() { main_again; }

# The disk is full; then there is room again. Without room for its log the server stops.
full_disk_begin() {
    [ "$(id -u)" = 0 ] || { why="only root may mount a small disk" && return 1; }
    main_built=$built own=$folder/$class
    cluster_stop && cluster_init "$own"
    mount -t tmpfs -o size=300m tmpfs "$cluster_home" 2>/dev/null || { why="a small disk can't be mounted here" && cluster_remove && cluster_init "$folder/main" && cluster_start && return 1; }
    mounted=("$cluster_home")
    chown "$cluster_user" "$cluster_home" && chmod 700 "$cluster_home"
    cluster_copy "$folder/main" && cluster_start
}
full_disk_blow() {
    local room
    delay=$((delay / 2))
    wait_a_while || return
    room=$(df --output=avail -k "$cluster_home" | tail -n 1)
    fallocate -l $((room - RANDOM % 500))K "$cluster_home/filler" 2>/dev/null || dd if=/dev/zero of="$cluster_home/filler" bs=64k 2>/dev/null
}
full_disk_after() {
    rm -f "$cluster_home/filler"
    nap 0.1
    cluster_runs || cluster_start 2>/dev/null
}
full_disk_end() { [ -z "${mounted[*]}" ] || main_again; }

# The server is lost in a call, and its standby takes over. Then it has one itself.
standby_begin() {
    main_built=$built
    own_cluster "max_wal_senders = 4" "hot_standby = on" "wal_level = replica" && make_standby
}
make_standby() {
    standby=$folder/standby_$RANDOM$RANDOM
    local from=$PGHOST port=$PGPORT started
    cluster_init "$standby"
    as_cluster_user pg_basebackup -h "$from" -p "$port" -U postgres -D "$cluster_home/pg" -R -X stream -c fast >/dev/null 2>&1 &&
        cluster_configure && cluster_start
    started=$?
    cluster_init "$own"
    return $started
}
standby_blow() {
    # It reads, and may be refused, but stays whole.
    local read_only
    if [ $((RANDOM % 2)) = 0 ]; then
        wait_a_while
        kill -QUIT "$(head -n 1 "$cluster_home/pg/postmaster.pid")"
        return
    fi
    hit=$((hit + 1))
    cluster_init "$standby"
    for read_only in "SELECT count(*) FROM baro_ls()" "SELECT count(*) FROM baro_plan()" "SELECT count(*) FROM baro_run('t')" "SELECT count(*) FROM barometre.history"; do
        psql -X -q -At -U meltano -c "$read_only" -c "SELECT 'lives'" 2>&1 | grep -q '^lives$' || found+=("on the standby, after $read_only, the session is broken")
    done
    cluster_init "$own"
    kill -QUIT "$(head -n 1 "$cluster_home/pg/postmaster.pid")"
}
standby_after() {
    cluster_stop immediate
    cluster_remove
    own=$standby
    cluster_init "$own"
    as_cluster_user "$server_bin/pg_ctl" -D "$cluster_home/pg" -w promote >/dev/null || found+=("the standby was not promoted")
    make_standby || found+=("no new standby could be made")
}
standby_states() { states "$built" "$before" "$state" "$built"; } # what was not sent is lost with the server: also what came before the call
standby_end() {
    cluster_init "$standby"
    cluster_remove
    main_again
}
