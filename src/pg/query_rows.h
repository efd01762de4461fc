#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <memory>
#include <string>

namespace barometre::pg {

/// The rows that one SELECT gave, beside all tables: in memory, and beyond maintenance_work_mem in a temporary file.
class query_rows {
public:
    /// Runs it as project_sql() does.
    explicit query_rows(const std::string &query);
    ~query_rows();
    query_rows(const query_rows &) = delete;
    query_rows &operator=(const query_rows &) = delete;

    /// Whether they had room. Where temp_file_limit left them none, they are not here, and the query undid what it did.
    bool are_kept() const;
    std::int64_t count() const;
    /// Whether a plain table has the same columns, in any order, and just these rows, as compare_rows() tells it and
    /// under what that says of snapshots and locks.
    bool are_those_of(oid table) const;
    /// Makes a table of them: `lead` is CREATE TABLE ... AS, with its blank.
    void make_table(const std::string &lead) const;

private:
    void forget();

    int exceptions_;
    struct state;
    std::unique_ptr<state> s_;
};

} // namespace barometre::pg
