#pragma once

#include "core/error.h"
#include "pg/spi.h"

namespace barometre::load {

/// Statements that write, together: what a table's rows may go through.
enum class writes { insert, upsert, update, deletion };

/// What of a table can keep the server from writing, or deleting, a row that a statement means, without an error: a
/// trigger BEFORE ... FOR EACH ROW that returns NULL, a rule INSTEAD, row security, a foreign table below it.
class withholders {
public:
    withholders(std::string target, writes what);

    bool any() const { return !names_.empty(); }
    /// The count that the server gives may be that of rows which went elsewhere, or can't be seen.
    bool hides() const { return hides_; }
    bool has_rule() const { return has_rule_; }

    /// Throws contract, naming them: `kept` of `of` rows were not written.
    [[noreturn]] void refuse(std::int64_t kept, std::int64_t of) const;
    /// The same if rows of `source`, which has the lineage columns, are nowhere in the table: those that a trigger put
    /// where they can be seen, in a child for example, are written. `done`: as many as the server says.
    void look_for(const std::string &source, std::int64_t done, std::int64_t promised) const;
    /// The same if `rows`, a query that counts, still finds some that were to be deleted. `done`: as the server says.
    void look_whether_gone(const std::string &rows, std::int64_t done) const;

private:
    std::string target_, names_, remedy_;
    writes what_;
    bool hides_ = false, has_rule_ = false;
};

/// Deletes rows of `target` by a statement, and throws contract if some stay; `rest`: a query that counts them.
std::int64_t delete_rows(const std::string &target, const std::string &statement, const std::string &rest);
/// The same of one table's rows: ` FROM ... WHERE ...`.
std::int64_t delete_rows(const std::string &target, const std::string &rows);

/// Of an error of a statement that writes: throws a sentence of it where the table, whose rows are `elsewhere`, takes
/// no such statement.
void refuse_unwritable(const std::string &target, const std::string &elsewhere, const error &e);

} // namespace barometre::load
