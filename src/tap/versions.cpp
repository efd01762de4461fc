#include "tap/versions.h"
#include "core/text/hash.h"
#include "core/text/text.h"
#include "load/same_rows.h"
#include "load/singer_input.h"
#include "load/staging_table.h"
#include "load/withheld.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/row_packer.h"
#include "pg/spi.h"
#include "tap/losses.h"
#include "tap/shared_ledger.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

/// Beside the stream's table; a name that is too long has a hash.
std::string version_table(const project::stream &stream) {
    const std::string prefix = "_baro_version_";
    return prefix + (prefix.size() + stream.name.size() > 63 ? text::hash(stream.name) : stream.name);
}

class marks {
public:
    marks(const project::stream &stream, const purpose &why, stream_load &done)
        : stream_(stream), done_(done), target_(table_of(stream)), name_("_baro_marks_" + std::to_string(why.run)),
          table_(pg::qualified(stream.tap, name_)), kept_(pg::qualified(stream.tap, version_table(stream))) {
        for (const std::string &key : stream.key_properties)
            for (const load::planned_column &c : done.read.columns)
                if (c.name == key)
                    columns_.push_back(c);
        fill();
        on_ = same_key("t.", "s.");
    }

    void forget_versions() {
        if (has_key() && pg::relation_exists(stream_.tap, version_table(stream_)))
            pg::project_sql("DELETE FROM " + kept_);
    }

    /// Rows whose last record says that they are gone.
    std::int64_t delete_gone() {
        const std::string said = std::string("s.") + load::deleted_column + " IS NOT NULL";
        if (!has_key())
            return delete_found(" FROM " + target_ + " AS t WHERE EXISTS (SELECT FROM " + beside(table_) +
                                " AS s WHERE " + said +
                                " AND s._baro_file OPERATOR(pg_catalog.=) t._baro_file AND s._baro_line "
                                "OPERATOR(pg_catalog.=) t._baro_line)");
        const std::string keys = pg::column_list(stream_.key_properties);
        return delete_found(" FROM " + target_ + " AS t WHERE EXISTS (SELECT FROM (SELECT DISTINCT ON (" + keys +
                            ") * FROM " + beside(table_) + " AS x ORDER BY " + keys + ", _baro_seq DESC) AS s WHERE " +
                            said + " AND " + on_ + ")");
    }

    void keep_versions() {
        if (!has_key()) {
            const auto found =
                pg::project_sql(std::string("SELECT _baro_file, pg_catalog.max(") + load::version_column + ") FROM " +
                                table_ + " WHERE " + load::version_column + " IS NOT NULL GROUP BY 1");
            std::map<std::int64_t, std::int64_t> greatest;
            for (std::size_t i = 0; i < found.rows.size(); ++i)
                greatest[found.number(i, 0)] = found.number(i, 1);
            record_versions(stream_.name, greatest);
            return;
        }
        const std::string keys = pg::column_list(stream_.key_properties), version = load::version_column;
        if (!pg::relation_exists(stream_.tap, version_table(stream_))) {
            std::string list;
            for (const load::planned_column &c : columns_)
                list += pg::quote_identifier(c.name) + " " + c.type + ", ";
            pg::project_script("CREATE TABLE " + kept_ + " (" + list + version + " bigint NOT NULL, PRIMARY KEY (" +
                               keys + ")); COMMENT ON TABLE " + kept_ + " IS " +
                               pg::quote_literal("The version that each row of " + target_ +
                                                 " was last seen with; barometre's own, for hard_delete"));
        }
        pg::project_sql("INSERT INTO " + kept_ + " AS k (" + keys + ", " + version + ") SELECT " + keys +
                        ", pg_catalog.max(" + version + ") FROM " + table_ + " WHERE " + version +
                        " IS NOT NULL GROUP BY " + keys + " ON CONFLICT (" + keys + ") DO UPDATE SET " + version +
                        " = excluded." + version + " WHERE k." + version + " OPERATOR(pg_catalog.<) excluded." +
                        version);
    }

    /// Without a limit that is said, as other targets do.
    std::int64_t delete_earlier_than(std::int64_t active) {
        const std::string rows = earlier_than(active), version = std::to_string(active);
        if (stream_.max_deletes)
            check_deletes(stream_, pg::project_sql("SELECT pg_catalog.count(*)" + rows).number(0, 0),
                          "version " + version, "which were not seen with it", "", "Extract the whole table once more");
        const std::int64_t gone = delete_found(rows);
        if (has_key())
            pg::project_sql("DELETE FROM " + kept_ + " WHERE " + load::version_column + " OPERATOR(pg_catalog.<) " +
                            version + "::bigint");
        return gone;
    }

