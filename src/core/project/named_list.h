#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace barometre::project {

/// A list of what has a name, each of which is found by it without going through all. The places of the names are
/// looked up at the first call of find() since others could change the list; who holds something of it does not
/// change its name.
template <class T> class named_list {
public:
    using value_type = T;
    using iterator = typename std::vector<T>::iterator;
    using const_iterator = typename std::vector<T>::const_iterator;

    bool empty() const { return all_.empty(); }
    std::size_t size() const { return all_.size(); }
    const_iterator begin() const { return all_.begin(); }
    const_iterator end() const { return all_.end(); }
    const T &front() const { return all_.front(); }
    const T &back() const { return all_.back(); }
    const T &operator[](std::size_t i) const { return all_[i]; }
    const T &at(std::size_t i) const { return all_.at(i); }

    iterator begin() {
        places_.clear();
        return all_.begin();
    }
    iterator end() { return all_.end(); }
    void push_back(T one) {
        all_.push_back(std::move(one));
        if (!places_.empty())
            note(all_.size() - 1);
    }
    iterator insert(iterator before, T one) {
        places_.clear();
        return all_.insert(before, std::move(one));
    }
    template <class From> iterator insert(iterator before, From first, From last) {
        places_.clear();
        return all_.insert(before, first, last);
    }
    iterator erase(iterator first, iterator last) {
        places_.clear();
        return all_.erase(first, last);
    }
    template <class From> void assign(From first, From last) {
        places_.clear();
        all_.assign(first, last);
    }
    void clear() {
        places_.clear();
        all_.clear();
    }

    /// The first one of that name; nothing: there is none.
    const T *find(std::string_view name) const {
        if (all_.size() <= few) {
            const auto found = std::find_if(all_.begin(), all_.end(), [&](const T &one) { return one.name == name; });
            return found == all_.end() ? nullptr : &*found;
        }
        if (places_.empty())
            note_all();
        const std::uint32_t place = places_[slot_of(name)];
        return place == none ? nullptr : &all_[place];
    }
    T *find(std::string_view name) { return const_cast<T *>(std::as_const(*this).find(name)); }

private:
    static constexpr std::size_t few = 8;
    static constexpr std::uint32_t none = UINT32_MAX;

    /// Where the place of that name is, or would be.
    std::size_t slot_of(std::string_view name) const {
        const std::size_t last = places_.size() - 1;
        std::size_t slot = std::hash<std::string_view>()(name) & last;
        while (places_[slot] != none && all_[places_[slot]].name != name)
            slot = (slot + 1) & last;
        return slot;
    }

    void note(std::size_t place) const {
        if (2 * all_.size() > places_.size())
            return places_.clear(); // of a list that grew, more are made at once
        if (std::uint32_t &slot = places_[slot_of(all_[place].name)]; slot == none)
            slot = static_cast<std::uint32_t>(place);
    }

    void note_all() const {
        std::size_t size = 4 * few;
        while (size < 4 * all_.size())
            size *= 2;
        places_.assign(size, none);
        for (std::size_t i = 0; i < all_.size(); ++i)
            note(i);
    }

    std::vector<T> all_;
    /// By the hashes of names, in `all_`; empty: they are not looked up.
    mutable std::vector<std::uint32_t> places_;
};

template <class T, class Test> void erase_if(named_list<T> &list, Test &&test) {
    const auto first = list.begin();
    list.erase(std::remove_if(first, list.end(), std::forward<Test>(test)), list.end());
}

} // namespace barometre::project
