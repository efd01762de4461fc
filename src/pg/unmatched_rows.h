#pragma once

#include "pg/hashed_rows.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace barometre::pg {

/// Rows of one table, by hash, as a multiset: those for which no equal row of the other table was found yet.
class unmatched_rows {
public:
    static constexpr std::size_t bytes_each = 22; ///< at most, of the rows that it was made for

    /// For so many rows; more where some are equal.
    explicit unmatched_rows(std::size_t rows)
        : capacity_(std::clamp<std::size_t>(rows, 128, INT32_MAX - 1)), index_bits_(std::bit_width(capacity_ + 1)),
          slots_(capacity_ + capacity_ / 3 + 1) {
        entries_.reserve(capacity_);
    }

    std::size_t capacity() const { return capacity_; }
    bool full() const { return entries_.size() + repeated_.size() * repeated_cost >= capacity_; }
    void prefetch(const row_hash &h) const { __builtin_prefetch(&slots_[home(h)]); }
    /// False: an equal row is there.
    bool add(const hashed_row &row) {
        std::uint32_t &s = slots_[slot(row.hash)];
        if (s != 0) {
            ++repeated_[index(s)];
            return false;
        }
        entries_.push_back({row.hash.low, static_cast<std::uint16_t>(row.hash.high), row.place});
        s = tag(row.hash) | static_cast<std::uint32_t>(entries_.size());
        return true;
    }
    /// Matches a row of the other table with one of these: false, if there is none that is left. Allocates nothing.
    bool match(const row_hash &h) {
        const std::uint32_t s = slots_[slot(h)];
        return s != 0 && match_at(index(s));
    }
    /// The same, sooner where rows come in the order in which these were added.
    bool match_next(const row_hash &h) {
        if (next_ == entries_.size() || !is_of(entries_[next_], h)) {
            const std::uint32_t s = slots_[slot(h)];
            if (s == 0)
                return false;
            next_ = index(s);
        }
        return match_at(next_++);
    }
    void clear() {
        entries_.clear();
        repeated_.clear();
        std::fill(slots_.begin(), slots_.end(), 0);
        next_ = 0;
    }
    /// Adds the places of the rows that are left, and forgets all. Only the first of equal rows is remembered: for the
    /// places of the others `each` calls what it is given with all rows once more.
    template <class E> void take_rest(std::vector<row_place> &to, E &&each) {
        for (const entry &e : entries_)
            if (e.is_left())
                to.push_back(e.first);
        if (std::any_of(repeated_.begin(), repeated_.end(), [](const auto &r) { return r.second > 0; }))
            each([&](const hashed_row &row) {
                const std::uint32_t s = slots_[slot(row.hash)];
                if (s == 0 || entries_[index(s)].first == row.place)
                    return;
                if (const auto more = repeated_.find(index(s)); more != repeated_.end() && more->second > 0) {
                    --more->second;
                    to.push_back(row.place);
                }
            });
        clear();
    }

private:
    struct entry {
        std::uint64_t low;
        std::uint16_t high; ///< the last bits; the first ones say in which slot it is
        row_place first;    ///< at no item: it is matched
        bool is_left() const { return first.item != 0; }
    };
    static_assert(sizeof(entry) == 16);
    static constexpr std::size_t repeated_cost = 3; ///< what a count takes, in entries

    // A slot is 0, or some of the last bits of the hash and the number of its entry, from 1. Ranges and buckets are by
    // the first bits.
    std::uint32_t tag(const row_hash &h) const { return static_cast<std::uint32_t>(h.low) << index_bits_; }
    std::uint32_t index(std::uint32_t slot) const { return (slot & ((std::uint32_t{1} << index_bits_) - 1)) - 1; }
    std::size_t home(const row_hash &h) const { return (h.high >> 32) * slots_.size() >> 32; }
    static bool is_of(const entry &e, const row_hash &h) {
        return e.low == h.low && e.high == static_cast<std::uint16_t>(h.high);
    }
    std::size_t slot(const row_hash &h) const {
        std::size_t i = home(h);
        for (; slots_[i] != 0; i = i + 1 == slots_.size() ? 0 : i + 1)
            if ((slots_[i] ^ tag(h)) >> index_bits_ == 0 && is_of(entries_[index(slots_[i])], h))
                break;
        return i;
    }
    bool match_at(std::size_t at) {
        if (!repeated_.empty())
            if (const auto more = repeated_.find(static_cast<std::uint32_t>(at));
                more != repeated_.end() && more->second > 0) {
                --more->second;
                return true;
            }
        const bool is_left = entries_[at].is_left();
        entries_[at].first.item = 0;
        return is_left;
    }

    std::size_t capacity_;
    int index_bits_;
    std::vector<entry> entries_; ///< in the order of the scan
    std::vector<std::uint32_t> slots_;
    std::unordered_map<std::uint32_t, std::uint32_t> repeated_; ///< by entry: how many more of it are left
    std::size_t next_ = 0;                                      ///< behind the entry that was matched last
};

/// Puts places in their order, of which most come so, and a few behind them.
inline void put_in_order(std::vector<row_place> &places) {
    const auto late = std::is_sorted_until(places.begin(), places.end());
    std::sort(late, places.end());
    std::inplace_merge(places.begin(), late, places.end());
}

} // namespace barometre::pg
