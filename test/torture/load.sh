# What is loaded and built. State K: each row of the files has v = K, and so have the tables and models in the end.

make_project() {
    local project=$files/project
    mkdir -p "$files/in" "$project/models" "$project/tests"
    chmod -R a+rX "$files"
    cat >"$project/barometre.yml" <<'YML'
version: 1
name: torture
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: in, pattern: 's\.csv', key_properties: [id]}
      - {name: log, path: in, pattern: 'log\.csv'}
jobs:
  - {name: j, interval: '@once', steps: [{run: t}, {transform: '*'}, {test: '*'}]}
YML
    echo "select v, count(*) as n, count(distinct id) as ids from {{ source('t', 's') }} group by v" >"$project/models/m_count.sql"
    echo "select id, v, w from {{ source('t', 's') }}" >"$project/models/m_rows.sql"
    echo "{{ config(publish='swap', indexes=[{'columns': ['id'], 'unique': true}]) }} select id, v, w from {{ source('t', 's') }}" >"$project/models/m_swap.sql"
    echo "select r.v, sum(r.id) as ids from {{ ref('m_rows') }} r group by r.v" >"$project/models/m_sum.sql"
    echo "{{ config(materialized='view') }} select v from {{ ref('m_count') }}" >"$project/models/m_view.sql"
    echo "select v from {{ ref('m_rows') }} group by v having count(*) <> (select sum(n) from {{ ref('m_count') }} c where c.v = m_rows.v)" >"$project/tests/rows_agree.sql"
    printf 'version: 2\nmodels:\n  - {name: m_rows, columns: [{name: id, tests: [unique, not_null]}]}\n' >"$project/models/m.yml"
    psql -X -q -v ON_ERROR_STOP=1 -U postgres -c "ALTER DATABASE torture SET barometre.data_directory = '$files'" \
        -c "ALTER DATABASE torture SET barometre.project_directory = '$project'" >/dev/null &&
        write_files 1 && psql -X -q -At -v ON_ERROR_STOP=1 -U postgres -c "SELECT count(*) FROM baro_grant()" >/dev/null
}

records() { # K FROM TO
    awk -v k="$1" -v i="$2" -v to="$3" 'BEGIN { for (; i <= to; ++i) printf "%d,%d,\"row %d of %d\"\n", i, k, i, k }'
}
write_file() { # NAME K ROWS: all at once
    { echo "id,v,w"; records "$2" 1 "$3"; } >"$files/in/.$1.new" && chmod 644 "$files/in/.$1.new" && mv "$files/in/.$1.new" "$files/in/$1"
}
write_files() { write_file s.csv "$1" "$ROWS" && write_file log.csv "$1" $((ROWS / 2)); }

# The calls, each as a user makes it.
declare -A statements=(
    [run]="SELECT count(*) FROM baro_run('t')"
    [full]="SELECT count(*) FROM baro_run('t', full_refresh => true)"
    [transform]="CALL baro_transform()"
    [job]="CALL baro_job('j')"
)
operations=(run run full transform transform job job)

sql() { psql -X -q -At -U "${role:-meltano}" -c "$1" 2>&1; }
call() { sql "${statements[$1]}"; }

# How long each call takes, in milliseconds: the blow falls within that.
declare -A takes=()
state=1 built=1
baseline() {
    local one began
    call job >/dev/null
    for one in run full transform job; do
        state=$((state + 1)) && write_files $state
        [ $one != transform ] || call run >/dev/null
        began=${EPOCHREALTIME/./}
        call $one >/dev/null
        takes[$one]=$(((${EPOCHREALTIME/./} - began) / 1000 + 5))
    done
    call transform >/dev/null
    relations=$(role=postgres sql "$every_relation")
    built=$state
    found=()
    look
    [ ${#found[@]} = 0 ] || { printf 'Before any blow: %s\n' "${found[@]}" >&2; exit 1; }
}

# One call, hit by the class. What is found wrong is added to `found`.
said=$folder/said
one_round() {
    operation=${operations[RANDOM % ${#operations[@]}]}
    before=$state runs=$(role=postgres sql "SELECT coalesce(max(id), 0) FROM barometre.run")
    state=$((state + 1))
    write_files $state
    [ $operation != transform ] || { call run >/dev/null; before=$state; }
    delay=$((RANDOM % (takes[$operation] * 8 / 10)))
    : >"$said"
    first=()
    "${class}_before"
    psql -X -q -At -U meltano -c "SELECT pg_backend_pid()" "${first[@]}" -c "${statements[$operation]}" >"$said" 2>&1 &
    caller=$! helpers[$!]=1 backend=
    while [ -z "$backend" ] && kill -0 $caller 2>/dev/null; do read -r backend <"$said" || nap 0.005; done
    if [[ $backend =~ ^[0-9]+$ ]]; then
        "${class}_blow"
    else
        found+=("it could not connect: $(cat "$said")")
    fi
    local patience=$((SECONDS + 60))
    while kill -0 $caller 2>/dev/null; do
        [ $SECONDS -lt $patience ] || { found+=("it did not end for 60 s"); kill $caller; }
        nap 0.02
    done
    wait $caller
    [ $? = 0 ] || errors=$((errors + 1))
    unset "helpers[$caller]"
    "${class}_after"
    await_server || { found+=("the server does not come back"); return; }
    look
    heal
}
