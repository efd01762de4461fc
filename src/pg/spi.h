#pragma once

#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barometre::pg {

/// A parameter, or a value of a result: text or NULL. Statements cast it: `$1::bigint`.
using cell = std::optional<std::string>;
using row = std::vector<cell>;

/// What a statement gave. Values are in their text form. Columns are read by name where there are more than two, so
/// that one more changes nothing; a name that the statement doesn't give is an internal error.
struct result {
    std::vector<std::string> names; ///< of the columns
    std::vector<row> rows;
    std::uint64_t processed = 0;
    bool empty() const { return rows.empty(); }
    const cell &at(std::size_t r, std::size_t c) const { return rows.at(r).at(c); }
    std::string text(std::size_t r, std::size_t c) const { return at(r, c).value_or(""); }
    std::int64_t number(std::size_t r, std::size_t c) const { return at(r, c) ? std::stoll(*at(r, c)) : 0; }
    bool yes(std::size_t r, std::size_t c) const { return text(r, c) == "t"; }

    std::size_t column(std::string_view name) const;
    const cell &at(std::size_t r, std::string_view name) const { return at(r, column(name)); }
    std::string text(std::size_t r, std::string_view name) const { return text(r, column(name)); }
    std::int64_t number(std::size_t r, std::string_view name) const { return number(r, column(name)); }
    bool yes(std::size_t r, std::string_view name) const { return yes(r, column(name)); }
};

/// A connection to the server's SQL for as long as it lives. `nonatomic`: a
/// procedure that may commit.
class spi {
public:
    explicit spi(bool nonatomic = false);
    ~spi();
    spi(const spi &) = delete;
    spi &operator=(const spi &) = delete;
    void commit();
    void rollback();

private:
    int exceptions_;
};

enum class parameter_type { text, bigint };

/// Runs one statement in the current spi connection, with a fresh snapshot. Parameters are text, unless `types` says
/// otherwise. The search path is the server's own catalog: no operator, function or type of it can be somebody else's.
result sql(const std::string &statement, const std::vector<cell> &parameters = {}, long limit = 0,
           const std::vector<parameter_type> &types = {});

/// The same for a look at what is committed now, also where the transaction has one snapshot. It can change nothing.
result sql_now(const std::string &statement, const std::vector<cell> &parameters = {});

/// Runs a text that may hold several statements and gives nothing back, as sql() does.
void script(const std::string &statements);

/// The same in the path of the project: for SQL of the project, and for what meets tables of users, whose triggers,
/// defaults and policies may count on that path. Strangers may have made operators and functions in one of its schemas:
/// all that barometre writes into such a statement is named with its schema, OPERATOR(pg_catalog.=) too.
result project_sql(const std::string &statement, const std::vector<cell> &parameters = {}, long limit = 0,
                   const std::vector<parameter_type> &types = {});
void project_script(const std::string &statements);

std::string quote_identifier(const std::string &name);
std::string quote_literal(const std::string &text);
std::string qualified(const std::string &schema, const std::string &name); ///< "schema"."name", quoted where needed
/// Numbers, as an int[] in the text of a statement: what the server compares with many of them, as = ANY does, goes by
/// a hash if it knows them when it plans, and else one by one.
std::string int_array(const std::vector<std::string> &numbers);
cell array_literal(const std::vector<std::string> &items); ///< for `$1::text[]`

} // namespace barometre::pg
