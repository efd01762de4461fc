#include "tap/load_stream.h"
#include "load/fill_table.h"
#include "load/replace.h"
#include "core/csv/look.h"
#include "pg/identity.h"
#include "tap/ledger.h"
#include "tap/plan.h"

#include <algorithm>
#include <cstdio>

namespace barometre::tap {

namespace {

using load::planned_column;

/// Types are found on so many records of each file of a first load.
constexpr std::uint64_t first_records = 2000;

/// One load of one stream: what load_stream() knows while it works.
class stream_load {
public:
    stream_load(const project::stream &stream, bool full_refresh, run &memory)
        : stream_(stream), format_(format_of(stream)), full_refresh_(full_refresh), run_(memory),
          target_(pg::qualified(stream.tap, stream.name)),
          staging_name_("_baro_staging_" + std::to_string(memory.id())), staging_(pg::qualified(stream.tap, staging_name_)) {}

    step work();

private:
    void find_files();
    void find_columns();
    void number_files();
    void load_files();
    void fill_and_move(load::reject_log &rejects);
    void read_files(load::reject_log &rejects);
    void open_columns(std::size_t from);
    void alter_table();
    std::size_t table_columns_count() const;
    void recover_file_ids();
    void create_table();
    void index_table();
    void index_files();
    void move_rows();
    void record();
    std::string closing_sentence() const;

    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const planned_column &c : plan_)
            out.push_back(c.name);
        return out;
    }

    const project::stream &stream_;
    load::csv_format format_;
    bool full_refresh_;
    run &run_;
    std::string target_, staging_name_, staging_;

    ledger known_;
    std::vector<file_plan> files_;
    std::vector<file_plan *> parse_; ///< those to parse, oldest first
    std::vector<load::file_job> jobs_; ///< one for each of `parse_`
    std::vector<load::file_load> loads_;
    load::found_types found_;
    std::size_t looks_ = 0; ///< columns of which no type is known yet
    bool opened_ = false;
    std::vector<std::string> changes_; ///< of the table, as clauses
    load::reject_log *rejects_ = nullptr;
    bool table_exists_ = false;
    bool distinct_keys_ = false; ///< of the staging table
    std::int64_t left_out_ = 0;  ///< records that did not come into it, because the table has them
    std::vector<pg::table_column> table_;
    std::vector<planned_column> plan_; ///< the table's columns, made from the first file's
    step step_;
};

void stream_load::find_files() {
    const Oid owner = pg::current_role();
    auto listed = pg::list_files(pg::resolve_folder(stream_.path, owner), stream_.pattern, owner);
    std::vector<pg::data_file> files;
    const std::int64_t youngest = stream_.min_age > 0 ? pg::now_us() - stream_.min_age * 1'000'000 : INT64_MAX;
    for (const pg::data_file &f : listed) {
        if (f.state.mtime_us < stream_.start_date * 1'000'000)
            continue;
        if (f.state.mtime_us > youngest)
            pg::notice(format_.what + ": file \"" + f.name + "\" is younger than min_age and waits for a later run");
        else
            files.push_back(f);
    }
    std::stable_sort(files.begin(), files.end(), [](const auto &a, const auto &b) {
        return std::pair(a.state.mtime_us, a.name) < std::pair(b.state.mtime_us, b.name);
    });
    known_ = read_ledger(stream_);
    const bool tails = stream_.encodings.size() == 1 && csv::is_utf8_name(stream_.encodings[0]);
    files_ = plan_files(files, listed, known_, full_refresh_ || !table_exists_, tails);
    for (file_plan &f : files_) {
        if (f.action != file_action::parse)
            continue;
        if (!f.twin.empty() && f.id == 0)
            pg::notice(format_.what + ": file \"" + f.file.name + "\" has the same content as \"" + f.twin +
                       "\"; it is loaded as a second file");
        parse_.push_back(&f);
    }
    step_.files = static_cast<std::int64_t>(files_.size());
    step_.read = static_cast<std::int64_t>(parse_.size());
}

