#include "pg/storage_swap.h"
#include "pg/guard.h"
#include "pg/spi.h"

#include <string>

extern "C" {
#include "catalog/dependency.h"
#include "catalog/heap.h"
#include "catalog/indexing.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "commands/tablecmds.h"
#include "storage/predicate.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/relcache.h"
}

namespace barometre::pg {

namespace {

// What follows runs inside pg::call.

HeapTuple class_row(Oid relation) {
    HeapTuple row = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(row))
        elog(ERROR, "cache lookup failed for relation %u", relation);
    return row;
}

/// Exchanges what pg_class says of the files of two relations, and which toast tables are theirs.
void exchange_files(Oid one, Oid other) {
    Relation classes = table_open(RelationRelationId, RowExclusiveLock);
    HeapTuple row = class_row(one), other_row = class_row(other);
    auto *a = reinterpret_cast<Form_pg_class>(GETSTRUCT(row));
    auto *b = reinterpret_cast<Form_pg_class>(GETSTRUCT(other_row));
    if (!OidIsValid(a->relfilenode) || !OidIsValid(b->relfilenode) || a->relpersistence != b->relpersistence ||
        a->relkind != b->relkind || a->relam != b->relam)
        elog(ERROR, "the storage of \"%s\" and \"%s\" can't be exchanged", NameStr(a->relname), NameStr(b->relname));
    std::swap(a->relfilenode, b->relfilenode);
    std::swap(a->reltablespace, b->reltablespace);
    std::swap(a->reltoastrelid, b->reltoastrelid);
    std::swap(a->relfrozenxid, b->relfrozenxid);
    std::swap(a->relminmxid, b->relminmxid);
    std::swap(a->relpages, b->relpages);
    std::swap(a->reltuples, b->reltuples);
    compat::exchange_page_counts(a, b);
    CatalogIndexState indexes = CatalogOpenIndexes(classes);
    CatalogTupleUpdateWithInfo(classes, &row->t_self, row, indexes);
    CatalogTupleUpdateWithInfo(classes, &other_row->t_self, other_row, indexes);
    CatalogCloseIndexes(indexes);
    table_close(classes, RowExclusiveLock);
    // Both are read anew after this command: the one that is first must not leave the other with what it closed.
    compat::close_files(one);
    compat::close_files(other);
}

Oid toast_of(Oid table) {
    HeapTuple row = class_row(table);
    const Oid toast = reinterpret_cast<Form_pg_class>(GETSTRUCT(row))->reltoastrelid;
    heap_freetuple(row);
    return toast;
}

/// Lets a toast table go with its table, as it is there when a table is made.
void attach_toast(Oid toast, Oid table) {
    if (!OidIsValid(toast))
        return;
    if (const long found = deleteDependencyRecordsFor(RelationRelationId, toast, false); found != 1)
        elog(ERROR, "expected one dependency record for TOAST table, found %ld", found);
    ObjectAddress owner, owned;
    ObjectAddressSet(owner, RelationRelationId, table);
    ObjectAddressSet(owned, RelationRelationId, toast);
    recordDependencyOn(&owned, &owner, DEPENDENCY_INTERNAL);
}

/// Toast tables are called by the OID of their table, and so are their indexes. No other name may have that one.
void rename_toast(Oid toast, const char *suffix, Oid table) {
    if (!OidIsValid(toast))
        return;
    char name[NAMEDATALEN];
    Relation opened = table_open(toast, AccessExclusiveLock);
    List *indexes = RelationGetIndexList(opened);
    const Oid index = indexes == NIL ? InvalidOid : linitial_oid(indexes);
    table_close(opened, NoLock);
    pg_snprintf(name, sizeof name, "pg_toast_%u%s", table, suffix);
    RenameRelationInternal(toast, name, true, false);
    if (!OidIsValid(index))
        return;
    pg_snprintf(name, sizeof name, "pg_toast_%u%s_index", table, suffix);
    RenameRelationInternal(index, name, true, true);
}

void exchange_toast(Oid table, Oid made) {
    const Oid of_table = toast_of(table), of_made = toast_of(made);
    attach_toast(of_table, table);
    attach_toast(of_made, made);
    CommandCounterIncrement();
    rename_toast(of_made, "_old", made);
    CommandCounterIncrement();
    rename_toast(of_table, "", table);
    CommandCounterIncrement();
    rename_toast(of_made, "", made);
    CommandCounterIncrement();
}

/// What ANALYZE found of `made` is that of the table.
void take_statistics(Oid table, Oid made) {
    RemoveStatistics(table, 0);
    CommandCounterIncrement();
    CopyStatistics(made, table);
}

} // namespace

bool tables_are_watched() { return ExecutorCheckPerms_hook != nullptr || object_access_hook != nullptr; }

bool is_in_use_here(oid table) {
    return call([&] {
        Relation opened = table_open(table, NoLock);
        const bool answer = opened->rd_refcnt != 1 || AfterTriggerPendingOnRel(table);
        table_close(opened, NoLock);
        return answer;
    });
}

bool others_have_snapshots() {
    return call([] {
               int count = 0;
               VirtualTransactionId *found = GetCurrentVirtualXIDs(InvalidTransactionId, true, false,
                                                                   PROC_IS_AUTOVACUUM | PROC_IN_VACUUM, &count);
               pfree(found);
               TransactionId of_slots, of_catalogs;
               ProcArrayGetReplicationSlotXmin(&of_slots, &of_catalogs);
               return count > 0 || TransactionIdIsValid(of_slots);
           }) ||
           !sql("SELECT FROM pg_catalog.pg_stat_get_wal_senders() LIMIT 1").empty();
}

void flush_log() {
    call([] {
        if (!XLogRecPtrIsInvalid(XactLastRecEnd))
            XLogFlush(XactLastRecEnd);
    });
}

std::vector<oid> parts_of(oid table) {
    const auto found = sql_now("SELECT p FROM pg_catalog.pg_class c, LATERAL (SELECT c.oid UNION ALL SELECT "
                               "c.reltoastrelid WHERE c.reltoastrelid <> 0 UNION ALL SELECT i.indexrelid FROM "
                               "pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS parts(p) WHERE c.oid = $1::oid "
                               "ORDER BY p",
                               {std::to_string(table)});
    std::vector<oid> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.push_back(static_cast<oid>(found.number(i, 0)));
    return out;
}

void exchange_storage(oid table, oid made, const std::vector<std::pair<oid, oid>> &indexes, std::int64_t rows) {
    const std::pair<oid, oid> *pairs = indexes.data();
    const std::size_t count = indexes.size();
    call([&] {
        Relation opened = table_open(table, AccessExclusiveLock);
        TransferPredicateLocksToHeapRelation(opened); // rows have other places from now on
        // Counted as what it is: all rows go, and as many come.
        pgstat_count_truncate(opened);
        pgstat_count_heap_insert(opened, rows);
        table_close(opened, NoLock);
        take_statistics(table, made);
        exchange_files(table, made);
        for (std::size_t i = 0; i < count; ++i) {
            take_statistics(pairs[i].first, pairs[i].second);
            exchange_files(pairs[i].first, pairs[i].second);
        }
        CommandCounterIncrement();
        exchange_toast(table, made);
    });
}

} // namespace barometre::pg
