#!/usr/bin/env bash
# The border between C++ and the server, in both directions.
. "$(dirname "$0")/../lib.sh"
new_database
module=$BARO_DATA/guard_test.so
g++ -std=c++20 -O1 -fPIC -shared -Wall -Wextra -Wno-unused-parameter -Werror -I"$BARO_REPO/src" -I"$(pg_config --includedir-server)" \
    "$BARO_REPO/test/guard/guard_test.cpp" "$BARO_REPO/src/pg/guard.cpp" "$BARO_REPO"/src/core/text/{utf8,text}.cpp -lsimdjson -o "$module" || { ok "the module compiles" 1; finish; }
role=postgres
for f in "throw(int)" "catch()" "thread()" "alive()"; do
    name=guard_${f%%(*}; type=int; [[ $name =~ guard_(catch|thread) ]] && type=text
    sql "CREATE FUNCTION guard_$f RETURNS $type LANGUAGE C AS '$module', '$name'" >/dev/null
done
verbose() { psql -X -q -At -d "$db" -U postgres -v VERBOSITY=verbose -c "SELECT pg_backend_pid()" -c "SELECT guard_throw($1)" -c "SELECT 'lives ' || pg_backend_pid(), guard_alive()" 2>&1; }
lives() { # the backend is the same, and every destructor ran
    [ "$(printf '%s\n' "$2" | tail -n 1)" = "lives $(printf '%s\n' "$2" | head -n 1)|0" ]; ok "$1" $?
}
out=$(verbose 0); like "our error keeps SQLSTATE, detail and hint" "$(echo "$out" | tr '\n' ' ')" 'BM004: ours DETAIL:  Its detail. HINT:  Its hint.'; lives "after our error" "$out"
out=$(verbose 1); like "a standard exception becomes an error" "$out" 'XX000: unexpected C\+\+ exception in barometre: a standard one'; lives "after a standard exception" "$out"
out=$(verbose 2); like "any thrown object becomes an error" "$out" 'XX000: unexpected C\+\+ exception of unknown type'; lives "after a thrown number" "$out"
out=$(verbose 3); like "no memory becomes an error" "$out" '53200: out of memory'; lives "after bad_alloc" "$out"
out=$(verbose 4); like "the server's error keeps all it said" "$(echo "$out" | tr '\n' ' ')" "22012: the server's DETAIL:  Server detail. HINT:  Server hint."; lives "after the server's error" "$out"
out=$(verbose 6); like "a wrong SQLSTATE is an internal error" "$out" 'XX000: no SQLSTATE'; lives "after a wrong SQLSTATE" "$out"
is "the server's error can be caught" "$(sql "SELECT guard_catch()")" "22012 the server's Server detail. Server hint."
is "another thread can't call the server" "$(sql "SELECT guard_thread()")" "XX000 the server was called by another thread than the one of its session"
is "a thousand errors leave nothing behind" "$(sql "DO \$\$ BEGIN FOR i IN 1..1000 LOOP BEGIN PERFORM guard_throw(i % 5); EXCEPTION WHEN others THEN NULL; END; END LOOP; END \$\$; SELECT guard_alive()")" 0
is "only named symbols are exported" "$(nm -D --defined-only "$(pg_config --pkglibdir)/barometre.so" | grep -cv ' T \(_PG_init\|Pg_magic_func\|barometre_\|pg_finfo_barometre_\)')" 0
finish
