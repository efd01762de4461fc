#!/usr/bin/env bash
# A little of make torture: calls that are hit in their midst, always in the same order.
[ -n "${BARO_TEST:-}" ] || exec "$(dirname "$0")/../run.sh" "$0"
CLASSES=${CLASSES:-terminate memory kill} ROUNDS=${ROUNDS:-1} SEED=${SEED:-4} ROWS=2000 exec "$(dirname "$0")/../torture/torture.sh"