// Reads the headers, and the types of the first records where they are to be found.
void stream_load::find_columns() {
    std::set<std::string> told;
    std::vector<std::string> names; // of the file before
    std::vector<planned_column> given;
    if (table_exists_)
        plan_ = columns_of_table(stream_, table_);
    std::vector<std::vector<planned_column>> by_job;
    bool first = !table_exists_;
    for (file_plan *f : parse_) {
        pg::check_interrupts();
        load::csv_format format = load::settle(format_, f->file);
        if (stream_.dialect.delimiter.empty() && told.insert(format.dialect.delimiter).second)
            pg::notice(format_.what + ": the delimiter of file \"" + f->file.name + "\" is " + csv::shown_delimiter(format.dialect.delimiter) +
                       ", as its first records say");
        load::csv_input input(f->file, format);
        for (const std::string &sentence : input.renamings())
            if (told.insert(sentence.substr(sentence.find(" is called "))).second)
                pg::notice(sentence);
        jobs_.push_back({f->file, format, f->id, input.names().size(), {}, f->prefix});
        if (input.names().empty()) { // an empty file
            by_job.emplace_back();
            continue;
        }
        if (input.names() != names) {
            given = plan_columns(stream_, input.names(), f->file.name);
            const std::size_t before = plan_.size();
            if (first)
                plan_.clear();
            if (first && given.size() <= 1598)
                plan_ = given;
            else
                fit_columns(stream_, f->file.name, given, plan_, changes_);
            open_columns(first ? 0 : before);
            first = false;
            names = input.names();
        }
        by_job.push_back(given);
        const auto sources = sources_for(plan_, given);
        if (looks_ > 0)
            input.look(first_records, [&](const auto &fields) { found_.see(fields, sources); });
    }
    for (std::size_t i = 0; i < jobs_.size(); ++i)
        jobs_[i].sources = sources_for(plan_, by_job[i]);
    for (planned_column &c : plan_) // of a table that is there: as declared
        for (const project::column &declared : stream_.columns)
            if (declared.name == c.name) {
                c.formats = declared.formats;
                c.decimal = declared.decimal ? declared.decimal : stream_.decimal;
            }
}

// The columns from the given one on: which types are found, and how wide those that were found may become.
void stream_load::open_columns(std::size_t from) {
    if (table_exists_ && !opened_) {
        for (std::size_t i = 0; i < table_columns_count(); ++i) {
            const planned_column &c = plan_[i];
            const bool declared = std::any_of(stream_.columns.begin(), stream_.columns.end(),
                                              [&](const project::column &d) { return d.name == c.name && !d.type.empty(); });
            const auto type = c.type == "bigint" ? csv::found_type::bigint : csv::found_type::numeric;
            const auto widest = stream_.types_contract == project::type_contract::evolve   ? csv::found_type::text
                                : stream_.types_contract == project::type_contract::freeze ? type
                                                                                           : csv::found_type::numeric;
            if (!declared && (c.type == "bigint" || c.type == "numeric"))
                found_.add(i, type, widest);
        }
    }
    opened_ = true;
    for (std::size_t i = std::max(from, table_columns_count()); i < plan_.size(); ++i)
        if (plan_[i].type.empty()) {
            found_.add(i);
            ++looks_;
        }
}

void stream_load::number_files() {
    const auto fresh = std::count_if(parse_.begin(), parse_.end(), [](const file_plan *f) { return f->id == 0; });
    const auto ids = new_file_ids(static_cast<std::size_t>(fresh));
    auto id = ids.begin();
    for (file_plan *f : parse_)
        if (f->id == 0)
            f->id = *id++;
}

void stream_load::load_files() {
    number_files();
    for (std::size_t i = 0; i < parse_.size(); ++i)
        jobs_[i].id = parse_[i]->id;
    load::reject_log rejects(format_, stream_.tap, stream_.name, stream_.max_rejects, run_.id());
    for (const load::file_job &job : jobs_)
        rejects.name_file(job.id, job.file.name);
    rejects_ = &rejects;
    try {
        fill_and_move(rejects);
    } catch (const error &) {
        if (rejects.count() > 0)
            run_.keep_rejects(rejects.first_as_json());
        throw;
    }
}

void stream_load::read_files(load::reject_log &rejects) {
    auto fill_once = [&](load::found_types *found) {
        found_.apply(plan_);
        if (!table_exists_) {
            create_table();
            return load::fill_table(stream_.tap, stream_.name, plan_, jobs_, found, rejects);
        }
        load::create_staging(stream_.tap, staging_name_, plan_);
        // What a full refresh or a lost ledger is told from must be in the staging table.
        const bool all = stream_.key_properties.empty() || full_refresh_ || !known_.complete;
        return load::fill_table(stream_.tap, staging_name_, plan_, jobs_, found, rejects, all ? "" : stream_.name);
    };
    auto filled = fill_once(&found_);
    if (filled.wider) {
        const auto seen = filled.files;
        pg::script("DROP TABLE " + (table_exists_ ? staging_ : target_));
        rejects.forget();
        filled = fill_once(&found_);
        for (std::size_t i = 0; i < std::min(seen.size(), filled.files.size()); ++i)
            if (seen[i].hash != filled.files[i].hash)
                throw load::changed_while_read(jobs_[i].file);
    }
    left_out_ = filled.left_out;
    loads_ = filled.files;
    distinct_keys_ = filled.distinct_keys;
    for (const load::file_load &l : loads_) {
        step_.records += l.records;
        step_.bytes += l.bytes;
    }
    for (const file_plan *f : parse_)
        if (f->prefix)
            step_.bytes -= static_cast<std::int64_t>(f->prefix->bytes);
    rejects.judge(filled.stopped ? std::max(step_.records, rejects.count() + 1) : step_.records);
}

