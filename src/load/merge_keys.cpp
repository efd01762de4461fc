#include "load/merge_keys.h"
#include "core/text/text.h"
#include "load/withheld.h"
#include "pg/distribution.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/repeated_keys.h"
#include "pg/transaction.h"
#include "pg/upsert_rows.h"

#include <algorithm>

namespace barometre::load {

namespace {

/// Runs `f` with other planner settings.
void with_settings(const std::vector<std::pair<std::string, std::string>> &settings, const std::function<void()> &f) {
    auto set = [](const std::string &name, const std::string &value) {
        return pg::sql("SELECT old, pg_catalog.set_config($1, $2, true) FROM pg_catalog.current_setting($1) AS old",
                       {name, value})
            .text(0, 0);
    };
    std::vector<std::string> before;
    for (const auto &[name, value] : settings)
        before.push_back(set(name, value));
    f();
    for (std::size_t i = 0; i < settings.size(); ++i)
        set(settings[i].first, before[i]);
}

/// That t and s have the same key.
std::string same_key(const std::vector<std::string> &columns, const std::vector<std::string> &types,
                     const std::vector<std::string> &key) {
    std::string on;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (const std::string name = pg::quote_identifier(columns[i]); text::contains(key, columns[i]))
            text::append(on, pg::comparison_of(types[i]).equal("t." + name, "s." + name), " AND ");
    return on;
}

} // namespace

std::int64_t count_absent(const std::string &target, const std::string &source, const std::vector<std::string> &columns,
                          const std::vector<std::string> &types, const std::vector<std::string> &key,
                          const std::vector<std::string> &file_ids) {
    return pg::project_sql("SELECT pg_catalog.count(*) FROM " + target +
                           " AS t WHERE t._baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(file_ids) +
                           ") AND NOT EXISTS (SELECT FROM " + pg::beside(pg::oid_of(target), source, key) +
                           " AS s WHERE " + same_key(columns, types, key) + ")")
        .number(0, 0);
}

namespace {

/// A merge of staged rows by key, in the ways that there are.
class key_merge {
public:
    key_merge(const std::string &target, const std::string &local, const std::vector<std::string> &columns,
              const std::vector<std::string> &types, const std::vector<std::string> &key, const merge_order &order,
              const refuse_row &refuse)
        : target_(target), local_(local), columns_(columns), types_(types), key_(key), order_(order), refuse_(refuse),
          all_(columns), first_key_(pg::quote_identifier(key[0])), on_(same_key(columns, types, key)) {
        all_.insert(all_.end(), {"_baro_file", "_baro_line"});
    }

    merge_counts merge() {
        // Joins of all rows of a file: with little memory they would go through temporary files. Local
        // to the load, whose pinned settings end with it.
        pg::sql("SELECT pg_catalog.set_config('work_mem', '64MB', true) WHERE pg_catalog.pg_size_bytes("
                "pg_catalog.current_setting('work_mem')) < 67108864");
        delete_repeated();
        // In the order of the index it is less work than a join until there are many, and else while they are few.
        const bool few = table_has_times(8), some = few || (order_.distinct_keys && table_has_times(2));
        if (order_.keep_absent && some && merge_directly())
            return counts_;
        if (order_.keep_absent && !some && are_beyond() && (merge_directly() || insert_all()))
            return counts_;
        merge_by_join(few);
        return counts_;
    }

private:
    /// For the statements that come; of all columns it would cost more than a small load.
    void analyze() {
        if (!std::exchange(is_analyzed_, true))
            pg::analyze(local_, pg::column_list(key_));
    }

    /// Ordinarily no key is there twice, and to look for one takes less than to sort or to group all rows.
    void delete_repeated() {
        if (order_.distinct_keys || !pg::may_repeat(pg::oid_of(local_), key_))
            return;
        analyze();
        if (pg::project_sql("SELECT EXISTS (SELECT FROM " + local_ + " GROUP BY " + pg::column_list(key_) +
                            " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1)")
                .yes(0, 0))
            counts_.superseded = delete_superseded(local_, key_, "_baro_seq");
    }

    /// The table has more than so many times the staged rows, as far as its statistics know.
    bool table_has_times(int times) const {
        return pg::sql("SELECT reltuples > $3::float8 * $2::float8 FROM pg_catalog.pg_class WHERE oid = $1::regclass",
                       {target_, std::to_string(order_.staged), std::to_string(times)})
            .yes(0, 0);
    }

    /// When a file grew its keys are often beyond all that the table has: nothing is to be compared.
    bool are_beyond() const {
        const auto at = std::find(columns_.begin(), columns_.end(), key_[0]) - columns_.begin();
        const sql::comparison compared = pg::comparison_of(types_[static_cast<std::size_t>(at)]);
        return order_.distinct_keys && !compared.exceeds.empty() &&
               pg::project_sql("SELECT coalesce(" +
                               compared.greater("(SELECT s." + first_key_ + " FROM " + local_ + " AS s ORDER BY s." +
                                                    first_key_ + " LIMIT 1)",
                                                "(SELECT t." + first_key_ + " FROM " + target_ + " AS t ORDER BY t." +
                                                    first_key_ + " DESC LIMIT 1)") +
                               ", true)")
                   .yes(0, 0);
    }

