#pragma once

// What differs between PostgreSQL's versions, and nothing else: no other file asks for the version. Included by
// pg/pg.h, behind the server's own headers.
#if PG_VERSION_NUM < 150000
#error                                                                                                                 \
    "barometre needs PostgreSQL 15 or newer: build with its pg_config, as in make PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config"
#endif

/// What the server asks of a library when it loads it; from 18 on it also shows name and version of what is loaded.
#if PG_VERSION_NUM >= 180000
#define BARO_MODULE(module_name, module_version) PG_MODULE_MAGIC_EXT(.name = (module_name), .version = (module_version))
#else
#define BARO_MODULE(module_name, module_version) PG_MODULE_MAGIC
#endif

namespace barometre::pg::compat {

using tree_visitor = bool (*)(Node *, void *);

/// A visitor as the server's walkers want it: before 16, as a function without parameters.
#if PG_VERSION_NUM >= 160000
inline tree_visitor walker(tree_visitor visit) { return visit; }
#else
inline bool (*walker(tree_visitor visit))() {
    return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(visit));
}
#endif

/// What names a relation's files.
#if PG_VERSION_NUM >= 160000
using relation_file = RelFileLocator;
#else
using relation_file = RelFileNode;
#endif

/// DecodeDateTime: 0, or the code of an error.
inline int decode_date_time(char **fields, int *types, int count, int *kind, struct pg_tm *time, fsec_t *fraction,
                            int *zone) {
#if PG_VERSION_NUM >= 160000
    DateTimeErrorExtra extra;
    return DecodeDateTime(fields, types, count, kind, time, fraction, zone, &extra);
#else
    return DecodeDateTime(fields, types, count, kind, time, fraction, zone);
#endif
}

/// parseTypeString; what is no type is an error.
inline void parse_type(const char *text, Oid *type, int32 *modifier) {
#if PG_VERSION_NUM >= 160000
    parseTypeString(text, type, modifier, nullptr);
#else
    parseTypeString(text, type, modifier, false);
#endif
}

/// Whether this session holds just this lock.
inline bool holds(const LOCKTAG &tag, LOCKMODE mode) {
#if PG_VERSION_NUM >= 170000
    return LockHeldByMe(&tag, mode, false);
#else
    return LockHeldByMe(&tag, mode);
#endif
}

/// Enters a row that was inserted into the indexes of its table.
inline void insert_into_indexes(ResultRelInfo *table, TupleTableSlot *row, EState *state) {
#if PG_VERSION_NUM >= 160000
    ExecInsertIndexTuples(table, row, state, false, false, nullptr, NIL, false);
#else
    ExecInsertIndexTuples(table, row, state, false, false, nullptr, NIL);
#endif
}

/// The way to the leaf of a B-tree that a key belongs to, which is then locked for writing.
inline BTStack search_leaf(Relation table, Relation index, BTScanInsert key, Buffer *leaf) {
#if PG_VERSION_NUM >= 170000
    return _bt_search(index, table, key, leaf, BT_WRITE);
#elif PG_VERSION_NUM >= 160000
    return _bt_search(index, table, key, leaf, BT_WRITE, nullptr);
#else
    (void)table;
    return _bt_search(index, key, leaf, BT_WRITE, nullptr);
#endif
}

/// Gives the row at a place, as `snapshot` sees it, these values instead, and enters them into the indexes of its
/// table; false: another session changed it.
inline bool update_row(ResultRelInfo *table, ItemPointer at, TupleTableSlot *row, EState *state, CommandId command,
                       Snapshot snapshot) {
    TM_FailureData failure;
    LockTupleMode mode;
#if PG_VERSION_NUM >= 160000
    TU_UpdateIndexes indexes = TU_None;
#else
    bool indexes = false;
#endif
    if (table_tuple_update(table->ri_RelationDesc, at, row, command, snapshot, InvalidSnapshot, true, &failure, &mode,
                           &indexes) != TM_Ok)
        return false;
#if PG_VERSION_NUM >= 160000
    if (table->ri_NumIndices > 0 && indexes != TU_None)
        ExecInsertIndexTuples(table, row, state, true, false, nullptr, NIL, indexes == TU_Summarizing);
#else
    if (table->ri_NumIndices > 0 && indexes)
        ExecInsertIndexTuples(table, row, state, true, false, nullptr, NIL);
#endif
    return true;
}

/// Runs a query that was begun, to its end.
inline void run_query(QueryDesc *query) {
#if PG_VERSION_NUM >= 180000
    ExecutorRun(query, ForwardScanDirection, 0);
#else
    ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

/// Writes whole pages of a table's heap to the WAL, and into them where that is.
inline void log_pages(Relation table, int count, BlockNumber *numbers, char **pages) {
#if PG_VERSION_NUM >= 160000
    log_newpages(&table->rd_locator, MAIN_FORKNUM, count, numbers, pages, true);
#else
    log_newpages(&table->rd_node, MAIN_FORKNUM, count, numbers, pages, true);
#endif
}

/// Writes into pg_class how large a relation is, which this transaction made.
inline void note_size(Relation relation, double rows, bool has_index) {
    const BlockNumber pages = RelationGetNumberOfBlocks(relation);
#if PG_VERSION_NUM >= 180000
    vac_update_relstats(relation, pages, rows, 0, 0, has_index, InvalidTransactionId, InvalidMultiXactId, nullptr,
                        nullptr, true);
#else
    vac_update_relstats(relation, pages, rows, 0, has_index, InvalidTransactionId, InvalidMultiXactId, nullptr, nullptr,
                        true);
#endif
}

/// The sequence of an identity column.
inline Oid identity_sequence(Relation table, AttrNumber column) {
#if PG_VERSION_NUM >= 170000
    return getIdentitySequence(table, column, false);
#else
    return getIdentitySequence(RelationGetRelid(table), column, false);
#endif
}

/// The index of a table's primary key, if it is checked at once.
inline Oid primary_key_index(Relation table) {
#if PG_VERSION_NUM >= 180000
    return RelationGetPrimaryKeyIndex(table, false);
#else
    return RelationGetPrimaryKeyIndex(table);
#endif
}

/// Exchanges what two rows of pg_class say of pages that are all visible.
inline void exchange_page_counts(Form_pg_class one, Form_pg_class other) {
    std::swap(one->relallvisible, other->relallvisible);
#if PG_VERSION_NUM >= 180000
    std::swap(one->relallfrozen, other->relallfrozen);
#endif
}

/// Closes the files that this session has open of a relation; later versions do it when they read its entry anew.
inline void close_files(Oid relation) {
#if PG_VERSION_NUM >= 170000
    (void)relation;
#else
    RelationCloseSmgrByOid(relation);
#endif
}

inline IndexScanDesc begin_index_scan(Relation table, Relation index, Snapshot snapshot, int keys) {
#if PG_VERSION_NUM >= 180000
    return index_beginscan(table, index, snapshot, nullptr, keys, 0);
#else
    return index_beginscan(table, index, snapshot, keys, 0);
#endif
}

} // namespace barometre::pg::compat
