#include "pg/own_heap.h"
#include "core/text/text.h"
#include "pg/catalog_look.h"
#include "pg/distribution.h"
#include "pg/guard.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <algorithm>

extern "C" {
#include "catalog/pg_inherits.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
}

namespace barometre::pg {

namespace detail {
bool all_by_sql = false;
}

namespace {

/// The first node of the plan that is no scan of a heap; empty: there is none.
std::string foreign_node(oid table) {
    const auto plan = as_extension([&] { return sql("EXPLAIN (COSTS OFF) SELECT FROM ONLY " + name_of(table)); });
    for (std::size_t i = 0; i < plan.rows.size(); ++i) {
        std::string node = plan.text(i, 0);
        node.erase(0, node.find_first_not_of(" ->"));
        bool is_known = false;
        for (const char *known : {"Seq Scan", "Parallel Seq Scan", "Index Only Scan", "Parallel Index Only Scan",
                                  "Index Scan", "Bitmap Heap Scan", "Gather", "Workers Planned:", "Single Copy:"})
            is_known = is_known || node.starts_with(known);
        if (!is_known)
            return node;
    }
    return "";
}

/// Whether nothing of this server but its own code makes plans.
bool plans_are_own() {
    return planner_hook == nullptr && set_rel_pathlist_hook == nullptr && create_upper_paths_hook == nullptr &&
           get_relation_info_hook == nullptr && !has_citus();
}

std::string rows_outside(oid table) {
    if (const relation_form form = form_of(table);
        form.kind == 0 || ((form.kind == 'r' || form.kind == 'm') && form.is_heap && plans_are_own()))
        return "";
    const auto found = sql("SELECT c.relkind, a.amname, c.relam <> 2 AS other_method FROM pg_catalog.pg_class c LEFT "
                           "JOIN pg_catalog.pg_am a ON a.oid = c.relam WHERE c.oid = $1::oid",
                           {std::to_string(table)});
    if (found.empty())
        return "";
    const char kind = found.text(0, "relkind").at(0);
    if (kind != 'r' && kind != 'm')
        return std::string("it is a ") + kind_name(kind);
    if (found.yes(0, "other_method"))
        return "its access method is " + text::quoted(found.text(0, "amname"));
    if (!distribution_of(table).is_local()) // of which EXPLAIN would ask its nodes
        return "its rows are spread over the nodes of a Citus cluster";
    const std::string node = foreign_node(table);
    return node.empty() ? "" : "a query of it is planned as \"" + node + "\"";
}

} // namespace

std::string rows_elsewhere(oid table) { return detail::all_by_sql ? "barometre.by_sql is on" : rows_outside(table); }

bool is_planned_otherwise(oid table) {
    const char kind = call([&] { return get_rel_relkind(table); });
    return !distribution_of(table).is_local() || (kind == RELKIND_RELATION && !foreign_node(table).empty());
}

std::string beside(oid table, const std::string &rows, const std::vector<std::string> &columns) {
    if (!is_planned_otherwise(table))
        return rows;
    return "(SELECT " + (columns.empty() ? "x.*" : column_list(columns, "x.")) + " FROM " + rows + " AS x OFFSET 0)";
}

std::optional<std::vector<oid>> heaps_of(oid table) {
    std::vector<oid> members;
    const Oid *first = nullptr;
    const int count = call([&] { // of now, whatever the transaction sees
        List *found = get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE ? find_all_inheritors(table, NoLock, nullptr)
                                                                          : list_make1_oid(table);
        auto *heaps = static_cast<Oid *>(palloc(sizeof(Oid) * static_cast<std::size_t>(list_length(found))));
        int n = 0;
        ListCell *cell = nullptr;
        foreach (cell, found)
            if (get_rel_relkind(lfirst_oid(cell)) != RELKIND_PARTITIONED_TABLE)
                heaps[n++] = lfirst_oid(cell);
        first = heaps;
        return n;
    });
    members.assign(first, first + count);
    std::sort(members.begin(), members.end());
    for (const oid member : members)
        if (!rows_outside(member).empty())
            return std::nullopt;
    return members;
}

namespace {

// What follows runs inside call().

/// As a scan has them: each row is asked of the server.
std::int64_t count_by_scan(Relation heap, Snapshot snapshot) {
    TableScanDesc scan = table_beginscan(heap, snapshot, 0, nullptr);
    std::int64_t rows = 0;
    constexpr std::int64_t often = 4096;
    while (heap_getnext(scan, ForwardScanDirection) != nullptr)
        if (++rows % often == 0)
            CHECK_FOR_INTERRUPTS();
    table_endscan(scan);
    return rows;
}

std::int64_t count_in_page(Relation heap, Snapshot snapshot, Buffer buffer) {
    const Page page = BufferGetPage(buffer);
    const OffsetNumber last = PageGetMaxOffsetNumber(page);
    const bool all_visible = PageIsAllVisible(page) && !snapshot->takenDuringRecovery;
    std::int64_t rows = 0;
    for (OffsetNumber at = FirstOffsetNumber; at <= last; ++at) {
        const ItemId item = PageGetItemId(page, at);
        if (!ItemIdIsNormal(item))
            continue;
        HeapTupleData row;
        if (!all_visible) {
            row.t_tableOid = RelationGetRelid(heap);
            row.t_data = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
            row.t_len = ItemIdGetLength(item);
            ItemPointerSet(&row.t_self, BufferGetBlockNumber(buffer), at);
        }
        rows += all_visible || HeapTupleSatisfiesVisibility(&row, snapshot, buffer);
    }
    return rows;
}

/// Page by page: of one that everybody sees whole, its rows are only counted.
std::int64_t count_by_page(Relation heap, Snapshot snapshot) {
    const BlockNumber blocks = RelationGetNumberOfBlocks(heap);
    // As for a scan: a large table leaves the others in the shared buffers.
    BufferAccessStrategy ring =
        blocks > static_cast<BlockNumber>(NBuffers) / 4 ? GetAccessStrategy(BAS_BULKREAD) : nullptr;
    std::int64_t rows = 0;
    for (BlockNumber block = 0; block < blocks; ++block) {
        CHECK_FOR_INTERRUPTS();
        const Buffer buffer = ReadBufferExtended(heap, MAIN_FORKNUM, block, RBM_NORMAL, ring);
        LockBuffer(buffer, BUFFER_LOCK_SHARE);
        rows += count_in_page(heap, snapshot, buffer);
        UnlockReleaseBuffer(buffer);
    }
    if (ring != nullptr)
        FreeAccessStrategy(ring);
    return rows;
}

} // namespace

std::int64_t count_rows(oid table) {
    return call([&] {
        Relation heap = table_open(table, AccessShareLock);
        CommandCounterIncrement(); // what this command wrote counts too
        PushActiveSnapshot(GetTransactionSnapshot());
        const Snapshot now = GetActiveSnapshot();
        // A serializable transaction notes what it read, row by row.
        const std::int64_t rows = IsolationIsSerializable() ? count_by_scan(heap, now) : count_by_page(heap, now);
        PopActiveSnapshot();
        table_close(heap, NoLock);
        return rows;
    });
}

bool sees_all_rows(oid table) {
    return rows_elsewhere(table).empty() && call([&] {
               Relation relation = table_open(table, AccessShareLock);
               const bool answer = !relation->rd_rel->relhassubclass &&
                                   check_enable_rls(table, InvalidOid, true) == RLS_NONE &&
                                   pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
                                   ExecutorCheckPerms_hook == nullptr;
               table_close(relation, NoLock);
               return answer;
           });
}

} // namespace barometre::pg
