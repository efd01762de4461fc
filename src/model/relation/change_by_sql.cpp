#include "core/error.h"
#include "core/text/text.h"
#include "load/same_rows.h"
#include "load/withheld.h"
#include "model/relation/copy.h"
#include "model/relation/table_change.h"
#include "pg/distribution.h"
#include "pg/named_rows.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/spi.h"

namespace barometre::model::relation {

namespace {

/// Holds the rows that go, and those that are missing, in private tables of their own, made when the first of them is
/// needed: what the statements on the target name is values.
class sql_change : public table_change {
public:
    explicit sql_change(const candidate &change)
        : table_change(change), gone_left_(compared().gone.size()), missing_left_(compared().missing.size()) {}

    void remove() override {
        if (gone_left_ > 0)
            work([&] {
                if (is_all_gone(gone_left_)) {
                    write(load::writes::deletion, gone_left_,
                          [&] { return pg::project_sql("DELETE FROM " + c.published_rows()).processed; });
                } else {
                    load::delete_same(target_, c.published_rows(), gone(), part("same"));
                }
                gone_left_ = 0;
            });
        drop("gone", gone_made_);
    }

    void add() override {
        if (missing_left_ > 0)
            work([&] {
                const std::string from = is_all_missing(missing_left_) ? source_ : missing();
                write(load::writes::insert, missing_left_, [&] {
                    return pg::project_sql(into() + pg::column_list(columns_, "b.") + " FROM " + from + " AS b")
                        .processed;
                });
                missing_left_ = 0;
            });
        drop("missing", missing_made_);
    }

    void add_new_keys() override {
        if (missing_left_ == 0)
            return;
        work([&] {
            // The keys that are there by a plain join, which all that plan otherwise take.
            std::string known, others;
            for (const auto &key : keys_) {
                const std::string there =
                    make("known" + std::to_string(others.size()),
                         "SELECT " + pg::column_list(key, "t.") + " FROM " + c.published_rows() + " AS t JOIN " +
                             beside_published(c, missing()) + " AS b ON " + same(key));
                known += " AND NOT EXISTS (SELECT FROM " + there + " AS k WHERE " + same(key, "k") + ")";
                text::append(others, there);
            }
            const std::string fresh = make("fresh", "SELECT b.* FROM " + missing() + " AS b WHERE true" + known);
            pg::project_script("DROP TABLE " + others);
            const std::size_t count = rows_of(fresh);
            if (count > 0) {
                free_and([&] {
                    write(load::writes::insert, count, [&] {
                        return pg::project_sql(into() + pg::column_list(columns_, "b.") + " FROM " + fresh + " AS b")
                            .processed;
                    });
                });
                pg::project_sql("DELETE FROM " + missing() + " AS b WHERE true" + known_in(fresh));
                missing_left_ = rows_of(missing());
            }
            pg::project_script("DROP TABLE " + fresh);
        });
    }

    void update() override {
        for (const auto &[key, set] : updates())
            if (gone_left_ > 0 && missing_left_ > 0)
                work([&] {
                    gone(), missing(); // outside of what may be tried twice
                    free_and([&] { update_by(key, set); });
                });
    }

private:
    /// A key names one row of either side.
    void update_by(const std::vector<std::string> &key, const std::string &set) {
        // Of which no text can be asked for is locked since it was compared.
        const std::string still =
            pg::is_planned_otherwise(c.published.oid)
                ? ""
                : " AND " + load::content_of("t", columns_) + " OPERATOR(pg_catalog.=) b._baro_content";
        const std::string pairs =
            make("pairs", "SELECT b.*, " + load::content_of("g", columns_) +
                              " AS _baro_content, g.ctid AS _baro_gone, b.ctid AS _baro_missing "
                              "FROM " +
                              gone() + " AS g JOIN " + missing() + " AS b ON " + same(key, "g", "b"));
        if (const std::size_t count = rows_of(pairs); count > 0) {
            const std::string from = pg::spread_copy(target_, pairs);
            write_updates(count, [&] {
                return pg::project_sql("UPDATE " + c.published_rows() + " AS t SET " + set + " FROM " + from +
                                       " AS b WHERE " + same(key) + still)
                    .processed;
            });
            if (from != pairs)
                pg::project_script("DROP TABLE " + from);
            for (const auto &[from, place] : {std::pair(gone(), "_baro_gone"), std::pair(missing(), "_baro_missing")})
                pg::project_sql("DELETE FROM " + from + " AS x USING " + pairs + " AS p WHERE p." + place +
                                " OPERATOR(pg_catalog.=) x.ctid");
            gone_left_ -= count;
            missing_left_ -= count;
        }
        pg::project_script("DROP TABLE " + pairs);
    }

