#include "core/error.h"
#include "model/relation/table_change.h"
#include "pg/direct_rows.h"
#include "pg/named_rows.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <algorithm>

namespace barometre::model::relation {

namespace {

using rows = std::vector<pg::row_place>;

void take_out(rows &from, rows taken) {
    std::sort(taken.begin(), taken.end());
    std::erase_if(from, [&](const pg::row_place &r) { return std::binary_search(taken.begin(), taken.end(), r); });
}

class heap_change : public table_change {
public:
    explicit heap_change(const candidate &change)
        : table_change(change), gone_(compared().gone), missing_(compared().missing),
          direct_(pg::takes_rows_directly(c.published.oid) &&
                  pg::has_columns_of(pg::oid_of(source_), c.published.oid)) {}

    void remove() override {
        if (gone_.empty())
            return;
        work([&] {
            if (direct_)
                return pg::delete_directly(c.published.oid, gone_);
            const bool all = is_all_gone(gone_.size());
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

    void add() override {
        if (missing_.empty())
            return;
        work([&] {
            const bool all = is_all_missing(missing_.size());
            if (direct_) {
                pg::insert_directly(c.published.oid, pg::oid_of(source_), all ? nullptr : &missing_);
                return;
            }
            write(load::writes::insert, missing_.size(), [&] {
                const pg::named_rows missing("_baro_missing", missing_);
                return pg::project_sql(into() + pg::column_list(columns_, "b.") + " FROM " +
                                       (all ? source_ + " AS b" : built_rows()))
                    .processed;
            });
        });
        missing_.clear();
    }

    void add_new_keys() override {
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
            free_and([&] {
                write(load::writes::insert, fresh.size(), [&] {
                    const pg::named_rows missing("_baro_missing", fresh);
                    return pg::project_sql(into() + pg::column_list(columns_, "b.") + " FROM " + built_rows())
                        .processed;
                });
            });
            take_out(missing_, fresh);
        });
    }

    void update() override {
        for (const auto &[key, set] : updates()) {
            if (gone_.empty() || missing_.empty())
                continue;
            work([&] { free_and([&] { update_by(key, set); }); });
        }
    }

private:
    void update_by(const std::vector<std::string> &key, const std::string &set) {
        const pg::named_rows gone("_baro_gone", gone_), missing("_baro_missing", missing_);
        const std::string pairs = built_rows() + " JOIN " + target_of_gone() + " ON " + same(key);
        const load::withholders withheld(target_, load::writes::update);
        const auto promised = withheld.any() ? pg::project_sql("SELECT FROM " + pairs).processed : 0;
        if (withheld.has_rule() && promised > 0) // which takes no RETURNING
            refuse(withheld, promised, promised);
        auto updated = pg::project_sql("UPDATE ONLY " + target_ + " AS t SET " + set + " FROM _baro_gone, " +
                                       built_rows() + " WHERE t.ctid OPERATOR(pg_catalog.=) _baro_gone.id AND " +
                                       same(key) + " RETURNING _baro_gone.id, _baro_missing.id");
        if (updated.rows.size() < promised)
            refuse(withheld, promised - updated.rows.size(), promised);
        take_out(gone_, pg::row_places(updated, 0));
        take_out(missing_, pg::row_places(updated, 1));
    }

    std::string built_rows() const {
        return source_ + " AS b JOIN _baro_missing ON b.ctid OPERATOR(pg_catalog.=) _baro_missing.id";
    }

    /// The rows of the target that go, or change.
    std::string target_of_gone() const {
        return "(SELECT t.* FROM ONLY " + target_ +
               " AS t JOIN _baro_gone ON t.ctid OPERATOR(pg_catalog.=) _baro_gone.id) AS t";
    }

    void free_and(const std::function<void()> &f) {
        freeing(
            !gone_.empty(),
            [&](const std::string &set) {
                const pg::named_rows gone("_baro_gone", gone_);
                auto moved = pg::project_sql(
                    "UPDATE ONLY " + target_ + " AS t SET " + set +
                    " FROM _baro_gone WHERE t.ctid OPERATOR(pg_catalog.=) _baro_gone.id RETURNING t.ctid");
                if (moved.rows.size() < gone_.size())
                    refuse(load::withholders(target_, load::writes::update), gone_.size() - moved.rows.size(),
                           gone_.size());
                gone_ = pg::row_places(moved, 0);
            },
            f);
    }

    rows gone_, missing_;
    const bool direct_; ///< nothing of the table needs a statement
};

} // namespace

std::unique_ptr<table_change> change_in_heap(const candidate &c) { return std::make_unique<heap_change>(c); }

} // namespace barometre::model::relation
