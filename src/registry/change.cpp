#include "registry/change.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/transaction.h"

namespace barometre::registry {

// An earlier stamp may go when the new one's transaction sees it: whoever sees the new stamp then sees the earlier
// change, and whoever doesn't is stale by the new one. The order of numbers would not do: a lower number may commit
// later. A build in this same transaction has not seen what comes after it, though its own transaction's changes count
// as seen.
void stamp_change(pg::oid relation, bool alone) {
    const std::string oid = std::to_string(relation);
    pg::as_extension([&] {
        if (alone || !pg::has_one_snapshot())
            pg::sql("DELETE FROM barometre_internal.change WHERE ctid = ANY (ARRAY(SELECT ctid FROM "
                    "barometre_internal.change "
                    "WHERE relation = $1::oid AND xid <> pg_current_xact_id() FOR UPDATE SKIP LOCKED))",
                    {oid});
        pg::sql("INSERT INTO barometre_internal.change (relation, xid) VALUES ($1::oid, pg_current_xact_id()) ON "
                "CONFLICT DO NOTHING",
                {oid});
        pg::sql("UPDATE barometre_internal.build b SET always = i.name || ' changed' FROM "
                "barometre_internal.build_input i WHERE b.xid = pg_current_xact_id_if_assigned() "
                "AND b.kind = 'model' AND i.model = b.name AND i.object = $1::oid",
                {oid});
    });
}

void stamp_change(const std::string &schema, const std::string &name, bool alone) {
    const std::string relation = pg::qualified(schema, name);
    stamp_change(pg::oid_of(relation), alone);
}

std::string stamped_by_trigger(const std::string &relation) {
    // Bits of tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate, 64 instead of.
    return "(SELECT coalesce(bit_or(t.tgtype), 0) & 60 = 60 FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON "
           "f.oid = t.tgfoid "
           "JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = f.oid "
           "AND d.deptype = 'e' "
           "JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'barometre' "
           "WHERE t.tgrelid = " +
           relation +
           " AND f.proname = 'baro_stamp' AND t.tgenabled IN ('O', 'A') AND t.tgtype & 67 = 0 "
           "AND t.tgqual IS NULL AND t.tgattr = '')";
}

} // namespace barometre::registry
