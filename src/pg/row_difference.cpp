#include "pg/row_difference.h"
#include "pg/guard.h"
#include "pg/hashed_rows.h"
#include "pg/latest_snapshot.h"
#include "pg/spi.h"
#include "pg/unmatched_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <span>
#include <unordered_set>

// How it is done, without sorting and without an index:
//
// 1. Both tables are scanned once. Every row is hashed (XXH3, 128 bits) and its hash added to one of
//    many buckets: `table` subtracts, `wanted` adds. A bucket that ends at zero got the same rows
//    from both, and they need no further look.
// 2. Both are scanned again. The rows that fall into another bucket are matched one by one, by their
//    hash, in a hash table of the smaller side. When that would not fit in memory, it is done in
//    rounds, each for a range of hashes, each with another scan of both.
//
// The first hash is of the stored bytes where the two tables are laid out alike, without taking the
// row apart. The same values may be stored in two ways (compressed or not, in the row or out of it,
// written before a column was added or after), so that hash only tells that rows are equal. Whether
// they differ is told by a hash of the values, taken of the few rows that get to step 2.
//
// Where a sample tells that hardly any rows are the same, step 1 would be for nothing: then all rows get to step 2, by
// the hash of their values, and a filter of the rows of `wanted` keeps most of those of `table` out of the hash table.
namespace barometre::pg {

namespace {

using sum = unsigned __int128;

/// Finds the columns of `table` in `wanted`, by name, and tells both in which order to read theirs.
void match_columns(hashed_rows &table, hashed_rows &wanted, const char *beside) {
    TupleDesc mine = table.shape(), theirs = wanted.shape();
    std::vector<hashed_rows::column> my_columns, their_columns;
    bool alike = mine->natts == theirs->natts;
    const auto columns_of = [](TupleDesc shape) {
        int n = 0;
        for (int i = 0; i < shape->natts; ++i)
            n += !TupleDescAttr(shape, i)->attisdropped;
        return n;
    };
    bool same = columns_of(mine) - (beside != nullptr) == columns_of(theirs);
    for (int i = 0; same && i < mine->natts; ++i) {
        Form_pg_attribute a = TupleDescAttr(mine, i);
        if (a->attisdropped || (beside && strcmp(NameStr(a->attname), beside) == 0)) {
            alike = false;
            continue;
        }
        int j = 0;
        while (j < theirs->natts && (TupleDescAttr(theirs, j)->attisdropped ||
                                     strcmp(NameStr(TupleDescAttr(theirs, j)->attname), NameStr(a->attname)) != 0))
            ++j;
        same = j < theirs->natts && TupleDescAttr(theirs, j)->atttypid == a->atttypid;
        if (!same)
            break;
        Form_pg_attribute b = TupleDescAttr(theirs, j);
        alike = alike && i == j && a->attlen == b->attlen && a->attbyval == b->attbyval && a->attalign == b->attalign &&
                a->attstorage == b->attstorage;
        my_columns.push_back({i, a->attlen, a->attbyval});
        their_columns.push_back({j, b->attlen, b->attbyval});
    }
    if (!same)
        throw error(sqlstate::internal, std::string("\"") + table.name() + "\" and \"" + wanted.name() +
                                            "\" do not have the same columns, their rows can't be compared");
    table.read(std::move(my_columns), alike);
    wanted.read(std::move(their_columns), alike);
}

/// Adds (or subtracts) the rows to their buckets, and counts them.
std::int64_t add_up(hashed_rows &rows, std::vector<sum> &buckets, int shift, bool subtract) {
    constexpr std::size_t ahead = 16; // the buckets are far apart in memory
    std::int64_t n = 0;
    while (rows.next(hashed_rows::what::rows)) {
        const std::span<const hashed_row> batch = rows.batch();
        n += static_cast<std::int64_t>(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (i + ahead < batch.size())
                __builtin_prefetch(&buckets[batch[i + ahead].hash.low >> shift], 1);
            const row_hash &h = batch[i].hash;
            const sum value = static_cast<sum>(h.high) << 64 | h.low;
            sum &bucket = buckets[h.low >> shift];
            bucket = subtract ? bucket - value : bucket + value;
        }
    }
    return n;
}

void take_all(hashed_rows &rows, std::vector<row_place> &to) {
    while (rows.next(hashed_rows::what::places))
        for (const hashed_row &row : rows.batch())
            to.push_back(row.place);
}

/// A set of hashes that may seem to have one that it has not, seldom.
class row_filter {
public:
    row_filter(double rows, std::size_t memory)
        : words_(std::clamp<std::size_t>(std::bit_ceil(static_cast<std::size_t>(rows / 4)), 64,
                                         std::bit_floor(memory / sizeof(std::uint64_t)))),
          shift_(64 - std::countr_zero(words_.size())) {}
    void prefetch(const row_hash &h) const { __builtin_prefetch(&words_[h.low >> shift_]); }
    void add(const row_hash &h) { words_[h.low >> shift_] |= bits(h); }
    bool has(const row_hash &h) const { return (bits(h) & ~words_[h.low >> shift_]) == 0; }

private:
    static std::uint64_t bits(const row_hash &h) {
        constexpr std::uint64_t one = 1;
        return one << (h.high >> 32 & 63) | one << (h.high >> 38 & 63) | one << (h.high >> 44 & 63);
    }
    std::vector<std::uint64_t> words_;
    int shift_;
};

/// Calls `f` with each row, or with each of the buckets that differ; `prefetch` with its hash, a little earlier.
template <class P, class F> void each_row(hashed_rows &rows, const bucket_set *buckets, P &&prefetch, F &&f) {
    constexpr std::size_t ahead = 8;
    while (rows.next(buckets ? hashed_rows::what::differing : hashed_rows::what::values, buckets)) {
        const std::span<const hashed_row> batch = rows.batch();
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (i + ahead < batch.size())
                prefetch(batch[i + ahead].hash);
            f(batch[i]);
        }
    }
}

/// Step 2: matches the rows of the buckets that differ, or all rows. What is left of each side goes to its list.
/// `most`: rows of the small side that are looked at in a round. `others`: has all hashes of the large side. Gives how
/// many rows of the small one there were.
std::int64_t match_rows(hashed_rows &small, std::vector<row_place> &small_left, hashed_rows &large,
                        std::vector<row_place> &large_left, const bucket_set *buckets, std::size_t most,
                        const row_filter *others = nullptr) {
    unmatched_rows rows(most);
    std::uint64_t from = 0, to = UINT64_MAX;
    std::int64_t looked_at = 0;
    const auto is_meant = [&](const row_hash &h) { return h.low >= from && h.low <= to; };
    const auto each_small = [&](auto &&f) { // and whether it has no equal for sure
        looked_at = 0;
        each_row(
            small, buckets, [&](const row_hash &h) { others ? others->prefetch(h) : rows.prefetch(h); },
            [&](const hashed_row &row) {
                ++looked_at;
                if (others && !others->has(row.hash))
                    f(row, true);
                else if (is_meant(row.hash))
                    f(row, false);
            });
    };
    for (bool is_first = true;;) {
        std::size_t meant = 0;
        bool fit = true;
        each_small([&](const hashed_row &row, bool is_alone) {
            if (is_alone) {
                if (is_first)
                    small_left.push_back(row.place);
                return;
            }
            ++meant;
            fit = fit && !rows.full();
            if (fit)
                rows.add(row);
        });
        is_first = false;
        if (!fit) { // fewer, in more rounds
            if (from == to)
                throw error(sqlstate::internal, "too many hashes alike");
            constexpr double spare = 0.9;
            const double share = spare * static_cast<double>(rows.capacity()) / static_cast<double>(meant);
            to = from + static_cast<std::uint64_t>(static_cast<double>(to - from) * std::min(share, spare));
            rows.clear();
            continue;
        }
        each_row(
            large, buckets, [&](const row_hash &h) { rows.prefetch(h); },
            [&](const hashed_row &row) {
                if (is_meant(row.hash) && !rows.match(row.hash))
                    large_left.push_back(row.place);
            });
        rows.take_rest(small_left, [&](auto &&f) {
            each_small([&](const hashed_row &row, bool is_alone) {
                if (!is_alone)
                    f(row);
            });
        });
        if (to == UINT64_MAX)
            break;
        const std::uint64_t width = to - from;
        from = to + 1;
        to = UINT64_MAX - from < width ? UINT64_MAX : from + width;
    }
    put_in_order(small_left);
    put_in_order(large_left);
    return looked_at;
}

/// Calls `f` with the hashes of `pieces` parts of a table of `pages` pages each, evenly spread.
template <class F> void each_sampled(hashed_rows &rows, std::uint32_t pieces, std::uint32_t pages, F &&f) {
    const std::uint64_t all = rows.pages();
    for (std::uint32_t i = 0; i < pieces; ++i) {
        rows.limit(static_cast<std::uint32_t>(all * i / pieces), pages);
        while (rows.next(hashed_rows::what::values))
            for (const hashed_row &row : rows.batch())
                f(row.hash);
    }
}

/// Whether less than a quarter of the rows of `wanted` seem to be in `table`: some of them are sought in a sixteenth of
/// it. Of small tables it is not asked.
bool are_mostly_different(hashed_rows &table, hashed_rows &wanted) {
    constexpr std::uint32_t pieces = 64, part = 16, enough = pieces * part;
    if (table.pages() < enough || wanted.pages() < enough)
        return false;
    std::unordered_set<std::uint64_t> some;
    std::size_t found = 0;
    each_sampled(wanted, pieces, 1, [&](const row_hash &h) { some.insert(h.low); });
    each_sampled(table, pieces, table.pages() / enough, [&](const row_hash &h) { found += some.count(h.low); });
    constexpr std::size_t fewest = 256; // of which some would have been found
    return some.size() >= fewest && found * part * 4 < some.size();
}

void count_kept(row_difference &result, std::int64_t rows, std::int64_t wanted_rows, const hashed_rows &table) {
    result.kept = rows - static_cast<std::int64_t>(result.gone.size());
    if (result.kept != wanted_rows - static_cast<std::int64_t>(result.missing.size()))
        throw error(sqlstate::internal, std::string("the rows of \"") + table.name() + "\" don't add up");
}

/// Compares tables that have hardly any rows in common.
row_difference compare_different_rows(hashed_rows &table, hashed_rows &wanted, std::size_t memory) {
    row_filter filter(wanted.estimate(), memory / 2);
    std::int64_t wanted_rows = 0;
    each_row(
        wanted, nullptr, [&](const row_hash &h) { filter.prefetch(h); },
        [&](const hashed_row &row) {
            ++wanted_rows;
            filter.add(row.hash);
        });
    row_difference result;
    const std::int64_t rows = match_rows(
        table, result.gone, wanted, result.missing, nullptr,
        std::min(memory / 2 / unmatched_rows::bytes_each, static_cast<std::size_t>(table.estimate() / 4)), &filter);
    count_kept(result, rows, wanted_rows, table);
    return result;
}

} // namespace

