#pragma once

#include "pg/guard.h"

namespace barometre::pg {

/// A parameter: text or NULL. Statements cast it: `$1::bigint`.
using value = std::optional<std::string>;
using row = std::vector<value>;

/// What a statement gave. Values are in their text form.
struct result {
    std::vector<row> rows;
    std::uint64_t processed = 0;
    bool empty() const { return rows.empty(); }
    const value &at(std::size_t r, std::size_t c) const { return rows.at(r).at(c); }
    std::string text(std::size_t r, std::size_t c) const { return at(r, c).value_or(""); }
    std::int64_t number(std::size_t r, std::size_t c) const { return at(r, c) ? std::stoll(*at(r, c)) : 0; }
    bool yes(std::size_t r, std::size_t c) const { return text(r, c) == "t"; }
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

/// An entry point that gives no value of its own: `work` with a connection to SQL around it.
template <class Work> Datum connected(Work &&work) {
    return entry([&] {
        spi connection;
        work();
        return Datum(0);
    });
}

/// Makes the transaction, which must not have looked at anything yet, see one state of the database to its end.
void one_snapshot();
/// The opposite: each statement sees what is committed, if the transaction has not looked at anything yet.
void read_committed();

bool is_read_only(); ///< the transaction may write nothing

/// Runs one statement in the current spi connection, with a fresh snapshot. Parameters are text, unless `types` says otherwise.
result sql(const std::string &statement, const std::vector<value> &parameters = {}, long limit = 0, const std::vector<Oid> &types = {});

/// Runs a text that may hold several statements and gives nothing back.
void script(const std::string &statements);

std::string quote_identifier(const std::string &name);
std::string quote_literal(const std::string &text);
std::string qualified(const std::string &schema, const std::string &name); ///< "schema"."name", quoted where needed
value array_literal(const std::vector<std::string> &items);                ///< for `$1::text[]`
std::string json_string(const std::string &text);                          ///< a JSON string, with its quotes

/// Runs `f` in a subtransaction: what it did is undone when it throws, and the
/// exception goes on.
void in_subtransaction(const std::function<void()> &f);

} // namespace barometre::pg