    /// Past the executor, where nothing of the table needs statements. False: nothing was done; where a row is refused,
    /// or another session changed one meanwhile, statements find out which, and what is to be done.
    bool merge_directly() {
        std::vector<std::string> compared;
        for (const std::string &column : columns_)
            if (!text::contains(key_, column))
                compared.push_back(column);
        const bool are_placed = order_.places && counts_.superseded == 0 &&
                                static_cast<std::int64_t>(order_.places->size()) == order_.staged;
        std::optional<pg::upserted_rows> done;
        try {
            pg::in_subtransaction([&] {
                done = pg::upsert_directly(pg::oid_of(target_), pg::oid_of(local_), key_, compared,
                                           {"_baro_file", "_baro_line"}, are_placed ? order_.places : nullptr);
            });
        } catch (const error &e) {
            if (!e.blames_record() && e.sqlstate != "40001")
                throw;
            return false;
        }
        if (done) {
            counts_.inserted = done->inserted;
            counts_.updated = done->updated;
            counts_.unchanged = done->unchanged;
        }
        return done.has_value();
    }

    bool insert_all() {
        const std::string insert = "INSERT INTO " + target_ + " (" + pg::column_list(all_) + ") SELECT " +
                                   pg::column_list(all_) + " FROM " + local_ + " ORDER BY _baro_seq";
        std::int64_t inserted = 0;
        try {
            pg::in_subtransaction([&] { inserted = static_cast<std::int64_t>(pg::project_sql(insert).processed); });
        } catch (const error &e) {
            if (!e.blames_record()) // else somebody else was faster, or a row is refused: compared after all
                throw;
            return false;
        }
        withholders(target_, writes::insert).look_for(local_, inserted, order_.staged);
        counts_.inserted = order_.staged;
        return true;
    }

    /// The join finds what is new or changed before ON CONFLICT locks any row. Into a table of its
    /// own, because the server makes tables, and nothing else, from parallel queries.
    void merge_by_join(bool few) {
        analyze();
        const std::string staging = pg::spread_copy(target_, local_);
        if (!order_.keep_absent) {
            const std::string absent =
                " FROM " + target_ + " AS t WHERE NOT EXISTS (SELECT FROM " + staging + " AS s WHERE " + on_ + ")";
            counts_.deleted = delete_rows(target_, absent);
        }
        std::string changed;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (const std::string name = pg::quote_identifier(columns_[i]); !text::contains(key_, columns_[i]))
                text::append(changed, pg::comparison_of(types_[i]).distinct("t." + name, "s." + name), " OR ");
        const std::string wanted = staging + "_wanted";
        const std::string fill = "SELECT s.*, t." + first_key_ + " IS NULL AS _baro_new FROM " + staging +
                                 " AS s LEFT JOIN " + target_ + " AS t ON " + on_ + " WHERE t." + first_key_ +
                                 " IS NULL" + (changed.empty() ? "" : " OR " + changed);
        // For few records the planner would still read the whole table once, to spare itself random
        // reads that the cache mostly answers.
        if (few)
            with_settings({{"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}},
                          [&] { pg::make_like(target_, wanted, fill); });
        else // most rows are the same ones again, which the planner can't know
            with_settings({{"parallel_tuple_cost", "0"}}, [&] { pg::make_like(target_, wanted, fill); });
        const auto counted =
            pg::sql("SELECT count(*) FILTER (WHERE _baro_new), count(*) FILTER (WHERE NOT _baro_new) FROM " + wanted);
        counts_.inserted = counted.number(0, 0);
        counts_.updated = counted.number(0, 1);
        counts_.unchanged = order_.staged - counts_.superseded - counts_.inserted - counts_.updated;
        upsert(wanted, staging == local_);
        pg::project_script("DROP TABLE " + wanted + (staging != local_ ? ", " + staging : ""));
    }

    void upsert(const std::string &wanted, bool in_order) {
        std::string set;
        for (const std::string &column : all_)
            if (const std::string name = pg::quote_identifier(column); !text::contains(key_, column))
                text::append(set, name + " = excluded." + name);
        insert_wanted(
            target_, wanted,
            "INSERT INTO " + target_ + " AS t (" + pg::column_list(all_) + ") SELECT " + pg::column_list(all_) +
                " FROM " + wanted,
            std::string(in_order ? " ORDER BY _baro_seq" : "") + " ON CONFLICT (" + pg::column_list(key_) +
                ") DO UPDATE SET " + set,
            ", _baro_new",
            [&](const pg::result &row, const error &why) {
                --(row.yes(0, 2) ? counts_.inserted : counts_.updated);
                told_by_line(refuse_)(row, why);
            },
            withholders(target_, writes::upsert));
    }

    const std::string target_, local_;
    const std::vector<std::string> &columns_, &types_, &key_;
    const merge_order order_;
    const refuse_row &refuse_;
    std::vector<std::string> all_;
    const std::string first_key_, on_;
    bool is_analyzed_ = false;
    merge_counts counts_;
};

} // namespace

merge_counts merge_by_key(const std::string &target, const std::string &staging,
                          const std::vector<std::string> &columns, const std::vector<std::string> &types,
                          const std::vector<std::string> &key, const merge_order &order, const refuse_row &refuse) {
    return key_merge(target, staging, columns, types, key, order, refuse).merge();
}

} // namespace barometre::load
