#include "tap/forget.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "load/merge_keys.h"
#include "load/record_input.h"
#include "load/same_rows.h"
#include "load/withheld.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/locks.h"
#include "pg/own_heap.h"
#include "pg/point.h"
#include "pg/spi.h"
#include "registry/change.h"
#include "tap/absent.h"
#include "tap/choose.h"
#include "tap/columns.h"
#include "tap/losses.h"
#include "tap/record.h"
#include "tap/stream.h"
#include "tap/table.h"

#include <algorithm>

namespace barometre::tap {

namespace {

constexpr char next_move[] = "take its file out of its folder, and call it again";

/// The files of a stream but for one, to be read again as they were loaded.
discovered others_of(const project::stream &stream, const discovered &found, const ledger_entry &without) {
    discovered out = found;
    out.rereads = true; // all of them are staged
    out.files.clear();
    out.gone.clear();
    out.known.files.erase(without.path);
    out.known.complete = true;
    std::vector<std::string> missing;
    for (const auto &[path, entry] : out.known.files) {
        if (entry.records == 0)
            continue;
        const auto plan = std::find_if(found.files.begin(), found.files.end(), [&, p = &path](const file_plan &f) {
            return (f.old_path.empty() ? f.file.name : f.old_path) == *p;
        });
        if (plan == found.files.end())
            missing.push_back(text::quoted(path) + (text::contains(found.gone, path) ? " (gone)" : " (not read now)"));
        else if (plan->action == file_action::parse)
            missing.push_back(text::quoted(path) + " (changed)");
    }
    if (!missing.empty())
        throw error(sqlstate::contract,
                    shown(stream) + ": file \"" + without.path + "\" can't be forgotten, because " +
                        (missing.size() == 1 ? "another file is not what was loaded"
                                             : std::to_string(missing.size()) + " other files are not what was loaded"),
                    "The table is to be what they hold, and they are read again. They are: " + text::join(missing) +
                        ".",
                    "Put them back, or load what changed: SELECT * FROM baro_run(" +
                        pg::quote_literal(name_of(stream)) + ");  Or take \"" + without.path +
                        "\" out of its folder, and let the table become what the files hold that are there: SELECT * "
                        "FROM baro_run(" +
                        pg::quote_literal(name_of(stream)) + ", full_refresh => true);");
    for (const file_plan &f : found.files)
        if (f.action != file_action::parse && f.id != without.id) { // what is new is for the next load
            out.files.push_back(f);
            out.files.back().action = file_action::parse;
        }
    return out;
}

/// A file at work on being forgotten.
class taking_back {
public:
    taking_back(const project::stream &stream, const purpose &why, const ledger_entry &file, forgetting &out)
        : stream_(stream), why_(why), file_(file), out_(out), target_(table_of(stream)) {
        stream_.max_deletes = {0, 100}; // it is asked for
    }

    /// Without a key rows are their file's own.
    void take_rows() {
        deleted_ = delete_rows_of(stream_, " FROM " + target_ + " AS t WHERE " + is_its_own(), which(), next_move);
    }

    /// The rows become what the others hold. That of a key may be theirs, and have another value for all that: of the
    /// files of one load only the last one with a key counts. Rows that none of them has go if they are its own, and
    /// with delete_absent all that the newest of them lacks.
    void put_back(const discovered &found) {
        const discovered others = others_of(stream_, found, file_);
        if (others.files.empty())
            return take_rows();
        stage_all(others);
        const std::int64_t staged = read_.filled.inserted - read_.filled.left_out;
        std::int64_t left_out = 0;
        if (read_.table.empty())
            return take_rows();
        if (stream_.delete_absent) {
            absence lacks(stream_, why_, others, read_, {}, ids(), rejects_);
            left_out = lacks.take_out();
            deleted_ = lacks.delete_rows();
            lacks.drop();
        } else {
            deleted_ =
                delete_rows_of(stream_,
                               " FROM " + target_ + " AS t WHERE " + is_its_own() + " AND NOT EXISTS (SELECT FROM " +
                                   beside(read_.table) + " AS s WHERE " + same() + ")",
                               which(), next_move);
        }
        pg::project_script("ANALYZE " + read_.table + " (" + pg::column_list(stream_.key_properties) + ")");
        const load::merge_counts rows =
            load::merge_by_key(target_, read_.table, names_of(read_.columns), types_of(read_.columns),
                               stream_.key_properties, {staged - left_out, read_.filled.distinct_keys, true},
                               [&](std::int64_t file, std::int64_t line, const error &e) { leave_out(file, line, e); });
        inserted_ = rows.inserted;
        updated_ = rows.updated;
        name_other_files();
        pg::project_script("DROP TABLE " + read_.table);
    }