    /// An update leaves as many rows as there were, by which no rule is seen.
    void write_updates(std::size_t promised, const std::function<std::uint64_t()> &f) const {
        const load::withholders withheld(target_, load::writes::update);
        if (withheld.has_rule())
            refuse(withheld, promised, promised);
        if (const std::uint64_t done = f(); done < promised)
            refuse(withheld, promised - done, promised);
    }

    void free_and(const std::function<void()> &f) {
        freeing(
            gone_left_ > 0,
            [&](const std::string &set) {
                const load::same_rows same(target_, gone(), columns_);
                write_updates(gone_left_, [&] {
                    return pg::project_sql("UPDATE " + c.published_rows() + " AS t SET " + set + " FROM " +
                                           same.contents() + " WHERE " + same.matches())
                        .processed;
                });
                same.drop();
                pg::project_sql("UPDATE " + gone() + " SET " + set);
            },
            f);
    }

    std::string known_in(const std::string &fresh) const {
        return " AND EXISTS (SELECT FROM " + fresh + " AS f WHERE " + load::content_of("f", columns_) +
               " OPERATOR(pg_catalog.=) " + load::content_of("b", columns_) + ")";
    }

    std::string part(const std::string &name) const { return pg::qualified(c.schema, c.copy + "_" + name); }
    std::string make(const std::string &name, const std::string &query) const {
        const std::string table = part(name);
        pg::project_script("CREATE UNLOGGED TABLE " + table + " USING heap AS " + query);
        return table;
    }
    static std::size_t rows_of(const std::string &table) {
        return static_cast<std::size_t>(pg::project_sql("SELECT pg_catalog.count(*) FROM " + table).number(0, 0));
    }
    std::string make_of(const std::string &name, const std::string &table, const std::vector<pg::row_place> &places,
                        bool &is_made) const {
        if (is_made)
            return part(name);
        is_made = true;
        const std::string columns = columns_.empty() ? "" : pg::column_list(columns_, "x.");
        pg::project_script("CREATE UNLOGGED TABLE " + part(name) + " USING heap AS SELECT " + columns + " FROM " +
                           table + " AS x WITH NO DATA");
        const pg::named_rows some("_baro_some", places);
        pg::project_sql("INSERT INTO " + part(name) + " SELECT " + columns + " FROM " + table +
                        " AS x JOIN _baro_some ON x.ctid OPERATOR(pg_catalog.=) _baro_some.id");
        return part(name);
    }
    std::string gone() { return make_of("gone", c.places(), compared().gone, gone_made_); }
    std::string missing() { return make_of("missing", source_, compared().missing, missing_made_); }
    void drop(const std::string &name, bool &is_made) const {
        if (is_made)
            pg::project_script("DROP TABLE " + part(name));
        is_made = false;
    }

    void work(const std::function<void()> &f) const override {
        try {
            table_change::work(f);
        } catch (const error &e) {
            load::refuse_unwritable(target_, c.published.elsewhere, e);
            throw;
        }
    }

    std::size_t gone_left_, missing_left_;
    bool gone_made_ = false, missing_made_ = false;
};

} // namespace

std::unique_ptr<table_change> change_by_sql(const candidate &c) { return std::make_unique<sql_change>(c); }

} // namespace barometre::model::relation