row_difference compare_rows(oid table_oid, oid wanted_oid, std::size_t memory, const char *beside) {
    memory = std::max<std::size_t>(memory, 4096);
    const hash_secrets secret;
    const latest_snapshot snapshot;
    hashed_rows table(table_oid, snapshot.get(), secret), wanted(wanted_oid, snapshot.get(), secret);
    match_columns(table, wanted, beside);
    if (are_mostly_different(table, wanted))
        return compare_different_rows(table, wanted, memory);

    row_difference result;
    bucket_set differing;
    std::int64_t rows = 0, wanted_rows = 0;
    bool any = false;
    {
        const double estimate = std::clamp(std::max(table.estimate(), wanted.estimate()), 32.0, 1e12);
        const std::size_t size = std::clamp<std::size_t>(std::bit_ceil(static_cast<std::size_t>(2 * estimate)), 64,
                                                         std::bit_floor(memory / sizeof(sum)));
        std::vector<sum> buckets(size);
        differing.shift = 64 - std::countr_zero(size);
        rows = add_up(table, buckets, differing.shift, true);
        if (rows == 0) {
            take_all(wanted, result.missing);
            return result;
        }
        wanted_rows = add_up(wanted, buckets, differing.shift, false);
        if (wanted_rows == 0) {
            take_all(table, result.gone);
            return result;
        }
        differing.bits.resize(size / 64);
        for (std::size_t i = 0; i < size; ++i)
            if (buckets[i] != 0) {
                differing.bits[i >> 6] |= std::uint64_t{1} << (i & 63);
                any = true;
            }
    }
    if (any) {
        const std::size_t fewer = static_cast<std::size_t>(std::min(rows, wanted_rows));
        const std::size_t most = std::min(memory / unmatched_rows::bytes_each, fewer + fewer / 8);
        if (wanted_rows <= rows)
            match_rows(wanted, result.missing, table, result.gone, &differing, most);
        else
            match_rows(table, result.gone, wanted, result.missing, &differing, most);
    }
    count_kept(result, rows, wanted_rows, table);
    return result;
}

