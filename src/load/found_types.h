#pragma once

#include "core/record/field.h"
#include "load/planned_column.h"

#include <optional>

namespace barometre::load {

/// The types of the columns that have none declared.
class found_types {
public:
    /// A further column; `so_far`: its type, and `widest`: what it may become. Where that is text, it holds all else as
    /// well, as it is written.
    void add(std::size_t column, record::found_type so_far = record::found_type::none,
             record::found_type widest = record::found_type::jsonb);
    /// Whole numbers make the column numeric, not bigint.
    void prefer_numeric(std::size_t column);
    /// The files declare the type of a column: a value is read as one of it, as far as the server does, and only whole
    /// numbers show that it is too narrow, if that is `whole`.
    void declare(std::size_t column, bool whole);
    /// Looks at the values of one record; true: a type became wider.
    bool see(const std::vector<record::field> &fields, const std::vector<std::size_t> &sources);
    /// A column whose value would need a wider type than the column may have.
    std::optional<std::size_t> misfit(const std::vector<record::field> &fields,
                                      const std::vector<std::size_t> &sources) const;
    void apply(std::vector<planned_column> &plan) const; ///< what has had no value is text
    bool has(std::size_t column) const;                  ///< and its values say of which type they are
    bool has_unseen(std::size_t column) const;           ///< no value of it was seen

private:
    struct open_column {
        std::size_t column;
        record::found_type type, widest;
        bool is_declared = false, whole = false, prefers_numeric = false;
    };
    std::vector<open_column> open_;
};

} // namespace barometre::load
