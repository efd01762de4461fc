#pragma once

#include "core/json/fault.h"
#include "core/record/found_type.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barometre::json {

/// A value of JSON with all that is in it, as deep as it was asked for.
struct tree {
    enum class kinds { null, boolean, number, text, object, array };
    kinds kind = kinds::null;
    std::string_view raw; ///< as it is written, for as long as the text it was read from
    std::string text;     ///< of a text
    struct member;
    std::vector<member> members;
    std::vector<tree> elements;

    bool is(kinds k) const { return kind == k; }
    /// A member; of several of one key the last one. None: there is none.
    const tree *find(std::string_view key) const;
};

struct tree::member {
    std::string key;
    tree value;
};

/// Reads values by simdjson (On-Demand): for the few that say what others mean, not for records.
class tree_reader {
public:
    tree_reader();
    ~tree_reader();
    tree_reader(const tree_reader &) = delete;
    tree_reader &operator=(const tree_reader &) = delete;

    /// The object or array that is the whole text, which has padding; what lies deeper than `levels` is looked through,
    /// and only its raw text is there. Nothing is nested deeper than json::deepest.
    std::optional<fault> read(std::string_view text, int levels, tree &to);

private:
    std::unique_ptr<struct parsing> s_;
};

} // namespace barometre::json