    void tell(const discovered &found) {
        const std::string table = stream_.tap + "." + stream_.name;
        const auto part = [&](const std::string &of, std::int64_t rows, const std::string &note) {
            if (rows > 0)
                out_.parts.push_back({of, rows, note});
        };
        part(table, deleted_, "rows go");
        part(table, updated_, "rows become again what other files hold");
        part(table, inserted_, "rows come back");
        part(table, renamed_, "rows stay, because other files have them too");
        if (deleted_ + updated_ + inserted_ + renamed_ == 0)
            out_.parts.push_back({table, 0, "no row is of this file any more"});
        part("barometre.file", static_cast<std::int64_t>(read_.files.size()), "other files are read again");
        for (const auto &[path, other] : found.known.files)
            if (path != file_.path && other.records > 0 && !other.unpacked_hash.empty() &&
                other.unpacked_hash == file_.unpacked_hash)
                out_.parts.push_back({table, other.records, "records of the same content stay: " + path});
    }

    bool changes() const { return deleted_ + updated_ + inserted_ + renamed_ > 0; }
    std::int64_t gained() const { return inserted_ - deleted_; }

    void fill(run::step &step) const {
        step.kind = "stream";
        step.name = name_of(stream_);
        step.why = "file \"" + file_.path + "\" is forgotten";
        step.records = file_.records;
        step.files = step.read = static_cast<std::int64_t>(read_.files.size());
        step.inserted = inserted_;
        step.updated = updated_;
        step.deleted = deleted_;
        for (const load::file_content &f : read_.filled.files)
            step.bytes += f.bytes;
    }

private:
    std::string which() const { return "rows of file \"" + file_.path + "\""; }
    std::string is_its_own() const { return "t._baro_file OPERATOR(pg_catalog.=) " + std::to_string(file_.id); }
    std::string same() const { return same_key(stream_, read_.columns, "t", "s"); }

    std::vector<std::int64_t> ids() const {
        std::vector<std::int64_t> out;
        for (const load::input_file &f : read_.files)
            out.push_back(f.id);
        return out;
    }

    /// Their records are known to be what may be loaded: those that were rejected then are again.
    void stage_all(const discovered &others) {
        shaping columns(stream_, why_, others);
        read_ = stage(stream_, why_, others, columns.settle(), rejects_);
        for (std::size_t i = 0; i < read_.filled.files.size(); ++i) {
            const file_plan &plan = others.files[i];
            const std::string &path = plan.old_path.empty() ? plan.file.name : plan.old_path;
            if (bytes::to_hex(read_.filled.files[i].hash) != others.known.files.at(path).hash)
                throw load::changed_while_read(plan.file);
        }
        if (!read_.grown.empty() || !read_.wanted.sql.empty())
            throw error(sqlstate::contract, shown(stream_) + ": its files would change the columns of its table by now",
                        "", "Load them first: SELECT * FROM baro_run(" + pg::quote_literal(name_of(stream_)) + ");");
    }

    std::string beside(const std::string &table) const {
        return pg::beside(pg::oid_of(target_), table, stream_.key_properties);
    }

    /// Rows that were the file's own, and are the same in others, are theirs.
    void name_other_files() {
        const std::string from = pg::spread_copy(target_, read_.table);
        renamed_ = static_cast<std::int64_t>(
            pg::project_sql("UPDATE " + target_ +
                            " AS t SET _baro_file = s._baro_file, _baro_line = s._baro_line FROM " + from +
                            " AS s WHERE " + is_its_own() + " AND " + same())
                .processed);
        if (from != read_.table)
            pg::project_script("DROP TABLE " + from);
        const std::int64_t left =
            pg::project_sql("SELECT pg_catalog.count(*) FROM " + target_ + " AS t WHERE " + is_its_own()).number(0, 0);
        if (left == 0)
            return;
        if (refused_.empty())
            load::withholders(target_, load::writes::update).refuse(left, renamed_ + left);
        throw error(sqlstate::contract,
                    shown(stream_) + ": file \"" + file_.path +
                        "\" can't be forgotten, because the table refuses what another file has for one of its rows: " +
                        refused_,
                    "", "Correct the table, or that file, and load it.");
    }

    /// A record that the table refuses was a reject when it was loaded.
    void leave_out(std::int64_t file, std::int64_t line, const error &why) {
        refused_ = why.message;
        pg::sql("DELETE FROM " + read_.table + " WHERE _baro_file = $1::int AND _baro_line = $2::bigint",
                {std::to_string(file), std::to_string(line)});
    }