// The table gets the columns and the types that the files need.
void stream_load::alter_table() {
    std::string actions;
    auto act = [&](const std::string &sql, const std::string &what) {
        actions += (actions.empty() ? "" : ", ") + sql;
        changes_.push_back(what);
    };
    const std::size_t there = table_columns_count();
    std::size_t i = 0;
    for (const pg::table_column &c : table_) {
        if (i >= there || plan_[i].name != c.name)
            continue;
        if (plan_[i].type != c.type)
            act("ALTER COLUMN " + pg::quote_identifier(c.name) + " TYPE " + plan_[i].type,
                "column \"" + c.name + "\" was " + c.type + " and is now " + plan_[i].type);
        ++i;
    }
    for (i = there; i < plan_.size(); ++i)
        act("ADD COLUMN " + pg::quote_identifier(plan_[i].name) + " " + plan_[i].type, "column \"" + plan_[i].name + "\" is new, of type " + plan_[i].type);
    if (actions.empty())
        return;
    try {
        pg::script("ALTER TABLE " + target_ + " " + actions);
    } catch (const error &e) {
        if (e.sqlstate != "0A000")
            throw;
        throw error(sqlstate::contract, format_.what + ": " + changes_.back() + ", but another object depends on the column",
                    e.message + ". " + e.detail, "Drop that object, run again, and make it anew; or put  contract: {types: freeze}  into the "
                                  "stream in barometre.yml, so that such values are rejected.");
    }
}

void stream_load::fill_and_move(load::reject_log &rejects) {
    read_files(rejects);
    if (table_exists_) {
        alter_table();
        recover_file_ids();
        move_rows();
        pg::script("DROP TABLE " + staging_);
        rejects.judge(step_.records);
    } else {
        index_table();
    }
    step_.rejected = rejects.count();
    rejects.store();
    for (const std::string &change : changes_) {
        pg::notice(format_.what + ": " + change);
        step_.why += (step_.why.empty() ? "" : "; ") + change;
    }
}

// When the ledger was lost, rows carry ids that no file has. A file that is not in
// the ledger takes the id of the rows that are most like its own, so that they are
// recognised instead of loaded a second time.
void stream_load::recover_file_ids() {
    std::vector<std::string> fresh, kept;
    for (const file_plan *f : parse_)
        if (!known_.files.count(f->file.name) && f->old_path.empty())
            fresh.push_back(std::to_string(f->id));
    if (!table_exists_ || known_.complete || fresh.empty())
        return;
    for (const auto &[path, entry] : known_.files)
        kept.push_back(std::to_string(entry.id));
    const std::string content = "ROW(" + pg::column_list(names(), "x.") + ")::text";
    auto matches = pg::sql(
        "WITH s AS (SELECT x._baro_file AS file, " + content + " AS content, count(*) AS n FROM " + staging_ +
            " AS x WHERE x._baro_file = ANY ($1::int[]) GROUP BY 1, 2), t AS (SELECT x._baro_file AS file, " + content +
            " AS content, count(*) AS n FROM " + target_ +
            " AS x WHERE x._baro_file <> ALL ($2::int[]) GROUP BY 1, 2) "
            "SELECT s.file, t.file FROM s JOIN t USING (content) GROUP BY 1, 2 ORDER BY sum(least(s.n, t.n)) DESC, 1, 2",
        {pg::array_literal(fresh), pg::array_literal(kept)});
    std::set<std::int64_t> done, taken;
    for (std::size_t i = 0; i < matches.rows.size(); ++i) {
        const std::int64_t mine = matches.number(i, 0), old = matches.number(i, 1);
        if (done.count(mine) || taken.count(old))
            continue;
        done.insert(mine);
        taken.insert(old);
        pg::sql("UPDATE " + staging_ + " SET _baro_file = $2::int WHERE _baro_file = $1::int",
                {std::to_string(mine), std::to_string(old)});
        for (file_plan *f : parse_)
            if (f->id == mine) {
                f->id = old;
                break;
            }
    }
}

