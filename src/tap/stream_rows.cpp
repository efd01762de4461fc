// The rows of a stream: from its files into its table.
#include "tap/stream_load.h"

#include <algorithm>

namespace barometre::tap {

using load::planned_column;

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
    try {
        fill_and_move();
    } catch (const error &) {
        if (run_ && rejects_.count() > 0)
            run_->keep_rejects(rejects_.first_as_json());
        throw;
    }
}

void stream_load::read_files() {
    for (const load::file_job &job : jobs_) {
        rejects_.name_file(job.id, job.file.name);
        if (job.prefix)
            rejects_.judge_tails();
    }
    auto fill_once = [&](load::found_types *found) {
        found_.apply(plan_);
        if (!table_exists_ && most_ == 0) {
            create_table();
            return load::fill_table(stream_.tap, stream_.name, plan_, jobs_, found, rejects_);
        }
        load::create_staging(stream_.tap, staging_name_, plan_);
        // What a full refresh or a lost ledger is told from must be in the staging table.
        const bool all = stream_.key_properties.empty() || full_refresh_ || !known_.complete;
        return load::fill_table(stream_.tap, staging_name_, plan_, jobs_, found, rejects_, all || most_ > 0 ? "" : stream_.name);
    };
    auto filled = fill_once(&found_);
    if (filled.wider) {
        const auto seen = filled.files;
        pg::script("DROP TABLE " + (table_exists_ || most_ > 0 ? staging_ : target_));
        ddl_.clear();
        rejects_.forget();
        filled = fill_once(&found_);
        for (std::size_t i = 0; i < std::min(seen.size(), filled.files.size()); ++i)
            if (seen[i].hash != filled.files[i].hash)
                throw load::changed_while_read(jobs_[i].file);
    }
    left_out_ = filled.left_out;
    staged_ = filled.inserted;
    loads_ = filled.files;
    distinct_keys_ = filled.distinct_keys;
    for (const load::file_load &l : loads_) {
        step_.records += l.records;
        step_.bytes += l.bytes;
        step_.blank_lines += l.blank;
    }
    for (const file_plan *f : parse_)
        if (f->prefix)
            step_.bytes -= static_cast<std::int64_t>(f->prefix->bytes);
    rejects_.judge(filled.stopped ? std::max(step_.records, rejects_.count() + 1) : step_.records);
}

void stream_load::fill_and_move() {
    read_files();
    if (table_exists_) {
        alter_table();
        recover_file_ids();
        move_rows();
        pg::script("DROP TABLE " + staging_);
        rejects_.judge(step_.records);
    } else {
        index_table();
    }
    step_.rejected = rejects_.count();
    rejects_.store();
    for (const std::string &change : changes_) {
        tell(format_.what + ": " + change);
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
                rejects_.name_file(old, f->file.name);
                for (load::file_job &job : jobs_)
                    job.id = job.id == mine ? old : job.id;
                break;
            }
    }
}

// The table itself refused these records: only their lines are known, and the rest is read again from the files.
void stream_load::add_refused(std::vector<pg::reject> &refused) {
    for (const load::file_job &job : jobs_) {
        std::map<std::int64_t, pg::reject *> by_line;
        for (pg::reject &r : refused)
            if (r.file == job.id)
                by_line[r.line] = &r;
        if (by_line.empty())
            continue;
        load::csv_input input(job.file, job.format);
        input.on_bad([](const csv::bad_record &) {});
        while (!by_line.empty() && input.next()) {
            if (input.reader().records() % 1024 == 0)
                pg::check_interrupts();
            const auto found = by_line.find(static_cast<std::int64_t>(input.reader().line()));
            if (found == by_line.end())
                continue;
            pg::reject known = input.origin();
            found->second->last_line = known.last_line;
            found->second->offset = known.offset;
            found->second->raw = std::move(known.raw);
            by_line.erase(found);
        }
    }
    for (pg::reject &r : refused)
        rejects_.add(std::move(r));
    refused.clear();
}

void stream_load::move_rows() {
    // What the joins need; the statistics of all columns would cost more than a small load.
    pg::script("ANALYZE " + staging_ + " (" +
               (stream_.key_properties.empty() ? "_baro_file" : pg::column_list(stream_.key_properties)) + ")");
    load::row_counts counts;
    std::vector<pg::reject> refused;
    const load::refuse_row refuse = [&](std::int64_t file, std::int64_t line, const error &e) {
        pg::reject r;
        r.file = file;
        r.line = r.last_line = line;
        r.column_name = e.column_name;
        r.sqlstate = e.sqlstate;
        r.reason = format_.hides_values ? "a constraint of the table refuses it" : "the table refuses it: " + e.message;
        if (!e.constraint_name.empty() && format_.hides_values)
            r.reason += ": " + e.constraint_name;
        refused.push_back(std::move(r));
        if (refused.size() >= 1000)
            add_refused(refused);
        if (rejects_.is_full(step_.records))
            rejects_.judge(step_.records);
    };
    if (!stream_.key_properties.empty()) {
        std::vector<std::string> types;
        for (const planned_column &c : plan_)
            types.push_back(c.type);
        counts = load::merge_by_key(target_, staging_, names(), types, stream_.key_properties,
                                    {staged_ - left_out_, distinct_keys_, !full_refresh_}, refuse);
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
    add_refused(refused);
    step_.inserted = counts.inserted;
    step_.updated = counts.updated;
    step_.unchanged = counts.unchanged;
    step_.superseded = counts.superseded;
    step_.deleted = counts.deleted;
}

} // namespace barometre::tap
