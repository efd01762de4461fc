#pragma once

#include <string>
#include <vector>

namespace barometre::model::relation {

/// What hangs on a relation and would be lost with it: grants and comments; of a view also options and triggers, of a
/// materialized view also options and indexes.
class keepsakes {
public:
    keepsakes() = default;
    explicit keepsakes(const std::string &relation);
    void give_back(char kind) const; ///< to the relation of that name, which takes no other grants
    char kind() const { return kind_; }

private:
    char kind_ = 0;
    std::string relation_;
    std::vector<std::string> grants_, comments_, of_kind_;
    std::string comment_; ///< as a literal; empty: none
};

/// The options of a view, as a statement that sets them again; empty: none.
std::string options_of(const std::string &view);

} // namespace barometre::model::relation