void stream_load::create_table() {
    std::string columns;
    for (const planned_column &c : plan_)
        columns += pg::quote_identifier(c.name) + " " + c.type + (c.required ? " NOT NULL, " : ", ");
    pg::script("CREATE TABLE " + target_ + " (" + columns + "_baro_file integer, _baro_line bigint) USING heap");
    if (!stream_.description.empty())
        pg::script("COMMENT ON TABLE " + target_ + " IS " + pg::quote_literal(stream_.description));
    for (const project::column &c : stream_.columns)
        if (!c.description.empty())
            pg::script("COMMENT ON COLUMN " + target_ + "." + pg::quote_identifier(c.name) + " IS " + pg::quote_literal(c.description));
}

std::size_t stream_load::table_columns_count() const {
    return table_exists_ ? table_.size() - static_cast<std::size_t>(std::count_if(table_.begin(), table_.end(), [](const auto &c) { return c.name == "_baro_file" || c.name == "_baro_line"; })) : 0;
}

// Rows lie in the order of their files, so that a tiny index finds those of one file.
void stream_load::index_files() {
    pg::script("CREATE INDEX ON " + target_ + " USING brin (_baro_file) WITH (autosummarize = on)");
}

// After the rows, because an index is made faster than it grows.
void stream_load::index_table() {
    step_.inserted = step_.records - rejects_->count();
    if (stream_.key_properties.empty()) {
        if (parse_.size() > 1)
            index_files();
        return;
    }
    const std::string keys = pg::column_list(stream_.key_properties);
    auto add_key = [&] { pg::script("ALTER TABLE " + target_ + " ADD PRIMARY KEY (" + keys + ")"); };
    try {
        pg::in_subtransaction(add_key);
    } catch (const error &e) {
        if (e.sqlstate != "23505")
            throw;
        // A key more than once: the last record is the one that counts, and lies last.
        step_.superseded = load::delete_superseded(target_, stream_.key_properties, "ctid");
        step_.inserted -= step_.superseded;
        add_key();
    }
}

void stream_load::move_rows() {
    // What the joins need; the statistics of all columns would cost more than a small load.
    pg::script("ANALYZE " + staging_ + " (" +
               (stream_.key_properties.empty() ? "_baro_file" : pg::column_list(stream_.key_properties)) + ")");
    load::row_counts counts;
    const load::refuse_row refuse = [&](std::int64_t file, std::int64_t line, const error &e) {
        pg::reject r;
        r.file = file;
        r.line = r.last_line = line;
        r.column_name = e.column_name;
        r.sqlstate = e.sqlstate;
        r.reason = format_.hides_values ? "a constraint of the table refuses it" : "the table refuses it: " + e.message;
        if (!e.constraint_name.empty() && format_.hides_values)
            r.reason += ": " + e.constraint_name;
        rejects_->add(std::move(r));
        if (rejects_->is_full())
            rejects_->judge(step_.records);
    };
    if (!stream_.key_properties.empty()) {
        std::vector<std::string> types;
        for (const planned_column &c : plan_)
            types.push_back(c.type);
        counts = load::merge_by_key(target_, staging_, names(), types, stream_.key_properties,
                                    {step_.records - left_out_ - rejects_->count(), distinct_keys_, !full_refresh_}, refuse);
        counts.unchanged += left_out_;
    } else {
        const bool indexed = pg::sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON "
                                     "a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = $1::regclass AND "
                                     "a.attname = '_baro_file')",
                                     {target_})
                                 .yes(0, 0);
        if (files_.size() > 1 && !indexed && pg::relation_kind(stream_.tap, stream_.name) == 'r')
            index_files();
        std::vector<std::string> ids, compared = names();
        for (const file_plan *f : parse_)
            if (!f->prefix)
                ids.push_back(std::to_string(f->id));
        compared.push_back("_baro_file"); // a row belongs to its file: the same row of another file stays
        const std::string scope = full_refresh_ ? "" : "x._baro_file = ANY (" + pg::quote_literal(*pg::array_literal(ids)) + "::int[])";
        counts = load::replace_rows(target_, staging_, compared, {"_baro_line"}, scope, refuse);
    }
    step_.inserted = counts.inserted;
    step_.updated = counts.updated;
    step_.unchanged = counts.unchanged;
    step_.superseded = counts.superseded;
    step_.deleted = counts.deleted;
}