bool are_mostly_different(oid table_oid, oid wanted_oid) {
    constexpr std::uint32_t pieces = 64, fewest_pages = 1024;
    const hash_secrets secret;
    const latest_snapshot snapshot;
    hashed_rows table(table_oid, snapshot.get(), secret), wanted(wanted_oid, snapshot.get(), secret);
    match_columns(table, wanted, nullptr);
    const std::uint64_t pages = table.pages();
    if (pages < fewest_pages || wanted.pages() < fewest_pages)
        return false;
    std::unordered_set<std::uint64_t> some;
    each_sampled(wanted, pieces, 1, [&](const row_hash &h) { some.insert(h.low); });
    // In all of the table: in a part of it the same rows may lie elsewhere. Of one that is alike the beginning is read.
    std::size_t found = 0;
    for (std::uint32_t i = 0; i < pieces && found * 4 < some.size(); ++i) {
        const std::uint64_t from = pages * i / pieces, to = pages * (i + 1) / pieces;
        table.limit(static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from));
        while (table.next(hashed_rows::what::values))
            for (const hashed_row &row : table.batch())
                found += some.count(row.hash.low);
    }
    return found * 4 < some.size();
}

std::size_t memory_for_comparing() {
    return static_cast<std::size_t>(
        sql("SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem'))").number(0, 0));
}

} // namespace barometre::pg
