#!/usr/bin/env bash
# How new the data of a stream are: the newest value of a column, kept when it is loaded.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
yml() { use_project <<YML
version: 1
name: fresh
timezone: Europe/Paris
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id], columns: [{name: d, type: date}], freshness: {column: $1, ${2:+format: $2,} warn_after: 2 days}}
YML
}
load() { notices "SELECT count(*) FROM baro_run()"; }
newest() { sql "SET timezone = 'UTC'; SELECT newest_value FROM barometre.bookmark"; }
put() { local file=$1; shift; printf '%s\n' "$@" > "$BARO_DATA/in/$file"; }
put a.csv id,v,d '1,01/02/2024 10:00,2024-02-01' '2,28/02/2024 09:30,2024-02-03' '3,31/02/2099 00:00,2999-01-01' 4,junk, '6,99/99/9999 99:99,'
yml v 'DD/MM/YYYY HH24:MI'
load >/dev/null
is "the newest time of a text column, by the project's clock; what is none does not count" "$(newest)" "2024-02-28 08:30:00+00"
is "which is late" "$(sql "SELECT status FROM barometre.freshness")" late
put b.csv id,v,d '7,03/03/2024 00:00,2024-01-01'
load >/dev/null
is "newer data make it newer" "$(newest)" "2024-03-02 23:00:00+00"
put c.csv id,v,d '8,03/01/2024 00:00,2024-01-01'
load >/dev/null
is "older ones don't make it older" "$(newest)" "2024-03-02 23:00:00+00"
put d.csv id,v,d "9,$(date +%d/%m/%Y) 00:01,"
load >/dev/null
is "data of today are fresh" "$(sql "SELECT status FROM barometre.freshness")" fresh
yml v 'DD/MM/YYYY HH24:MI'
put d.csv id,v,d '9,04/03/2024 00:00,'
load >/dev/null
is "a corrected value makes them older" "$(newest)" "2024-03-03 23:00:00+00"
yml v DD.MM.YYYY
like "a format that no value has is a warning, too" "$(load)" 'WARNING:.*no value of column "v" in these files is a time of the format "DD.MM.YYYY"'
put e.csv id,v,d '10,today,' '11,12/11/2024,' '12,2024-03-20 10:00,'
yml v
load >/dev/null
is "without a format only ISO forms are times" "$(newest)" "2024-03-20 09:00:00+00"
yml nope
like "a column that isn't there is a warning" "$(load)" 'WARNING:.*nope'
finish
