#pragma once

#include "pg/hashed_rows.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace barometre::pg {

/// A row of a table of versions, hashed.
struct hashed_version {
    row_hash key;
    std::uint64_t value = 0; ///< a hash of what is compared
    row_place place;
    bool is_open = false, is_marked = false;
};

/// The keys of a table of versions, each with its open version.
class version_index {
public:
    static constexpr std::size_t bytes_each = 31; ///< at most, of the keys that it was made for

    explicit version_index(std::size_t keys)
        : capacity_(std::clamp<std::size_t>(keys, 128, INT32_MAX - 1)), slots_(capacity_ + capacity_ / 3 + 1) {
        keys_.reserve(capacity_);
        values_.reserve(capacity_);
        states_.reserve(capacity_);
    }

    bool full() const { return keys_.size() >= capacity_; }
    void prefetch(const row_hash &h) const { __builtin_prefetch(&slots_[home(h)]); }
    /// False: its key has another open version.
    bool add(const hashed_version &v) {
        std::uint32_t &s = slots_[slot(v.key)];
        if (s == 0) {
            keys_.push_back({v.key.low, static_cast<std::uint16_t>(v.key.high), {}});
            values_.push_back(0);
            states_.push_back(0);
            s = static_cast<std::uint32_t>(keys_.size());
        }
        const std::size_t at = s - 1;
        if (!v.is_open) {
            states_[at] |= ended;
            return true;
        }
        if (keys_[at].has_open())
            return false;
        keys_[at].open = v.place;
        values_[at] = v.value;
        states_[at] |= v.is_marked ? marked : 0;
        return true;
    }

    enum class found { nothing, ended, same, other, again };
    /// What there is of the key of a row, which is noted: of one that has an open version another row is there `again`.
    /// Allocates nothing. Sooner where rows come in the order in which versions were added.
    found take(const row_hash &key, std::uint64_t value) {
        if (next_ >= keys_.size() || !keys_[next_].is_of(key)) {
            const std::uint32_t s = slots_[slot(key)];
            if (s == 0)
                return found::nothing;
            next_ = s - 1;
        }
        const std::size_t at = next_++;
        if (!keys_[at].has_open())
            return found::ended;
        std::uint8_t &state = states_[at];
        if (state & taken)
            return found::again;
        state |= taken;
        if (values_[at] == value && !(state & marked))
            return found::same;
        state |= differs;
        return found::other;
    }

    /// The open versions of rows that were other ones; `absent`: and those that no row was of, unless they are marked.
    std::vector<row_place> open_of_others(bool absent) const {
        std::vector<row_place> out;
        for (std::size_t i = 0; i < keys_.size(); ++i)
            if (keys_[i].has_open() && (states_[i] & differs || (absent && !(states_[i] & (taken | marked)))))
                out.push_back(keys_[i].open);
        std::sort(out.begin(), out.end());
        return out;
    }

private:
    enum : std::uint8_t { ended = 1, marked = 2, taken = 4, differs = 8 };
    struct key {
        std::uint64_t low;
        std::uint16_t high; ///< the last bits; the first ones say in which slot it is
        row_place open;     ///< at no item: it has none
        bool is_of(const row_hash &h) const { return low == h.low && high == static_cast<std::uint16_t>(h.high); }
        bool has_open() const { return open.item != 0; }
    };
    static_assert(sizeof(key) == 16);

    std::size_t home(const row_hash &h) const { return (h.high >> 32) * slots_.size() >> 32; }
    std::size_t slot(const row_hash &h) const {
        std::size_t i = home(h);
        for (; slots_[i] != 0 && !keys_[slots_[i] - 1].is_of(h); i = i + 1 == slots_.size() ? 0 : i + 1)
            ;
        return i;
    }

    std::size_t capacity_;
    std::vector<key> keys_; ///< in the order of the scan
    std::vector<std::uint64_t> values_;
    std::vector<std::uint8_t> states_;
    std::vector<std::uint32_t> slots_; ///< 0, or the number of a key, from 1
    std::size_t next_ = 0;             ///< behind the key that was found last
};

} // namespace barometre::pg
