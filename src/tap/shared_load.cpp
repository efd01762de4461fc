#include "tap/shared_load.h"
#include "core/interrupts.h"
#include "core/text/hash.h"
#include "core/text/text.h"
#include "pg/locks.h"
#include "pg/point.h"
#include "pg/spi.h"
#include "tap/left_out.h"
#include "tap/passed_over.h"
#include "tap/reading.h"
#include "tap/skipping.h"
#include "tap/spread.h"
#include "tap/stream.h"
#include "tap/unfit_files.h"
#include "tap/versions.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

constexpr std::size_t longest_table = 63;

/// The table of a stream of that name: in lower case, with nothing but letters, digits and _.
std::string table_name(const std::string &stream, bool last_part) {
    const std::size_t dash = last_part ? stream.rfind('-') : std::string::npos;
    std::string name = dash == std::string::npos ? stream : stream.substr(dash + 1);
    std::erase_if(name, [](char c) { return !text::begins_character(c); });
    for (char &c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            c = '_';
    }
    if (name.size() > longest_table) {
        const std::string mark = "_" + text::hash(stream).substr(0, 8);
        name = name.substr(0, longest_table - mark.size()) + mark;
    }
    return name;
}

} // namespace

shared_load::shared_load(const project::tap &tap, const purpose &why) : tap_(tap), why_(why), all_(all_of(tap)) {
    pg::lock_name("stream", name_of(all_));
    found_.format = format_of(all_);
    found_.known = read_ledger(all_);
    found_.known.has_bookmark = true; // each file's row says when it was listed
    held_ = read_held_streams(tap.name);
    const std::set<std::string> due = due_files();
    found_.rereads = !rereads_.empty();
    plan_files(all_, why, why.full_refresh, found_);
    for (file_plan &plan : found_.files)
        if (due.count(plan.old_path.empty() ? plan.file.name : plan.old_path))
            plan.action = file_action::parse;
    std::sort(found_.files.begin(), found_.files.end(),
              [](const file_plan &a, const file_plan &b) { return a.file.name < b.file.name; });
    tell_passed_over(all_, why, found_);
    retry_left_out(all_, why, true, found_);
    refuse_to_leave_out(all_, why, found_);
    if (why.only_shows())
        leave_next_file(found_);
    read_files();
    pg::point("load.looked_through");
    find_streams();
    record();
}

std::string shared_load::table_of_stream(const std::string &name) const { return table_name(name, tap_.last_part); }

/// The files of the ledger of which something is missing, or was read otherwise than the project says now.
std::set<std::string> shared_load::due_files() {
    std::set<std::string> due;
    std::map<std::string, bool> exists;                                                  // the tables of streams
    std::map<std::string, std::pair<std::optional<project::stream>, std::string>> known; // with how each is read
    for (const auto &[path, streams] : held_)
        for (const auto &[table, held] : streams) {
            auto [at, is_new] = known.emplace(table, std::pair(tap_.stream_called(table), std::string()));
            auto &[stream, now] = at->second;
            if (!stream)
                continue;
            if (is_new) {
                now = reading(*stream).of("");
                exists[table] = has_table(*stream);
            }
            const bool is_otherwise = held.reading && !held.reading->empty() && *held.reading != now;
            if (is_otherwise)
                rereads_.insert(table);
            if (is_otherwise || !held.reading || !exists[table]) // no reading: nobody wanted it then
                due.insert(path);
        }
    return due;
}

void shared_load::read_files() {
    unfit_files unfit;
    std::vector<load::bad_file> bad;
    const load::singer_format format = singer_format_of(all_);
    const auto reads = [&](const std::string &name) { return tap_.stream_called(table_of_stream(name)).has_value(); };
    const auto read = [&](bool were_left_out) {
        for (file_plan &plan : found_.files) {
            if (plan.action != file_action::parse || text::contains(found_.retried, plan.file.name) != were_left_out)
                continue;
            check_interrupts();
            try {
                plan.file = pg::keep_open(plan.file);
                contents_->emplace(plan.file.name, format.content_of(plan.file, reads));
            } catch (const error &e) {
                if (why_.skips)
                    note_bad_file(bad, plan.file.name, e);
                else
                    unfit.add(all_, plan.file, e);
            }
        }
        if (!bad.empty())
            throw bad_files(bad);
    };
    read(true); // if they are no good, nothing is read again because of them
    read(false);
    if (!unfit.empty())
        throw unfit;
    take_over_renamed();
}

