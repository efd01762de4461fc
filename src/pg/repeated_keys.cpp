#include "pg/repeated_keys.h"
#include "pg/catalog_look.h"
#include "pg/guard.h"
#include "pg/latest_snapshot.h"
#include "pg/own_heap.h"
#include "pg/row_difference.h"
#include "pg/unmatched_rows.h"

#include <cstddef>
#include <cstdint>

extern "C" {
#include "common/hashfn.h"
#include "utils/typcache.h"
}

namespace barometre::pg {

namespace {

struct key_column {
    AttrNumber number;
    FmgrInfo *hash;
    Oid collation;
};

/// A table that is scanned for the hashes of its keys. What follows runs inside call().
class key_scan {
public:
    static constexpr std::size_t most = 1024;
    std::uint64_t hashes[most];
    std::size_t count = 0;
    double estimate = 0; ///< of its rows

    /// False: there is no such column, or one has no hash.
    bool open(Oid table, const char *const *names, std::size_t n, const char *open_name, Snapshot snapshot) {
        relation_ = table_open(table, AccessShareLock);
        if (relation_->rd_rel->relkind != RELKIND_RELATION || relation_->rd_rel->relam != HEAP_TABLE_AM_OID ||
            !pg_strong_random(&seed_, sizeof seed_))
            return false;
        const TupleDesc shape = RelationGetDescr(relation_);
        columns_ = static_cast<key_column *>(palloc(sizeof(key_column) * n));
        for (; columns_count_ < n; ++columns_count_) {
            const AttrNumber number = get_attnum(table, names[columns_count_]);
            if (number <= 0)
                return false;
            const Form_pg_attribute column = TupleDescAttr(shape, number - 1);
            TypeCacheEntry *type = lookup_type_cache(column->atttypid, TYPECACHE_HASH_EXTENDED_PROC_FINFO);
            if (!OidIsValid(type->hash_extended_proc_finfo.fn_oid))
                return false;
            columns_[columns_count_] = {number, &type->hash_extended_proc_finfo, column->attcollation};
        }
        if (*open_name != '\0' && (open_ = get_attnum(table, open_name)) <= 0)
            return false;
        BlockNumber pages;
        double visible;
        table_relation_estimate_size(relation_, nullptr, &pages, &estimate, &visible);
        memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre keys", ALLOCSET_DEFAULT_SIZES);
        scan_ = table_beginscan(relation_, snapshot, 0, nullptr);
        return true;
    }

    /// False at the end.
    bool next() {
        CHECK_FOR_INTERRUPTS();
        const TupleDesc shape = RelationGetDescr(relation_);
        MemoryContext before = MemoryContextSwitchTo(memory_);
        HeapTuple row = nullptr;
        for (count = 0; count < most && (row = heap_getnext(scan_, ForwardScanDirection)) != nullptr;) {
            if (open_ > 0 && !heap_attisnull(row, open_, shape))
                continue;
            std::uint64_t hash = 0;
            for (std::size_t i = 0; i < columns_count_; ++i) {
                const key_column &c = columns_[i];
                bool is_null;
                const Datum value = heap_getattr(row, c.number, shape, &is_null);
                const std::uint64_t one =
                    is_null ? 0 : DatumGetUInt64(FunctionCall2Coll(c.hash, c.collation, value, UInt64GetDatum(seed_)));
                hash = hash_combine64(hash, one);
            }
            hashes[count++] = hash;
        }
        MemoryContextSwitchTo(before);
        MemoryContextReset(memory_);
        return row != nullptr || count == most;
    }

    void rewind() { table_rescan(scan_, nullptr); }

    void close() {
        if (scan_) {
            table_endscan(scan_);
            MemoryContextDelete(memory_);
        }
        table_close(relation_, NoLock);
    }

private:
    Relation relation_ = nullptr;
    TableScanDesc scan_ = nullptr;
    MemoryContext memory_ = nullptr; ///< of a batch
    key_column *columns_ = nullptr;
    std::size_t columns_count_ = 0;
    AttrNumber open_ = 0;
    std::uint64_t seed_ = 0;
};
static_assert(std::is_trivially_destructible_v<key_scan>); // call() may jump out of what uses it

bool repeats(oid table, const std::vector<std::string> &key, const std::string &open, const latest_snapshot &snapshot) {
    std::vector<const char *> names;
    for (const std::string &column : key)
        names.push_back(column.c_str());
    key_scan keys;
    const char *only = open.c_str();
    bool found = !call([&] { return keys.open(table, names.data(), names.size(), only, snapshot.get()); });
    const std::size_t most = memory_for_comparing() / unmatched_rows::bytes_each;
    constexpr double spare = 1.2;
    // Which may be too little: of a table that was empty when it was analysed, none.
    std::size_t room = std::max(static_cast<std::size_t>(keys.estimate * spare), key_scan::most);
    for (bool fit = found; !fit; room *= 2) {
        room = std::min(room, most);
        unmatched_rows seen(room);
        fit = true;
        for (bool more = true; more && fit && !found;) {
            more = call([&] { return keys.next(); });
            for (std::size_t i = 0; i < keys.count && fit && !found; ++i) {
                // The high half only says where to look for the low one.
                const std::uint64_t hash = keys.hashes[i];
                found = !seen.add({{hash, hash * 0x9e3779b97f4a7c15}, {}});
                fit = !seen.full();
            }
        }
        if (!fit && room >= most)
            found = fit = true;
        call([&] { keys.rewind(); });
    }
    call([&] { keys.close(); });
    return found;
}

} // namespace

bool may_repeat(oid table, const std::vector<std::string> &key, const std::string &open) {
    return repeats(table, key, open, latest_snapshot());
}

bool is_surely_unique(oid table, const std::string &column) {
    const relation_form form = form_of(table);
    return form.kind == 'r' && form.is_heap && !form.may_have_heirs &&
           call([&] { return pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK; }) &&
           rows_elsewhere(table).empty() && !repeats(table, {column}, "", latest_snapshot(true));
}

} // namespace barometre::pg
