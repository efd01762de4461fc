#include "model/relation/apply.h"
#include "core/error.h"
#include "core/graph/dag.h"
#include "core/text/text.h"
#include "load/withheld.h"
#include "pg/named_rows.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

namespace barometre::model::relation {

void changed_by_others(const std::string &target) {
    throw error("40001", "another session changed " + target + " while it was being built",
                "Nothing of it is published.",
                "Run again; let nothing but baro_transform() write into the tables of models.");
}

namespace {

using rows = std::vector<pg::row_place>;

void take_out(rows &from, rows taken) {
    std::sort(taken.begin(), taken.end());
    std::erase_if(from, [&](const pg::row_place &r) { return std::binary_search(taken.begin(), taken.end(), r); });
}

/// One table on its way to what it should be.
class table_change {
public:
    explicit table_change(const candidate &c)
        : c(c), target_(c.target()), source_(c.made()), gone_(compared().gone), missing_(compared().missing) {
        for (const pg::table_column &column : pg::columns_of(c.schema, c.built)) {
            columns_.push_back(column.name);
            types_[column.name] = column.type;
        }
        find_keys();
    }

    const candidate &c;
    bool is_referenced() const { return !keys_.empty(); }

    void remove() {
        if (gone_.empty())
            return;
        work([&] {
            const bool all = compared().kept == 0 && gone_.size() == compared().gone.size() && !is_referenced();
            write(load::writes::deletion, gone_.size(), [&] {
                const pg::named_rows gone("_baro_gone", gone_);
                return pg::project_sql("DELETE FROM ONLY " + target_ +
                                       (all ? ""
                                            : " AS t USING _baro_gone WHERE t.ctid OPERATOR(pg_catalog.=) "
                                              "_baro_gone.id"))
                    .processed;
            });
        });
        gone_.clear();
    }

    void add() {
        if (missing_.empty())
            return;
        work([&] {
            write(load::writes::insert, missing_.size(), [&] {
                const pg::named_rows missing("_baro_missing", missing_);
                return pg::project_sql(into() + pg::column_list(columns_, "b.") + " FROM " +
                                       (compared().kept == 0 && missing_.size() == compared().missing.size()
                                            ? source_ + " AS b"
                                            : built_rows()))
                    .processed;
            });
        });
        missing_.clear();
    }

    /// Of a referenced table: adds the rows whose keys the table doesn't have.
    void add_new_keys() {
        if (missing_.empty())
            return;
        std::string known;
        for (const auto &key : keys_)
            known += " AND NOT EXISTS (SELECT FROM ONLY " + target_ + " AS t WHERE " + same(key) + ")";
        work([&] {
            rows fresh;
            {
                const pg::named_rows missing("_baro_missing", missing_);
                fresh =
                    pg::row_places(pg::project_sql("SELECT b.ctid FROM " + built_rows() + " WHERE true" + known), 0);
            }
            if (fresh.empty())
                return;
            freeing([&] {
                write(load::writes::insert, fresh.size(), [&] {
                    const pg::named_rows missing("_baro_missing", fresh);
                    return pg::project_sql(into() + pg::column_list(columns_, "b.") + " FROM " + built_rows())
                        .processed;
                });
            });
            take_out(missing_, fresh);
        });
    }

