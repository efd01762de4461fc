#include "model/definition_hash.h"

#include <cstddef>

namespace barometre::model {

namespace {

std::string with(std::string expression, const std::string &oid) {
    for (std::size_t at; (at = expression.find("%s")) != std::string::npos;)
        expression.replace(at, 2, oid);
    return expression;
}

} // namespace

std::string view_hash(const std::string &oid) {
    return with("(SELECT pg_catalog.md5(r.ev_action::text) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = %s AND "
                "r.rulename = '_RETURN')",
                oid);
}

std::string function_hash(const std::string &oid) {
    return with("(SELECT pg_catalog.md5(ROW(f.pronamespace, f.proname, f.prolang, f.provolatile, f.proisstrict, "
                "f.proargtypes, f.prorettype, f.prosrc, "
                "f.probin, f.proconfig, f.proargdefaults::text, f.prosqlbody::text, (SELECT a FROM "
                "pg_catalog.pg_aggregate a WHERE a.aggfnoid = f.oid), "
                "(SELECT pg_catalog.array_agg(o.oid ORDER BY o.oid) FROM pg_catalog.pg_proc o WHERE o.proname = "
                "f.proname))::text) "
                "FROM pg_catalog.pg_proc f WHERE f.oid = %s)",
                oid);
}

std::string table_hash(const std::string &oid) {
    return with("(SELECT pg_catalog.md5(ROW(pg_catalog.array_agg(ROW(a.attnum, a.attname, a.atttypid, "
                "a.atttypmod)::text ORDER BY a.attnum), "
                "(SELECT pg_catalog.array_agg(c.inhrelid ORDER BY c.inhrelid) FROM pg_catalog.pg_inherits c WHERE "
                "c.inhparent = %s))::text) "
                "FROM pg_catalog.pg_attribute a WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped)",
                oid);
}

} // namespace barometre::model
