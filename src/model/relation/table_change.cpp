#include "model/relation/table_change.h"
#include "core/error.h"
#include "core/text/text.h"
#include "model/relation/apply.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace barometre::model::relation {

table_change::table_change(const candidate &change) : c(change), target_(c.target()), source_(c.made()) {
    for (const pg::table_column &column : pg::columns_of(c.schema, c.built)) {
        columns_.push_back(column.name);
        types_[column.name] = column.type;
    }
    find_keys();
}

std::string table_change::into() const {
    return "INSERT INTO " + target_ + (columns_.empty() ? "" : " (" + pg::column_list(columns_) + ")") + " SELECT ";
}

void table_change::write(load::writes what, std::size_t promised, const std::function<std::uint64_t()> &f) const {
    const load::withholders withheld(target_, what);
    // What a rule writes elsewhere is counted too.
    const auto count = [&] {
        return withheld.has_rule()
                   ? pg::project_sql("SELECT pg_catalog.count(*) FROM " + c.published_rows()).number(0, 0)
                   : 0;
    };
    const std::int64_t before = count();
    std::uint64_t done = f();
    if (withheld.has_rule())
        done = static_cast<std::uint64_t>(std::abs(count() - before));
    if (done < promised)
        refuse(withheld, promised - done, promised);
}

void table_change::refuse(const load::withholders &by, std::size_t kept, std::size_t of) const {
    if (!by.any())
        changed_by_others(target_);
    by.refuse(static_cast<std::int64_t>(kept), static_cast<std::int64_t>(of));
}

void table_change::work(const std::function<void()> &f) const {
    try {
        f();
    } catch (const error &e) {
        if (e.sqlstate == "40001")
            changed_by_others(target_);
        throw;
    }
}

void table_change::freeing(bool any_goes, const std::function<void(const std::string &)> &take_away,
                           const std::function<void()> &f) const {
    try {
        pg::in_subtransaction(f);
        return;
    } catch (error &e) {
        if (e.sqlstate != "23505" || !any_goes)
            throw;
        e.hint = "A unique constraint that is DEFERRABLE lets rows exchange their values.";
        const std::string set = nullable_unique_columns();
        if (set.empty())
            throw;
        take_away(set);
    }
    f();
}

std::string table_change::same(const std::vector<std::string> &key, const std::string &one,
                               const std::string &other) const {
    return text::join(key, " AND ", [&](const std::string &k) {
        const std::string name = "." + pg::quote_identifier(k);
        return pg::comparison_of(types_.at(k)).equal(one + name, other + name);
    });
}

std::vector<std::pair<std::vector<std::string>, std::string>> table_change::updates() const {
    std::vector<std::vector<std::string>> tries = keys_;
    if (keys_.size() > 1) {
        std::vector<std::string> all;
        for (const auto &key : keys_)
            all.insert(all.end(), key.begin(), key.end());
        tries.insert(tries.begin(), all);
    }
    std::vector<std::pair<std::vector<std::string>, std::string>> out;
    for (const auto &key : tries) {
        std::string set;
        for (const std::string &column : columns_)
            if (!text::contains(key, column))
                text::append(set, pg::quote_identifier(column) + " = b." + pg::quote_identifier(column));
        if (!set.empty())
            out.emplace_back(key, set);
    }
    return out;
}

void table_change::find_keys() {
    auto found = pg::sql("SELECT DISTINCT (SELECT array_to_json(array_agg(a.attname ORDER BY a.attname))::text FROM "
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

std::string table_change::nullable_unique_columns() const {
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

} // namespace barometre::model::relation