    /// Of a referenced table: gives rows that stay under their key their new values. With several keys, first those
    /// that agree in all.
    void update() {
        std::vector<std::vector<std::string>> tries = keys_;
        if (keys_.size() > 1) {
            std::vector<std::string> all;
            for (const auto &key : keys_)
                all.insert(all.end(), key.begin(), key.end());
            tries.insert(tries.begin(), all);
        }
        for (const auto &key : tries) {
            std::string set;
            for (const std::string &column : columns_)
                if (!text::contains(key, column))
                    text::append(set, pg::quote_identifier(column) + " = b." + pg::quote_identifier(column));
            if (set.empty() || gone_.empty() || missing_.empty())
                continue;
            work([&] {
                freeing([&] {
                    const pg::named_rows gone("_baro_gone", gone_), missing("_baro_missing", missing_);
                    const std::string pairs = built_rows() + " JOIN " + target_of_gone() + " ON " + same(key);
                    const load::withholders withheld(target_, load::writes::update);
                    const auto promised = withheld.any() ? pg::project_sql("SELECT FROM " + pairs).processed : 0;
                    if (withheld.has_rule() && promised > 0) // which takes no RETURNING
                        refuse(withheld, promised, promised);
                    auto updated =
                        pg::project_sql("UPDATE ONLY " + target_ + " AS t SET " + set + " FROM _baro_gone, " +
                                        built_rows() + " WHERE t.ctid OPERATOR(pg_catalog.=) _baro_gone.id AND " +
                                        same(key) + " RETURNING _baro_gone.id, _baro_missing.id");
                    if (updated.rows.size() < promised)
                        refuse(withheld, promised - updated.rows.size(), promised);
                    take_out(gone_, pg::row_places(updated, 0));
                    take_out(missing_, pg::row_places(updated, 1));
                });
            });
        }
    }

private:
    const pg::row_difference &compared() const { return *c.difference.rows; }
    std::string into() const {
        return "INSERT INTO " + target_ + (columns_.empty() ? "" : " (" + pg::column_list(columns_) + ")") + " SELECT ";
    }
    std::string built_rows() const {
        return source_ + " AS b JOIN _baro_missing ON b.ctid OPERATOR(pg_catalog.=) _baro_missing.id";
    }

    /// The rows of the target that go, or change.
    std::string target_of_gone() const {
        return "(SELECT t.* FROM ONLY " + target_ +
               " AS t JOIN _baro_gone ON t.ctid OPERATOR(pg_catalog.=) _baro_gone.id) AS t";
    }

    /// Runs `f`, which gives how many rows the server says it wrote, and throws when it did not write all.
    void write(load::writes what, std::size_t promised, const std::function<std::uint64_t()> &f) const {
        const load::withholders withheld(target_, what);
        // What a rule writes elsewhere is counted too.
        const auto count = [&] {
            return withheld.has_rule() ? pg::project_sql("SELECT pg_catalog.count(*) FROM ONLY " + target_).number(0, 0)
                                       : 0;
        };
        const std::int64_t before = count();
        std::uint64_t done = f();
        if (withheld.has_rule())
            done = static_cast<std::uint64_t>(std::abs(count() - before));
        if (done < promised)
            refuse(withheld, promised - done, promised);
    }

    /// Who else but a trigger or a rule? Another session.
    [[noreturn]] void refuse(const load::withholders &by, std::size_t kept, std::size_t of) const {
        if (!by.any())
            changed_by_others(target_);
        by.refuse(static_cast<std::int64_t>(kept), static_cast<std::int64_t>(of));
    }

    std::string same(const std::vector<std::string> &key) const {
        return text::join(key, " AND ", [&](const std::string &k) {
            const std::string name = pg::quote_identifier(k);
            return pg::comparison_of(types_.at(k)).equal("t." + name, "b." + name);
        });
    }

    /// The keys by which foreign keys refer to the table.
    void find_keys() {
        auto found =
            pg::sql("SELECT DISTINCT (SELECT array_to_json(array_agg(a.attname ORDER BY a.attname))::text FROM "
                    "unnest(f.confkey) AS u(n) "
                    "JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = u.n), f.confkey "
                    "FROM pg_catalog.pg_constraint f WHERE f.confrelid = $1::oid AND f.contype = 'f' ORDER BY 1",
                    {std::to_string(c.published.oid)});
        std::set<std::string> seen;
        for (std::size_t i = 0; i < found.rows.size(); ++i) {
            if (!seen.insert(found.text(i, 0)).second)
                continue;
            auto names = pg::sql("SELECT json_array_elements_text($1::json)", {found.text(i, 0)});
            std::vector<std::string> key;
            for (std::size_t k = 0; k < names.rows.size(); ++k)
                key.push_back(names.text(k, 0));
            keys_.push_back(key);
        }
    }

    void work(const std::function<void()> &f) const {
        try {
            f();
        } catch (const error &e) {
            if (e.sqlstate == "40001")
                changed_by_others(target_);
            throw;
        }
    }