void stream_load::record() {
    std::size_t n = 0;
    std::vector<loaded_file> loaded;
    std::vector<const file_plan *> touched;
    std::vector<std::string> old_paths, whole;
    for (file_plan &f : files_) {
        switch (f.action) {
        case file_action::unchanged:
            break;
        case file_action::touched:
        case file_action::renamed:
            touched.push_back(&f);
            break;
        case file_action::parse:
            if (!f.old_path.empty())
                old_paths.push_back(f.old_path);
            if (!f.prefix)
                whole.push_back(f.file.name);
            loaded.push_back({&f, f.records + loads_[n].records, loads_[n].bytes, csv::to_hex(loads_[n].hash)});
            ++n;
        }
    }
    if (!old_paths.empty())
        forget_files(stream_, old_paths);
    record_touched(touched);
    if (!whole.empty())
        forget_rejects(stream_, whole, run_.id());
    record_files(stream_, loaded, run_.id());
    if (full_refresh_) {
        std::set<std::string> present;
        std::vector<std::string> gone;
        for (const file_plan &f : files_)
            present.insert(f.file.name);
        for (const auto &[path, entry] : known_.files)
            if (!present.count(path))
                gone.push_back(path);
        if (!gone.empty())
            forget_files(stream_, gone);
    }
    if (files_.empty() && known_.files.empty())
        return; // nothing was ever loaded
    if (touched.empty() && loaded.empty() && known_.has_bookmark && known_.complete)
        return;
    std::optional<std::string> newest;
    if (!stream_.key_properties.empty() && !parse_.empty() && table_exists_) {
        const std::string key = pg::quote_identifier(stream_.key_properties[0]);
        auto top = pg::sql("SELECT t." + key + "::text FROM " + target_ + " AS t ORDER BY t." + key + " DESC LIMIT 1");
        if (!top.empty())
            newest = top.at(0, 0);
    }
    record_bookmark(stream_, step_.records, run_.id(), newest);
}

std::string stream_load::closing_sentence() const {
    char figures[80];
    const double megabytes = static_cast<double>(step_.bytes) / 1e6;
    std::snprintf(figures, sizeof figures, "%.1f MB in %.2f s (%.0f MB/s)", megabytes, step_.seconds,
                  step_.seconds > 0 ? megabytes / step_.seconds : 0.0);
    return format_.what + ": " + std::to_string(step_.records) + (step_.records == 1 ? " record" : " records") + " of " +
           std::to_string(step_.read) + (step_.read == 1 ? " file, " : " files, ") + figures;
}

step stream_load::work() {
    stopwatch watch;
    step_.kind = "stream";
    step_.name = stream_.tap + "." + stream_.name;
    pg::lock_name("stream", step_.name);
    table_exists_ = pg::relation_exists(stream_.tap, stream_.name);
    find_files();
    if (files_.empty())
        pg::warning(format_.what + ": no file in \"" + stream_.path + "\" matches \"" + stream_.pattern + "\"",
                    "The pattern is a regular expression that must match the whole file name.");
    if (table_exists_) {
        table_ = pg::columns_of(stream_.tap, stream_.name);
        if (!parse_.empty())
            widen_columns(stream_, table_);
    }
    if (!parse_.empty())
        find_columns();
    if (!plan_.empty()) {
        pg::ensure_schema(stream_.tap);
        load_files();
        table_exists_ = true;
    } else if (!parse_.empty()) {
        loads_.resize(parse_.size()); // only empty files, without even a header
        number_files();
        for (std::size_t i = 0; i < parse_.size(); ++i)
            loads_[i].hash = csv::hash_file(pg::open_file(parse_[i]->file).get());
        if (table_exists_) {
            std::vector<std::string> ids;
            for (const file_plan *f : parse_)
                ids.push_back(std::to_string(f->id));
            if (stream_.key_properties.empty())
                step_.deleted = static_cast<std::int64_t>(
                    pg::sql("DELETE FROM " + target_ + " WHERE _baro_file = ANY ($1::int[])", {pg::array_literal(ids)}).processed);
        }
    }
    if (full_refresh_ && plan_.empty() && table_exists_)
        step_.deleted += static_cast<std::int64_t>(pg::sql("DELETE FROM " + target_).processed);
    record();
    step_.seconds = watch.seconds();
    if (!parse_.empty())
        pg::notice(closing_sentence());
    return step_;
}

} // namespace

step load_stream(const project::stream &stream, bool full_refresh, run &memory) {
    return stream_load(stream, full_refresh, memory).work();
}

} // namespace barometre::tap
