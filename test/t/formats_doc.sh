#!/usr/bin/env bash
# The examples of doc/taps.md, "Formats": each has a stream, a file, and queries with what they give.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/streams"
# A folder for each stream, its entry in "streams", and the queries and what psql shows of them.
awk -v to="$BARO_DATA" '
    /^## / { is_here = $0 == "## Formats" }
    !is_here { next }
    /^```/ { if (kind) kind = ""; else { kind = $0 == "```" ? "shown" : substr($0, 4); if (kind == "yaml") { number++; system("mkdir " to "/streams/" number) } } next }
    kind == "yaml" { sub(/path: [a-z_]+/, "path: streams/" number); print "      " $0 >(to "/entries") }
    kind == "shown" && /^=> / { print substr($0, 4) >(to "/queries"); next }
    kind == "shown" { print >(to "/wanted") }
    kind ~ /^(csv|json|jsonl)$/ { print >(to "/streams/" number "/file." kind) }
' "$BARO_REPO/doc/taps.md"
use_project <<YML
version: 1
name: formats
roles: {loader: meltano}
taps:
  - name: tap
    streams:
$(cat "$BARO_DATA/entries")
YML
is "there are examples" "$(($(wc -l <"$BARO_DATA/entries") > 3))" 1
shown=$({ echo '\pset null NULL'; echo '\pset footer off'; cat "$BARO_DATA/queries"; } |
    PGOPTIONS='-c client_min_messages=error' psql -X -q -d "$db" -U meltano -c 'DO $$BEGIN PERFORM baro_run(); END$$' -f - 2>&1 | sed 's/ *$//; /^$/d')
is "they give what is written there" "$shown" "$(cat "$BARO_DATA/wanted")"
finish