    /// Runs `f`; when a unique value of a row that goes or changes stands in its way, those values are taken away
    /// first, where they may be NULL, and it is run again.
    void freeing(const std::function<void()> &f) {
        try {
            pg::in_subtransaction(f);
            return;
        } catch (error &e) {
            if (e.sqlstate != "23505" || gone_.empty())
                throw;
            e.hint = "A unique constraint that is DEFERRABLE lets rows exchange their values.";
            const std::string set = nullable_unique_columns();
            if (set.empty())
                throw;
            const pg::named_rows gone("_baro_gone", gone_);
            auto moved =
                pg::project_sql("UPDATE ONLY " + target_ + " AS t SET " + set +
                                " FROM _baro_gone WHERE t.ctid OPERATOR(pg_catalog.=) _baro_gone.id RETURNING t.ctid");
            if (moved.rows.size() < gone_.size())
                refuse(load::withholders(target_, load::writes::update), gone_.size() - moved.rows.size(),
                       gone_.size());
            gone_ = pg::row_places(moved, 0);
        }
        f();
    }

    std::string nullable_unique_columns() const {
        auto found = pg::sql("SELECT DISTINCT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON "
                             "a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
                             "WHERE i.indrelid = $1::oid AND i.indisunique AND NOT i.indisprimary AND NOT a.attnotnull",
                             {std::to_string(c.published.oid)});
        std::string set;
        for (std::size_t i = 0; i < found.rows.size(); ++i) {
            const std::string name = found.text(i, 0);
            if (std::none_of(keys_.begin(), keys_.end(), [&](const auto &key) { return text::contains(key, name); }))
                text::append(set, pg::quote_identifier(name) + " = NULL");
        }
        return set;
    }

    std::string target_, source_;
    std::vector<std::string> columns_;
    std::map<std::string, std::string> types_; ///< of the columns
    std::vector<std::vector<std::string>> keys_;
    rows gone_, missing_;
};

/// The tables so that each comes after those that its foreign keys refer to.
std::vector<table_change *> parents_first(std::vector<table_change> &tables) {
    std::vector<std::string> oids;
    for (const table_change &t : tables)
        oids.push_back(std::to_string(t.c.published.oid));
    auto found = pg::sql("SELECT DISTINCT conrelid, confrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND "
                         "conrelid = ANY ($1::oid[]) "
                         "AND confrelid = ANY ($1::oid[]) AND conrelid <> confrelid",
                         {pg::array_literal(oids)});
    graph::dag keys;
    for (const std::string &oid : oids)
        keys.add_node(oid);
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        keys.add_edge(found.text(i, 1), found.text(i, 0));
    std::vector<std::string> order;
    try {
        order = keys.order();
    } catch (const error &) { // in a circle, where only deferred keys can help
        order = oids;
    }
    std::vector<table_change *> out;
    for (const std::string &oid : order)
        for (table_change &t : tables)
            if (std::to_string(t.c.published.oid) == oid)
                out.push_back(&t);
    return out;
}

} // namespace

void apply_differences(const std::vector<candidate *> &candidates, const candidate *&at) {
    std::vector<table_change> tables;
    tables.reserve(candidates.size());
    for (const candidate *c : candidates)
        tables.emplace_back(*c);
    const auto order = parents_first(tables);
    auto each = [&](bool referenced, bool forward, void (table_change::*what)()) {
        for (std::size_t i = 0; i < order.size(); ++i) {
            table_change &t = *order[forward ? i : order.size() - 1 - i];
            at = &t.c;
            if (t.is_referenced() == referenced)
                (t.*what)();
        }
    };
    // Where nothing refers to a row, it goes first: the one that replaces it may have its unique key. A row that others
    // refer to stays as long as they may.
    each(false, false, &table_change::remove);
    each(true, true, &table_change::add_new_keys);
    each(true, true, &table_change::update);
    each(false, true, &table_change::add);
    each(true, false, &table_change::remove);
    each(true, true, &table_change::add); // under keys that were taken, or NULL
    at = nullptr;
}

} // namespace barometre::model::relation
