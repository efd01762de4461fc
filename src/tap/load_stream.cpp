#include "tap/load_stream.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "registry/change.h"
#include "tap/check_table.h"
#include "tap/stream_load.h"

#include <algorithm>
#include <cstdio>

namespace barometre::tap {

void stream_load::find_files() {
    const Oid owner = pg::current_role();
    auto listed = pg::list_files(pg::resolve_folder(stream_.path, owner), stream_.pattern, owner);
    std::vector<pg::data_file> files;
    const std::int64_t youngest = stream_.min_age > 0 ? pg::now_us() - stream_.min_age * 1'000'000 : INT64_MAX;
    for (const pg::data_file &f : listed) {
        if (f.state.mtime_us < stream_.start_date * 1'000'000)
            continue;
        if (f.state.mtime_us > youngest)
            tell(format_.what + ": file \"" + f.name + "\" is younger than min_age and waits for a later run");
        else
            files.push_back(f);
    }
    std::stable_sort(files.begin(), files.end(), [](const auto &a, const auto &b) {
        return std::pair(a.state.mtime_us, a.name) < std::pair(b.state.mtime_us, b.name);
    });
    known_ = read_ledger(stream_);
    const bool tails = stream_.encodings.size() == 1 && csv::is_utf8_name(stream_.encodings[0]);
    if (full_refresh_)
        for (const pg::data_file &f : listed)
            if (f.state.mtime_us > youngest && known_.files.count(f.name))
                throw error(sqlstate::contract, format_.what + ": file \"" + f.name + "\" is younger than min_age, and full_refresh would take its rows away", "",
                            "Run it again when the file is older, or without full_refresh.");
    files_ = plan_files(files, listed, known_, full_refresh_ || !table_exists_, tails);
    for (file_plan &f : files_) {
        if (f.action != file_action::parse)
            continue;
        if (!f.twin.empty() && f.id == 0)
            tell(format_.what + ": file \"" + f.file.name + "\" has the same content as \"" + f.twin +
                       "\"; it is loaded as a second file");
        parse_.push_back(&f);
    }
    step_.files = static_cast<std::int64_t>(files_.size());
    step_.read = static_cast<std::int64_t>(parse_.size());
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
    record_touched(stream_, touched);
    if (!whole.empty())
        forget_rejects(stream_, whole, run_id_);
    record_files(stream_, loaded, run_id_);
    if (hashed_columns(stream_) != known_.hashed && format_.hides_values)
        forget_raw(stream_);
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
    if (touched.empty() && loaded.empty() && known_.has_bookmark && known_.complete && known_.newest_of == newest_of())
        return;
    std::optional<std::string> newest;
    if (!stream_.key_properties.empty() && !parse_.empty() && table_exists_) {
        const std::string key = pg::quote_identifier(stream_.key_properties[0]);
        auto top = pg::sql("SELECT t." + key + "::text FROM " + target_ + " AS t ORDER BY t." + key + " DESC LIMIT 1");
        if (!top.empty())
            newest = top.at(0, 0);
    }
    // How many rows the table gained; what it has without a ledger nobody counted.
    const bool counted = known_.has_bookmark || table_.empty();
    record_bookmark(stream_, step_.records, run_id_, counted ? std::optional(step_.inserted - step_.deleted) : std::nullopt, newest,
                    find_newest_value());
}

std::string stream_load::closing_sentence() const {
    char figures[80];
    const double megabytes = static_cast<double>(step_.bytes) / 1e6;
    std::snprintf(figures, sizeof figures, "%.1f MB in %.2f s (%.0f MB/s)", megabytes, step_.seconds,
                  step_.seconds > 0 ? megabytes / step_.seconds : 0.0);
    return format_.what + ": " + std::to_string(step_.records) + (step_.records == 1 ? " record" : " records") + " of " +
           std::to_string(step_.read) + (step_.read == 1 ? " file, " : " files, ") + figures;
}

void stream_load::tell(const std::string &sentence) const {
    if (run_)
        pg::notice(sentence);
}

std::vector<std::vector<pg::cell>> stream_load::preview(std::int64_t most) {
    table_exists_ = pg::relation_exists(stream_.tap, stream_.name);
    if (table_exists_)
        table_ = pg::columns_of(stream_.tap, stream_.name);
    find_files();
    if (parse_.empty())
        for (file_plan &f : files_)
            parse_.push_back(&f);
    std::erase_if(parse_, [](const file_plan *f) { return f->file.state.size == 0; });
    if (parse_.empty())
        return {};
    parse_.resize(1);
    find_columns();
    if (plan_.empty())
        return {};
    most_ = most;
    for (load::file_job &job : jobs_)
        job.most = most;
    pg::ensure_schema(stream_.tap);
    read_files();
    auto found = pg::sql("SELECT s._baro_seq, s._baro_line, to_jsonb(s) - '{_baro_file,_baro_line,_baro_seq}'::text[] FROM " + staging_ +
                         " AS s ORDER BY s._baro_seq");
    std::vector<std::vector<pg::cell>> rows;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        rows.push_back({found.at(i, 0), found.at(i, 1), found.at(i, 2)});
    return rows;
}

run::step stream_load::work() {
    run::stopwatch watch;
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
        if (!parse_.empty()) {
            widen_columns(stream_, table_);
            check_table(stream_, table_, known_.hashed, full_refresh_);
        }
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
    if (const std::int64_t known = step_.inserted + step_.updated + step_.unchanged + step_.rejected + step_.superseded; known != step_.records)
        throw error(sqlstate::internal, format_.what + ": " + std::to_string(step_.records) + " records were read, but " + std::to_string(known) +
                                            " are accounted for", "", "Nothing of this run was kept. Please report this.");
    if (!parse_.empty() || step_.deleted > 0)
        if (step_.inserted + step_.updated + step_.deleted > 0 || table_ != pg::columns_of(stream_.tap, stream_.name))
            if (table_exists_)
                registry::stamp_change(stream_.tap, stream_.name);
    record();
    step_.seconds = watch.seconds();
    if (!parse_.empty())
        tell(closing_sentence());
    return step_;
}

run::step load_stream(const project::stream &stream, bool full_refresh, run::record &memory) {
    return stream_load(stream, full_refresh, &memory).work();
}

} // namespace barometre::tap
