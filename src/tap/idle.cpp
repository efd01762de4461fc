#include "tap/idle.h"
#include "core/stopwatch.h"
#include "model/relation/attributes.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/spi.h"
#include "tap/field_names.h"
#include "tap/newest_value.h"
#include "tap/reading.h"
#include "tap/stream.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace barometre::tap {

namespace {

/// Files of the ledger that are held at a time, and streams.
constexpr std::int64_t most_files = 20000;
constexpr std::size_t most_streams = 500;

/// Whether nothing in the project says that more is to be done than to load files.
bool is_ordinary(const project::stream &stream) { return !stream.spread.is_said() && !stream.spread.fault; }

/// Whether a load would find the memory of the stream as it is to be.
bool is_remembered(const project::stream &stream, const ledger &known, const std::vector<pg::table_column> &table,
                   std::vector<stream_column> fields) {
    if (!known.has_bookmark || !known.complete || !known.forgotten.empty() || !known.left_out.empty() ||
        fields.empty() ||
        std::none_of(table.begin(), table.end(), [](const auto &c) { return c.name == "_baro_file"; }))
        return false;
    if (known.newest_of != newest_of(stream) || known.hashed != hashed_columns(stream) ||
        known.described != model::relation::description_json(stream.description, stream.described()))
        return false;
    if (field_names(stream, table, false, std::move(fields)).to_remember(names_of(columns_of_table(stream, table))))
        return false;
    const reading now(stream);
    std::string delimiter, hash; // of the file before
    return std::all_of(known.files.begin(), known.files.end(), [&](const auto &file) {
        const ledger_entry &entry = file.second;
        if (hash.empty() || entry.delimiter != delimiter) {
            delimiter = entry.delimiter;
            hash = now.of(delimiter);
        }
        return entry.reading == hash;
    });
}

/// Whether a file that is gone has the content of one that is there: then its rows are there twice, and go.
bool has_gone_twin(const ledger &known, const std::set<const ledger_entry *> &present) {
    std::set<std::string_view> contents;
    for (const ledger_entry *entry : present)
        contents.insert(entry->unpacked_hash);
    return std::any_of(known.files.begin(), known.files.end(), [&](const auto &file) {
        const ledger_entry &entry = file.second;
        return !present.count(&entry) && entry.records > 0 && !entry.unpacked_hash.empty() &&
               contents.count(entry.unpacked_hash);
    });
}

/// How many files there are, if all of them are to be read and are as they were loaded.
std::optional<std::int64_t> count_untouched(const project::stream &stream, const ledger &known,
                                            pg::folder_reader &folders) {
    const pg::listing there = folders.list(stream.path, stream.pattern);
    const std::int64_t youngest = stream.min_age > 0 ? pg::now_us() - stream.min_age * 1'000'000 : INT64_MAX;
    if (there.files.empty() || !there.no_data.empty())
        return std::nullopt;
    std::set<const ledger_entry *> present;
    for (const pg::data_file &file : there.files) {
        const auto entry = known.files.find(file.name);
        if (entry == known.files.end() || !is_untouched(entry->second, file.state) ||
            file.state.mtime_us < stream.start_date * 1'000'000 || file.state.mtime_us > youngest)
            return std::nullopt;
        present.insert(&entry->second);
    }
    if (present.size() < known.files.size() && has_gone_twin(known, present))
        return std::nullopt;
    return static_cast<std::int64_t>(there.files.size());
}

} // namespace

idle_streams::idle_streams(std::vector<const project::stream *> streams, const purpose &why)
    : streams_(std::move(streams)), why_(why) {
    // One alone is looked at as quickly by its load.
    std::vector<const project::stream *> all = streams_;
    std::erase(all, nullptr);
    if (all.size() < 2 || why.full_refresh || why.is_silent() || why.only_shows() || pg::has_citus())
        return;
    const auto rows = pg::as_extension([&] {
        return pg::sql("SELECT s.n, b.files FROM " + std::string(each_stream) +
                           " JOIN barometre.bookmark b ON b.tap = s.tap AND b.stream = s.stream",
                       names_as_arrays(all));
    });
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        const project::stream &s = *all.at(static_cast<std::size_t>(rows.number(i, "n") - 1));
        if (rows.number(i, "files") <= most_files && is_ordinary(s))
            counts_.emplace(&s, rows.number(i, "files"));
    }
}

std::optional<run::step> idle_streams::find(const project::stream &stream) {
    if (counts_.empty())
        return std::nullopt;
    while (asked_ < streams_.size() && streams_[asked_] != &stream)
        ++asked_;
    if (asked_ >= seen_)
        look_on();
    const auto at = found_.find(&stream);
    return at == found_.end() ? std::nullopt : std::optional(at->second);
}

/// At those that are asked for next. Their locks are taken in the order of their loads: none while an earlier one has
/// to be waited for, which would be a circle with a session that waits for the later one.
void idle_streams::look_on() {
    found_.clear();
    std::vector<const project::stream *> next;
    std::int64_t files = 0;
    for (seen_ = asked_; seen_ < streams_.size() && next.size() < most_streams; ++seen_) {
        const project::stream *s = streams_[seen_];
        const auto count = counts_.find(s);
        if (count != counts_.end() && (files += count->second) > most_files && !next.empty())
            break;
        // Before anything is read of it. That of another session's load is waited for, or refused, by its own load.
        if (!s || !pg::try_lock_name("stream", name_of(*s))) {
            ++seen_;
            break;
        }
        if (count != counts_.end())
            next.push_back(s);
    }
    if (!next.empty())
        look_at(next);
}

void idle_streams::look_at(const std::vector<const project::stream *> &streams) {
    const stopwatch watch;
    std::vector<std::string> schemas, names;
    for (const project::stream *s : streams) {
        schemas.push_back(s->tap);
        names.push_back(s->name);
    }
    const std::vector<bool> plain = pg::are_plain_tables(schemas, names);
    const auto tables = pg::columns_of_each(schemas, names);
    const auto ledgers = read_ledgers(streams);
    auto fields = read_stream_columns(streams);
    pg::folder_reader folders(pg::current_role());
    for (std::size_t i = 0; i < streams.size(); ++i) {
        check_interrupts();
        const project::stream &stream = *streams[i];
        if (!plain[i])
            continue;
        try {
            if (!is_remembered(stream, ledgers[i], tables[i], std::move(fields[i])))
                continue;
            const auto files = count_untouched(stream, ledgers[i], folders);
            if (!files)
                continue;
            run::step step;
            step.kind = "stream";
            step.name = name_of(stream);
            step.files = *files;
            found_.emplace(&stream, std::move(step));
        } catch (const error &e) { // which its load tells
            if (e.ends_all())
                throw;
        }
    }
    for (auto &[stream, step] : found_)
        step.seconds = watch.seconds() / static_cast<double>(streams.size());
}

} // namespace barometre::tap