    void drop() { pg::project_script("DROP TABLE " + table_); }

private:
    /// The rows that were not seen with that version or a later one.
    std::string earlier_than(std::int64_t active) const {
        const std::string least = std::to_string(active) + "::bigint", from = " FROM " + target_ + " AS t WHERE ";
        if (has_key())
            return from + "NOT EXISTS (SELECT FROM " + beside(kept_) + " AS s WHERE " + on_ + " AND s." +
                   load::version_column + " OPERATOR(pg_catalog.>=) " + least + ")";
        std::vector<std::string> kept;
        pg::as_extension([&] {
            const auto found = pg::sql("SELECT id FROM barometre.file WHERE tap = $1 AND stream = '*' AND (streams -> "
                                       "$2 ->> 'version')::bigint >= $3::bigint",
                                       {stream_.tap, stream_.name, std::to_string(active)});
            for (std::size_t i = 0; i < found.rows.size(); ++i)
                kept.push_back(found.text(i, 0));
        });
        return from + "(t._baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(kept) + ")) IS NOT TRUE";
    }

    std::int64_t delete_found(const std::string &rows) const {
        return load::delete_found(target_, rows, table_ + "_gone");
    }
    std::string beside(const std::string &table) const { return pg::beside(pg::oid_of(target_), table); }
    bool has_key() const { return !stream_.key_properties.empty(); }

    std::string same_key(const std::string &one, const std::string &other) const {
        std::string on;
        for (const load::planned_column &c : columns_) {
            const std::string name = pg::quote_identifier(c.name);
            text::append(on, pg::comparison_of(c.type).equal(one + name, other + name), " AND ");
        }
        return on;
    }

    /// Reads the files once more, for what the rows have no columns for.
    void fill() {
        std::vector<load::planned_column> plan = columns_;
        plan.push_back({load::deleted_column, "text", pg::no_field});
        plan.push_back({load::version_column, "bigint", pg::no_field});
        std::vector<load::input_file> inputs;
        load::reject_log ignored(done_.found.format, stream_.tap, stream_.name, {0, 100}, 0);
        for (const load::input_file &file : done_.read.files) {
            auto format = std::make_shared<load::singer_format>(static_cast<const load::singer_format &>(*file.format));
            format->part = load::singer_format::parts::mark;
            std::vector<std::string> keys; // as the records have them
            for (const load::planned_column &c : columns_)
                for (std::size_t i = 0; i < done_.read.columns.size(); ++i)
                    if (done_.read.columns[i].name == c.name && i < file.sources.size() &&
                        file.sources[i] < file.header.size())
                        keys.push_back(file.header[file.sources[i]]);
            if (keys.size() != columns_.size())
                continue; // it holds no record of the stream any more
            format->key = keys;
            load::input_file input{file.file, format, file.id};
            input.header = format->open(input)->header();
            if (input.header.empty())
                continue;
            for (const std::string &key : keys)
                input.sources.push_back(static_cast<std::size_t>(
                    std::find(input.header.begin(), input.header.end(), key) - input.header.begin()));
            const std::size_t fields = input.header.size();
            input.sources.push_back(fields - 2);
            input.sources.push_back(fields - 1);
            input.names = input.header;
            ignored.name_file(input.id, input.file.name);
            inputs.push_back(std::move(input));
        }
        load::create_staging(stream_.tap, name_, plan);
        if (!inputs.empty())
            load::fill_table(stream_.tap, name_, plan, inputs, nullptr, ignored);
    }

    const project::stream &stream_;
    stream_load &done_;
    const std::string target_, name_, table_, kept_;
    std::vector<load::planned_column> columns_; ///< of the key
    std::string on_;
};

} // namespace

void obey_versions(const project::stream &stream, const purpose &why, const std::optional<std::int64_t> &active,
                   bool lacks_files, std::int64_t rejected, stream_load &done) {
    if (!stream.singer.hard_delete) {
        if (active)
            why.tell(shown(stream) + ": version " + std::to_string(*active) +
                     " is active; rows of earlier ones stay, because the stream does not say  hard_delete: true");
        return;
    }
    if (!done.moved.table_exists || done.read.columns.empty() || done.read.files.empty())
        return;
    marks seen(stream, why, done);
    if (why.full_refresh || done.read.in_place)
        seen.forget_versions();
    seen.keep_versions();
    std::int64_t gone = seen.delete_gone();
    if (active && rejected > 0)
        pg::warning(shown(stream) + ": rows of earlier versions stay, because " + std::to_string(rejected) +
                        (rejected == 1 ? " record was rejected, which may be one of them"
                                       : " records were rejected, which may be some of them"),
                    "SELECT * FROM barometre.reject; says why. They go with the next version that is read whole.");
    else if (active && lacks_files)
        pg::warning(shown(stream) + ": rows of earlier versions stay, because a file that is left out may have some of "
                                    "them anew",
                    "They go when that file is loaded, or with the next version that is read whole.");
    else if (active)
        gone += seen.delete_earlier_than(*active);
    seen.drop();
    done.moved.rows.deleted += gone;
    if (gone > 0)
        why.tell(shown(stream) + ": " + std::to_string(gone) + (gone == 1 ? " row goes" : " rows go") +
                 ", which the extraction says are gone");
}

} // namespace barometre::tap
