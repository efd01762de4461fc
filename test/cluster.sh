# A private cluster of the PostgreSQL that server.sh chooses, for the demo and the tests; sourced by bash. It
# has a folder, a socket and a port of its own, listens on no network address,
# and runs as an ordinary user, because PostgreSQL refuses to run as root.
#
#   cluster_init FOLDER   where it is or will be; sets PGHOST, PGPORT, PGUSER
#   cluster_create [CONFIGURATION LINE ...]
#   cluster_copy FOLDER [CONFIGURATION LINE ...]   instead: what the stopped cluster in that folder holds
#   cluster_start, cluster_stop [immediate], cluster_remove
#   cluster_crashes [SIGNAL]   fails if a process of it was ended by another signal than this one, and says what is known of that
#
# cluster_initdb: one more option of initdb. With cluster_cores=-c a process that crashes leaves a core, where the system's core_pattern says.

. "${BASH_SOURCE%/*}/server.sh"
cluster_user=$(id -un)
[ "$(id -u)" != 0 ] || cluster_user=postgres

as_cluster_user() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u "$cluster_user" -- env LC_ALL=C.UTF-8 "$@")
    else
        env LC_ALL=C.UTF-8 "$@"
    fi
}

cluster_init() {
    cluster_folder=$1
    mkdir -p "$cluster_folder"
    # The server lives in the folder, unless its user can't enter there or the
    # socket's path would be too long; then below /tmp. "location" says where.
    if [ ! -f "$cluster_folder/location" ] || [ ! -d "$(cat "$cluster_folder/location")" ]; then
        home=$cluster_folder/server
        mkdir -p "$home"
        if [ ${#home} -gt 80 ] || ! as_cluster_user test -x "$home"; then
            rmdir "$home"
            home=$(mktemp -d /tmp/barometre.XXXXXX)
        fi
        mkdir -p "$home/data"
        chmod 777 "$home/data"
        [ "$(id -u)" != 0 ] || chown "$cluster_user" "$home"
        chmod 700 "$home" # who may enter may connect
        echo "$home" > "$cluster_folder/location"
        rm -f "$cluster_folder/port"
    fi
    cluster_home=$(cat "$cluster_folder/location")
    export PGHOST=$cluster_home PGUSER=postgres
    [ ! -f "$cluster_folder/port" ] || { PGPORT=$(cat "$cluster_folder/port"); export PGPORT; }
}

cluster_exists() { [ -f "$cluster_home/pg/PG_VERSION" ] || as_cluster_user test -f "$cluster_home/pg/PG_VERSION"; }
cluster_runs() { cluster_exists && as_cluster_user "$server_bin/pg_ctl" -D "$cluster_home/pg" status >/dev/null 2>&1; }

cluster_create() {
    as_cluster_user "$server_bin/initdb" -D "$cluster_home/pg" -U postgres -A trust --encoding=UTF8 --locale=C.UTF-8 ${cluster_initdb:-} \
        >"$cluster_folder/initdb.log" 2>&1 || { cat "$cluster_folder/initdb.log" >&2; return 1; }
    cluster_configure "max_worker_processes = 16" "log_min_messages = warning" "$@"
}

cluster_copy() {
    as_cluster_user cp -a "$(cat "$1/location")/pg" "$cluster_home/pg" && cluster_configure "${@:2}"
}

cluster_configure() {
    # Only the socket's name holds the port, as nothing listens on the network.
    PGPORT=$((20000 + RANDOM % 10000))
    export PGPORT
    echo "$PGPORT" > "$cluster_folder/port"
    {
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '$cluster_home'"
        echo "port = $PGPORT"
        for line in "$@"; do echo "$line"; done
    } | as_cluster_user tee -a "$cluster_home/pg/postgresql.conf" >/dev/null
}

cluster_start() {
    as_cluster_user "$server_bin/pg_ctl" ${cluster_cores:-} -D "$cluster_home/pg" -l "$cluster_home/server.log" -w -t 60 start >/dev/null || {
        echo "The server did not start; its log ends so:" >&2
        as_cluster_user tail -n 20 "$cluster_home/server.log" >&2
        return 1
    }
}

cluster_stop() { ! cluster_runs || as_cluster_user "$server_bin/pg_ctl" -D "$cluster_home/pg" -m "${1:-fast}" -w stop >/dev/null; }

cluster_remove() {
    cluster_stop || as_cluster_user "$server_bin/pg_ctl" -D "$cluster_home/pg" -m immediate -w stop >/dev/null || true
    case $cluster_home in /tmp/barometre.*) rm -rf "$cluster_home" ;; esac
    rm -rf "$cluster_folder"
}

# The last lines of that process in the log and what the log says of its end, and where it was, if there are a core and gdb.
cluster_crashes() {
    local line pid core pattern crashed=0
    while IFS= read -r line; do
        [[ $line =~ \(PID\ ([0-9]+)\)\ was\ terminated\ by\ signal\ ([0-9]+) ]] && [ "${BASH_REMATCH[2]}" != "${1:-}" ] || continue
        pid=${BASH_REMATCH[1]}
        [ $crashed = 1 ] || echo "A signal ended a process of the server:"
        crashed=1
        { grep -aF "[$pid]" "$cluster_home/server.log" | tail -n 3; grep -aF -A 1 "$line" "$cluster_home/server.log"; } | cut -c1-300
        pattern=$(sed "s/%p/$pid/g" /proc/sys/kernel/core_pattern 2>/dev/null)
        [[ $pattern = [/\|]* ]] || pattern=$cluster_home/pg/$pattern
        for core in "$pattern"*; do
            [ ! -f "$core" ] || [ -z "$(type -P gdb)" ] || gdb -nx -batch -ex "bt 30" "$server_bin/postgres" "$core" 2>/dev/null | grep -a '^#' | uniq
        done
    done < <(grep -a 'was terminated by signal' "$cluster_home/server.log" 2>/dev/null)
    return $crashed
}
