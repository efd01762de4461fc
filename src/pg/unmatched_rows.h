#pragma once

#include "pg/hashed_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace barometre::pg {

/// Rows of one table, by hash: how many of each the other table was not found to have.
class unmatched_rows {
public:
    struct entry {
        row_hash hash;
        row_place first;
        std::int64_t count;
    };
    /// 32 bytes for each of `slots`, of which three in four are used.
    explicit unmatched_rows(std::size_t slots) : capacity_(slots / 4 * 3), slots_(slots) {
        entries_.reserve(capacity_);
    }

    std::vector<entry> &entries() { return entries_; }
    bool full() const { return entries_.size() >= capacity_; }
    void prefetch(const row_hash &h) const { __builtin_prefetch(&slots_[home(h)]); }
    entry *find(const row_hash &h) { return at(slot(h)); }
    /// The same, sooner where rows are sought in the order in which they were added.
    entry *find_next(const row_hash &h) {
        if (next_ < entries_.size() && entries_[next_].hash == h)
            return &entries_[next_++];
        entry *found = find(h);
        if (found)
            next_ = static_cast<std::size_t>(found - entries_.data()) + 1;
        return found;
    }
    void add(const hashed_row &row) {
        std::uint64_t &s = slots_[slot(row.hash)];
        if (s != 0) {
            ++entries_[index(s)].count;
        } else {
            entries_.push_back({row.hash, row.place, 1});
            s = tag(row.hash) | entries_.size();
        }
    }
    void clear() {
        entries_.clear();
        std::fill(slots_.begin(), slots_.end(), 0);
    }
    /// Forgets the rows beyond `to`.
    void cut(std::uint64_t to) {
        std::erase_if(entries_, [&](const entry &e) { return e.hash.high > to; });
        std::fill(slots_.begin(), slots_.end(), 0);
        for (std::size_t i = 0; i < entries_.size(); ++i)
            slots_[slot(entries_[i].hash)] = tag(entries_[i].hash) | (i + 1);
    }

private:
    // A slot is 0, or 32 bits of the hash and the number of its entry, from 1. The bits are others
    // than those of the ranges and of the buckets.
    static std::uint64_t tag(const row_hash &h) { return h.low << 32; }
    static std::size_t index(std::uint64_t slot) { return static_cast<std::uint32_t>(slot) - 1; }
    std::size_t home(const row_hash &h) const { return static_cast<std::uint32_t>(h.high) * slots_.size() >> 32; }
    entry *at(std::size_t slot) { return slots_[slot] == 0 ? nullptr : &entries_[index(slots_[slot])]; }
    std::size_t slot(const row_hash &h) const {
        std::size_t i = home(h);
        for (; slots_[i] != 0; i = i + 1 == slots_.size() ? 0 : i + 1)
            if ((slots_[i] ^ tag(h)) >> 32 == 0 && entries_[index(slots_[i])].hash == h)
                break;
        return i;
    }

    std::size_t capacity_;
    std::vector<entry> entries_; ///< in the order of the scan
    std::vector<std::uint64_t> slots_;
    std::size_t next_ = 0; ///< behind the entry that was found last
};

/// Puts places in their order, of which most come so, and a few behind them.
inline void put_in_order(std::vector<row_place> &places) {
    const auto late = std::is_sorted_until(places.begin(), places.end());
    std::sort(late, places.end());
    std::inplace_merge(places.begin(), late, places.end());
}

/// Adds the places of the rows that are left unmatched. Only the first of equal rows is remembered: for the place of
/// the others `each` calls what it is given with all rows once more.
template <class E> void take_unmatched(unmatched_rows &rows, std::vector<row_place> &to, E &&each) {
    bool more = false;
    for (unmatched_rows::entry &e : rows.entries())
        if (e.count > 0) {
            to.push_back(e.first);
            more |= --e.count > 0;
        }
    if (more)
        each([&](const hashed_row &row) {
            if (unmatched_rows::entry *e = rows.find(row.hash); e && e->count > 0 && e->first != row.place) {
                --e->count;
                to.push_back(row.place);
            }
        });
}

} // namespace barometre::pg
