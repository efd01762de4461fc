#pragma once

#include "pg/oid.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace barometre::pg {

/// A place in a query's text where a table or view is named.
struct mention {
    std::string schema, name;       ///< schema empty: the search path finds it
    std::size_t begin = 0, end = 0; ///< bytes [begin, end) of the text that hold the name (schema included)
    bool has_alias = false;
    bool column = false;      ///< not a table but the "schema.table" before ".column" (or ".*") of a column's name
    std::size_t alias_at = 0; ///< where an alias goes: later than `end` for "x *" and "ONLY (x)"
    std::vector<std::size_t>
        inheritance; ///< where the tokens of ONLY x, ONLY (x) or x * stand: only a table takes them
    std::optional<std::size_t> table_word; ///< where TABLE stands in "TABLE x", which takes no alias
    int scope = 0;                         ///< the SELECT whose FROM or expressions it is in
};

struct parsed_query {
    std::vector<mention> mentions; ///< by position
    std::string reads_clock;       ///< a literal such as 'now' or 'today' that stands for the current time; empty: none
    // What redirect() must know:
    std::vector<int> scopes;                           ///< of each SELECT: the one around it; -1: none
    std::set<std::pair<int, std::string>> other_names; ///< what else is visible in a SELECT: aliases, CTEs, functions
    std::set<std::string> short_names; ///< tables' names that columns are named by: name.column, or name alone
};

/// Parses `sql`, without looking at any catalog. Names of CTEs are not mentions.
/// Throws the server's syntax error (with query and query_position set, position
/// in characters from 1), or project_invalid when it is not exactly one SELECT
/// (VALUES, TABLE, WITH ... SELECT are), has INTO, FOR UPDATE/SHARE or a CTE that
/// changes data.
parsed_query parse_query(const std::string &sql);

/// The same text with some of the tables that it names replaced. `to` gives for
/// a mention the new qualified, quoted name, or nothing. An alias with the
/// table's own name is added where the query has none, and three-part column
/// names lose their schema, so that columns are found as before. Lines keep their
/// numbers. Throws project_invalid when columns could not be told apart then.
std::string redirect(const std::string &sql, const parsed_query &parsed,
                     const std::function<std::optional<std::string>(const mention &)> &to);

/// A column of a query's result.
struct result_column {
    std::string name;
    std::string type; ///< as SQL writes it: numeric(10,2)
    bool operator==(const result_column &) const = default;
};

struct relation_read {
    oid relation;
    oid through; ///< the view that the query names and by which it is reached; no_oid: directly
};

/// What a query reads and calls, as the server understands it now.
struct analyzed_query {
    /// Tables, foreign tables, materialized views, partitioned tables: everything
    /// but views. One that is reached in several ways comes once for each.
    std::vector<relation_read> relations;
    std::vector<oid> views; ///< every view on the way
    /// Functions called, also behind operators and in views, aggregates and window
    /// functions too, and what an aggregate that isn't built in consists of.
    std::vector<oid> functions;
    /// Why its result may change by itself: "CURRENT_DATE", "TABLESAMPLE"...; empty
    /// if it doesn't. Volatility of functions is judged by the caller.
    std::string always_changes;
    std::vector<result_column> columns;
};

/// Takes one SELECT, as parse_query does. Locks what it reads until the transaction's end.
analyzed_query analyze_query(const std::string &sql);

} // namespace barometre::pg
