#pragma once

#include "load/withheld.h"
#include "model/relation/candidate.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace barometre::model::relation {

/// One table on its way to what it should be, step by step: see apply_differences().
class table_change {
public:
    explicit table_change(const candidate &c);
    virtual ~table_change() = default;
    table_change(const table_change &) = delete;
    table_change &operator=(const table_change &) = delete;

    const candidate &c;
    bool is_referenced() const { return !keys_.empty(); }

    virtual void remove() = 0; ///< the rows that still have to go
    virtual void add() = 0;    ///< the rows that are still missing
    /// Of a referenced table: adds the rows whose keys the table doesn't have.
    virtual void add_new_keys() = 0;
    /// Of a referenced table: gives rows that stay under their key their new values. With several keys, first those
    /// that agree in all.
    virtual void update() = 0;

protected:
    const pg::row_difference &compared() const { return *c.difference.rows; }
    /// Nothing stays, and all that was built comes.
    bool is_all_missing(std::size_t missing) const {
        return compared().kept == 0 && missing == compared().missing.size();
    }
    bool is_all_gone(std::size_t gone) const {
        return compared().kept == 0 && gone == compared().gone.size() && !is_referenced();
    }
    std::string into() const; ///< INSERT INTO ... SELECT

    /// Runs `f`, which gives how many rows the server says it wrote, and throws when it did not write all.
    void write(load::writes what, std::size_t promised, const std::function<std::uint64_t()> &f) const;
    /// Who else but a trigger or a rule? Another session.
    [[noreturn]] void refuse(const load::withholders &by, std::size_t kept, std::size_t of) const;
    /// Runs `f`; that rows are others by now is told so.
    virtual void work(const std::function<void()> &f) const;
    /// Runs `f`; when a unique value of a row that goes or changes stands in its way, and such values may be NULL, they
    /// are taken away by `take_away`, which is given what to SET, and it is run again. `any_goes`: there are such rows.
    void freeing(bool any_goes, const std::function<void(const std::string &)> &take_away,
                 const std::function<void()> &f) const;

    /// That two rows have the same key.
    std::string same(const std::vector<std::string> &key, const std::string &one = "t",
                     const std::string &other = "b") const;
    /// The keys by which update() finds rows, in their order, each with what is SET from a row b; where a key is all
    /// that a row has, there is nothing.
    std::vector<std::pair<std::vector<std::string>, std::string>> updates() const;

    const std::string target_, source_;
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> keys_; ///< by which foreign keys refer to the table

private:
    void find_keys();
    std::string nullable_unique_columns() const;

    std::map<std::string, std::string> types_; ///< of the columns
};

/// Of a table whose rows have places in its own heap.
std::unique_ptr<table_change> change_in_heap(const candidate &c);
/// Of any other: by what the rows hold, in statements that only say what and not where.
std::unique_ptr<table_change> change_by_sql(const candidate &c);

} // namespace barometre::model::relation
