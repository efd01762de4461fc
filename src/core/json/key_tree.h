#pragma once

#include "core/json/fault.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace barometre::json {

/// The keys of records, and which of their fields each one is. Keys come in the same order in most records, so that the
/// one that is expected next is looked at first.
class key_tree {
public:
    /// What a header calls a key, where none is without a text.
    static std::string name_of(std::string_view key);

    struct node;
    struct entry {
        std::string name() const { return name_of(key); } ///< in a header

        std::string key;
        std::size_t field =
            fault::no_field;         ///< none: its values are objects that are flattened, or it is none of the header
        std::unique_ptr<node> below; ///< members of objects that are flattened
        std::size_t place = 0;       ///< in its node
        bool is_plain = true;        ///< in JSON it is written as it is
        bool is_passed_over = false; ///< no field of a header that is whole is its
        std::uint64_t seen_in = 0;   ///< the number of the record that had it last
    };
    struct node {
        std::string prefix; ///< of its fields' names: a__b__
        std::vector<std::unique_ptr<entry>> entries{};
        std::unordered_map<std::string_view, entry *> by_key{};
        std::size_t expected = 0;
        std::vector<entry *> had{}; ///< by the last object, of those that are flattened

        /// The entry of a key; none: there is none yet.
        entry *find(std::string_view key);
        /// The one that is expected, if `raw`, what follows a key's first quote, begins with it and its last quote. So
        /// many bytes as json::padding can be read behind that.
        entry *guess(const char *raw);
        entry *add(std::string_view key);
    };

    node &root() { return root_; }
    static node &below(const node &parent, entry &e);

private:
    node root_;
};

} // namespace barometre::json