    project::stream stream_;
    const purpose &why_;
    const ledger_entry &file_;
    forgetting &out_;
    const std::string target_;
    staged read_;
    std::string refused_; ///< why the table refused the last record that it did
    load::reject_log rejects_{format_of(stream_), stream_.tap, stream_.name, {0, 100}, 0};
    std::int64_t deleted_ = 0, updated_ = 0, inserted_ = 0, renamed_ = 0;
};

error not_loaded(const project::stream &stream, const ledger &known, const std::string &file) {
    for (const ledger_entry &old : known.forgotten)
        if (old.path == file)
            return error(sqlstate::unknown_name, shown(stream) + ": file \"" + file + "\" was forgotten already", "",
                         "SELECT * FROM baro_run(" + pg::quote_literal(name_of(stream)) +
                             ", full_refresh => true);  loads it again.");
    std::vector<std::string> paths;
    for (const auto &[path, entry] : known.files)
        paths.push_back(path);
    const std::string near = name::nearest(file, paths);
    return error(sqlstate::unknown_name, shown(stream) + ": file \"" + file + "\" is none that was loaded", "",
                 (near.empty() || near == file ? "" : "Did you mean \"" + near + "\"?  ") +
                     "SELECT path FROM barometre.file WHERE tap = " + pg::quote_literal(stream.tap) +
                     " AND stream = " + pg::quote_literal(stream.name) + ";  has their names.");
}

} // namespace

forgetting forget(const project::stream &stream, const std::string &file, std::int64_t run) {
    const purpose why{.run = run, .full_refresh = true}; // for what delete_absent asks
    pg::lock_name("stream", name_of(stream));
    pg::claim_relation(stream.tap, stream.name, pg::claim_lock::none);
    discovered found;
    found.format = format_of(stream);
    look_at_table(stream, found);
    const auto known = found.known.files.find(file);
    if (known == found.known.files.end())
        throw not_loaded(stream, found.known, file);
    const ledger_entry entry = known->second;
    forgetting out;
    taking_back work(stream, why, entry, out);
    if (found.table_exists && stream.key_properties.empty()) {
        pg::claim_relation(stream.tap, stream.name, pg::claim_lock::writes);
        work.take_rows();
    } else if (found.table_exists && entry.records > 0) {
        if (was_read_otherwise(stream, found.known))
            throw error(sqlstate::contract,
                        shown(stream) +
                            ": its files are to be read otherwise than before, and what they gave for rows of "
                            "file \"" +
                            file + "\" would have another meaning",
                        "", "Load them first: SELECT * FROM baro_run(" + pg::quote_literal(name_of(stream)) + ");");
        project::stream listed = stream;
        listed.delete_absent = false; // nothing is to be read beside what is new
        plan_files(listed, purpose{.run = run}, false, found);
        pg::claim_relation(stream.tap, stream.name, pg::claim_lock::writes);
        work.put_back(found);
    }
    pg::point("forget.done");
    work.tell(found);
    if (work.changes())
        registry::stamp_change(stream.tap, stream.name);
    if (const std::int64_t rejects = forget_content(stream, entry); rejects > 0)
        out.parts.push_back({"barometre.reject", rejects, "rejects of this file go"});
    out.parts.push_back({"barometre.file", entry.records, "records are loaded no more before a full_refresh"});
    settle_bookmark(stream, why, work.gained());
    work.fill(out.done);
    if (work.changes())
        out.done.rows = count_rows(stream);
    return out;
}

std::vector<const project::stream *> streams_of_file(const project::project &p, const std::string &tap,
                                                     const std::string &stream, const std::string &file) {
    const auto names = stream.empty() ? std::nullopt : std::optional(std::vector{stream});
    if (const project::tap *t = p.find_tap(tap); t && t->shares_files())
        throw error(sqlstate::contract, "a file of tap \"" + tap + "\" can't be forgotten",
                    "It has records of all its streams, and the STATE from which the next extraction goes on.",
                    "Take it out of its folder, then: SELECT * FROM baro_run(" + pg::quote_literal(tap) +
                        ", full_refresh => true);  The state is then that of the file before it.");
    const chosen of = choose(p, tap, names).at(0);
    std::vector<const project::stream *> out;
    for (const project::stream *s : of.streams)
        if (!stream.empty() || read_ledger(*s).files.count(file))
            out.push_back(s);
    if (out.empty())
        throw error(sqlstate::unknown_name, "no stream of tap \"" + tap + "\" has loaded file \"" + file + "\"", "",
                    "SELECT stream, path FROM barometre.file WHERE tap = " + pg::quote_literal(tap) +
                        ";  has the files that were.");
    return out;
}

} // namespace barometre::tap