/// A file whose content one had that is gone is that file, whatever it is packed in now.
void shared_load::take_over_renamed() {
    for (file_plan &plan : found_.files) {
        if (plan.action != file_action::parse || plan.id != 0)
            continue;
        const std::string content = bytes::to_hex(contents_->at(plan.file.name)->unpacked);
        const auto old = std::find_if(found_.gone.begin(), found_.gone.end(), [&](const std::string &path) {
            const ledger_entry &entry = found_.known.files.at(path);
            return entry.records > 0 && entry.unpacked_hash == content;
        });
        if (old == found_.gone.end())
            continue;
        plan.id = found_.known.files.at(*old).id;
        plan.old_path = *old;
        found_.gone.erase(old);
    }
}

void shared_load::record() {
    if (why_.only_shows())
        return;
    std::vector<file_plan *> fresh;
    for (file_plan &plan : found_.files)
        if (plan.action == file_action::parse && plan.id == 0)
            fresh.push_back(&plan);
    const std::vector<std::int64_t> ids = new_file_ids(fresh.size());
    std::map<std::string, std::int64_t> id_of;
    for (std::size_t i = 0; i < fresh.size(); ++i)
        id_of[fresh[i]->file.name] = fresh[i]->id = ids[i];

    std::vector<loaded_file> loaded;
    std::vector<shared_file> holds;
    std::vector<seen_file> touched;
    std::vector<std::string> forgotten;         // paths
    std::map<std::string, std::string> present; // by content
    std::map<std::string, std::string> readings;
    for (const stream_part &part : parts_)
        readings[part.stream.name] = reading(part.stream).of("");
    for (const file_plan &plan : found_.files) {
        const auto held = contents_->find(plan.file.name);
        const auto entry = found_.known.files.find(plan.old_path.empty() ? plan.file.name : plan.old_path);
        if (held == contents_->end()) {
            present.emplace(entry->second.unpacked_hash, plan.file.name);
            if (plan.action != file_action::unchanged)
                touched.push_back({plan.id, plan.file, plan.old_path});
            continue;
        }
        const singer::content &content = *held->second;
        const std::string unpacked = bytes::to_hex(content.unpacked);
        const auto [same, is_only] = present.emplace(unpacked, plan.file.name);
        if (!is_only && id_of.count(plan.file.name))
            why_.tell(shown(all_) + ": file \"" + plan.file.name + "\" has the same content as \"" + same->second +
                      "\"; it is loaded as a second file");
        if (!plan.old_path.empty())
            forgotten.push_back(plan.old_path);
        shared_file file{plan.id, {}, content.state};
        std::int64_t records = 0;
        for (const singer::stream_content &s : content.streams) {
            const std::string table = table_of_stream(s.name);
            const auto read = readings.find(table);
            records += s.records;
            file.streams[table] = {
                s.records, read == readings.end() || s.properties.empty() ? std::nullopt : std::optional(read->second),
                std::nullopt, s.active_version};
        }
        holds.push_back(std::move(file));
        loaded.push_back({{plan.id, plan.file},
                          records,
                          content.bytes,
                          bytes::to_hex(content.hash),
                          unpacked,
                          "", // each stream's own is in shared_file
                          ""});
    }
    for (const std::string &path : found_.gone)
        if (const auto twin = present.find(found_.known.files.at(path).unpacked_hash); twin != present.end())
            forgotten.push_back(path); // its rows go, where there is no key
    if (!forgotten.empty())
        forget_files(all_, forgotten);
    record_touched(all_, touched, found_.listed_us);
    record_files(all_, loaded, found_.listed_us, why_.run);
    record_left_out(all_, why_, found_);
    record_held_streams(holds);
    if (why_.full_refresh)
        forget_missing(all_, found_);
    const bool has_changed = !loaded.empty() || !touched.empty() || !forgotten.empty() || why_.full_refresh;
    for (stream_part &part : parts_) {
        part.found.ledger_changed = has_changed;
        for (file_plan &plan : part.found.files)
            if (const auto id = id_of.find(plan.file.name); id != id_of.end())
                plan.id = id->second;
    }
}

void shared_load::carry_out(const stream_part &part, load::reject_log &rejects, stream_load &done) const {
    check_spread(part.stream);
    pg::lock_name("stream", name_of(part.stream));
    done.found = part.found;
    if (part.found.rereads)
        tell_rereads(part.stream, why_);
    carry_on(part.stream, why_, rejects, done, [&](stream_load &merged) {
        obey_versions(part.stream, why_, part.active_version, part.lacks_files, rejects.count(), merged);
    });
}

run::step shared_load::load(const stream_part &part, run::record &memory) const {
    return load_for(part.stream, why_, memory,
                    [&](load::reject_log &rejects, stream_load &done) { carry_out(part, rejects, done); });
}

} // namespace barometre::tap
