#!/usr/bin/env bash
# What doc/runs.md gives for monitoring and alerts works as it stands there.
. "$(dirname "$0")/../lib.sh"
new_database
role=postgres sql "DO \$\$ BEGIN CREATE ROLE alerts_watch LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$" >/dev/null
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: alerts
roles: {loader: meltano, observers: [alerts_watch]}
taps: [{name: tap, streams: [{name: s, path: in, pattern: .*\.csv, columns: [{name: n, type: integer}]}]}]
YML
# script NAME: the block of shell in doc/runs.md whose second line begins with it.
script() { awk -v name="# $1 " '/^```sh$/ { inside = 1; text = ""; next } /^```$/ { if (inside && index(text, name)) printf "%s", text; inside = 0 } inside { text = text $0 "\n" }' "$BARO_REPO/doc/runs.md" >"$BARO_DATA/$1"; chmod 755 "$BARO_DATA/$1"; }
script check_barometre; script baro_listen
ok "both are ten lines or less" $(($(grep -vc '^#' "$BARO_DATA/baro_listen") > 10 || $(grep -vc '^#' "$BARO_DATA/check_barometre") > 10))
check() { PGUSER=alerts_watch "$BARO_DATA/check_barometre" "$db"; echo " $?"; }
printf 'n\n1\n' >"$BARO_DATA/in/1.csv"; sql "SELECT count(*) FROM baro_run()" >/dev/null
like "the plugin says that all is well" "$(check | tr '\n' ' ')" '^OK: all is well since run .* 0 $'

# What a mail program or curl would be given, by one script for each, which is ended by its own process id.
cat >"$BARO_DATA/receive" <<'SH'
#!/bin/bash
{ echo "$*:"; cat; } >>"$1"
SH
chmod 755 "$BARO_DATA/receive"
for kind in mail hook; do
    PGUSER=alerts_watch EVERY=0.2 setsid "$BARO_DATA/baro_listen" "$db" "$BARO_DATA/receive" "$BARO_DATA/$kind" & listeners+=($!)
done
soon "SELECT count(*) = 2 FROM pg_stat_activity WHERE datname = '$db' AND usename = 'alerts_watch' AND query = 'SELECT;'"
printf 'n\nDurand\n' >"$BARO_DATA/in/2.csv"; sql "SELECT count(*) FROM baro_run()" >/dev/null
for _ in $(seq 100); do grep -q '"event"' "$BARO_DATA/mail" 2>/dev/null && grep -q '"event"' "$BARO_DATA/hook" 2>/dev/null && break; sleep 0.1; done
for pid in "${listeners[@]}"; do kill -- -"$pid"; done 2>/dev/null
for kind in mail hook; do
    like "a $kind is sent when a load failed" "$(cat "$BARO_DATA/$kind" 2>&1)" '"event": "failed".*stream tap.s'
    is "once" "$(grep -c '"event"' "$BARO_DATA/$kind")" 1
done
unlike "without a value of the data" "$(cat "$BARO_DATA/mail" "$BARO_DATA/hook")" Durand
like "the plugin says so" "$(check | tr '\n' ' ')" '^CRITICAL: 1 failure, .* 2 $'
unlike "without one, too" "$(check)" Durand
like "without a server it is unknown" "$(PGPORT=1 check | tr '\n' ' ')" 'UNKNOWN: psql failed +3 $'
finish
