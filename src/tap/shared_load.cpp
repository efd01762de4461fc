#include "tap/shared_load.h"
#include "core/interrupts.h"
#include "core/name/nearest.h"
#include "core/text/hash.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/locks.h"
#include "pg/point.h"
#include "pg/spi.h"
#include "tap/adopt.h"
#include "tap/field_names.h"
#include "tap/passed_over.h"
#include "tap/reading.h"
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

project::stream all_of(const project::tap &tap) {
    project::stream all = tap.settings;
    all.name = all_streams;
    return all;
}

bool has_primary_key(const project::stream &stream) {
    return pg::sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = $1::regclass AND "
                   "i.indisprimary)",
                   {table_of(stream)})
        .yes(0, 0);
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
    const load::singer_format format = singer_format_of(all_);
    const auto reads = [&](const std::string &name) { return tap_.stream_called(table_of_stream(name)).has_value(); };
    for (file_plan &plan : found_.files) {
        if (plan.action != file_action::parse)
            continue;
        check_interrupts();
        try {
            plan.file = pg::keep_open(plan.file);
            contents_->emplace(plan.file.name, format.content_of(plan.file, reads));
        } catch (const error &e) {
            unfit.add(all_, plan.file, e);
        }
    }
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

void shared_load::find_streams() {
    std::vector<std::string> tables;
    std::map<std::string, std::string> names; // of streams in messages, by those of their tables
    const auto add = [&](const std::string &table, const std::string &name) {
        if (!tap_.stream_called(table))
            return;
        const auto [at, is_new] = names.emplace(table, name);
        if (is_new)
            tables.push_back(table);
        else if (at->second.empty())
            at->second = name;
        else if (!name.empty() && at->second != name)
            throw error(sqlstate::contract,
                        shown(all_) + ": its streams \"" + at->second + "\" and \"" + name +
                            "\" would both be table \"" + table + "\"",
                        "", "Let the extraction leave one of them out, or load it from a folder of its own.");
    };
    for (const file_plan &plan : found_.files)
        if (const auto held = contents_->find(plan.file.name); held != contents_->end())
            for (const singer::stream_content &s : held->second->streams)
                if (!s.properties.empty())
                    add(table_of_stream(s.name), s.name);
    for (const auto &[path, streams] : held_)
        for (const auto &[table, held] : streams)
            add(table, "");
    if (tap_.discovers) {
        std::sort(tables.begin(), tables.end());
    } else { // all of them, in the order of the project
        tables.clear();
        for (const project::stream &s : tap_.streams)
            tables.push_back(s.name);
    }
    for (const std::string &table : tables)
        if (const auto stream = tap_.stream_called(table))
            add_part(*stream, names[table]);
}

void shared_load::add_part(const project::stream &stream, const std::string &name) {
    stream_part part{stream, name, {}, {}};
    discovered &found = part.found;
    pg::claim_relation(stream.tap, stream.name, pg::claim_lock::none); // before anything reads it
    look_at_table(stream, found);
    take_part(stream.name, found_.known, held_, found.known);
    found.is_adopted = found.table_exists && is_of_others(stream, found.table, found.known);
    found.rereads = found.table_exists && !found.is_adopted && !why_.full_refresh && rereads_.count(stream.name);
    found.listed_us = found_.listed_us;
    found.shares_files = true;
    found.matching = found_.files.size();
    for (const std::string &path : found_.gone)
        if (found.known.files.count(path))
            found.gone.push_back(path);
    std::optional<std::int64_t> active; // of the file with the greatest name
    bool is_active_new = false;
    for (const file_plan &plan : found_.files) {
        const auto held = contents_->find(plan.file.name);
        const singer::stream_content *now = held == contents_->end() ? nullptr : held->second->find(name);
        const std::string &path = plan.old_path.empty() ? plan.file.name : plan.old_path;
        const bool was_held = found.known.files.count(path) > 0;
        if (now ? !now->properties.empty() || was_held : was_held)
            found.files.push_back(plan);
        if (now && now->active_version) {
            active = now->active_version;
            is_active_new = true;
        } else if (!now && held_.count(path) && held_.at(path).count(stream.name)) {
            if (const auto &before = held_.at(path).at(stream.name).active)
                active = before;
        }
    }
    if (is_active_new)
        part.active_version = active;
    auto format = std::make_shared<load::singer_format>(singer_format_of(stream));
    format->stream = name;
    format->contents = contents_;
    found.format = format;
    check_select(part, *format);
    if (!found.table_exists)
        find_types(part, *format);
    if (stream.key_properties.empty())
        part.stream.key_properties = key_of(part);
    const bool is_read = !found.to_parse().empty();
    if (is_read && found.table_exists && !found.is_adopted && part.stream.key_properties.empty()) {
        if (has_primary_key(stream))
            throw error(sqlstate::contract, shown(stream) + ": its SCHEMA has no key any more, and its table has one",
                        "Records could not be told from those of before.",
                        "Say  key_properties  of the stream in barometre.yml, or drop the table, and load it anew.");
        if (found.known.has_bookmark && !found.known.complete && !why_.full_refresh)
            throw error(sqlstate::contract,
                        shown(stream) +
                            ": barometre.file lacks files that were loaded, and without a key their records "
                            "would be loaded a second time",
                        "", "SELECT * FROM baro_run(" + pg::quote_literal(stream.tap) + ", full_refresh => true);");
    }
    found.known.complete = found.known.has_bookmark;
    parts_.push_back(std::move(part));
}

/// The columns of the key that the SCHEMA messages say, which must all say the same.
std::vector<std::string> shared_load::key_of(const stream_part &part) const {
    const singer::stream_content *first = nullptr;
    const file_plan *first_file = nullptr;
    std::vector<std::string> names;
    const auto &format = static_cast<const load::singer_format &>(*part.found.format);
    for (const file_plan &plan : part.found.files) {
        const auto held = contents_->find(plan.file.name);
        const singer::stream_content *s = held == contents_->end() ? nullptr : held->second->find(part.name);
        if (!s || s->properties.empty())
            continue;
        if (first && !std::is_permutation(s->key.begin(), s->key.end(), first->key.begin(), first->key.end()))
            throw error(sqlstate::contract,
                        shown(part.stream) + ": file \"" + plan.file.name + "\" has another key than file \"" +
                            first_file->file.name + "\": " + text::join(s->key, ", ", text::quoted) + " instead of " +
                            text::join(first->key, ", ", text::quoted),
                        "", "Say  key_properties  of the stream in barometre.yml; nothing of this run was kept.");
        if (!first) {
            first = s;
            first_file = &plan;
        }
        for (const singer::property &p : format.fields_of(*held->second))
            if (!text::contains(names, p.name))
                names.push_back(p.name);
    }
    std::vector<std::string> key;
    if (!first)
        return key;
    const std::vector<std::string> columns =
        field_names(part.stream, part.found.table, part.found.is_adopted).name_file(first_file->file.name, names).names;
    const field_map map(part.stream);
    for (const std::string &name : first->key) {
        const auto at = std::find(names.begin(), names.end(), name);
        if (at == names.end())
            throw error(sqlstate::contract,
                        shown(part.stream) + ": its key \"" + name + "\" is no property of its SCHEMA in file \"" +
                            first_file->file.name + "\"",
                        "", "Say  key_properties  of the stream in barometre.yml; nothing of this run was kept.");
        const auto targets = map.targets_of(columns[static_cast<std::size_t>(at - names.begin())]);
        key.push_back(targets.empty() ? name : targets.front().target);
    }
    return key;
}

/// The types of the columns of a table that is still to be made: those of the first SCHEMA, with room for what
/// later ones say of numbers.
void shared_load::find_types(const stream_part &part, load::singer_format &format) const {
    for (const auto &[file, held] : *contents_)
        if (const singer::stream_content *s = held->find(part.name))
            for (const singer::property &p : s->properties)
                if (const auto [at, is_new] = format.types.emplace(p.name, p.type); !is_new)
                    at->second = singer::continued(at->second, p.type);
}

void shared_load::check_select(const stream_part &part, const load::singer_format &format) const {
    std::vector<std::string> known;
    for (const auto &[file, held] : *contents_)
        if (const singer::stream_content *s = held->find(part.name))
            for (const singer::property &p : s->properties)
                known.push_back(p.name);
    for (const std::string &wanted : format.select)
        if (!known.empty() && !text::contains(known, wanted)) {
            const std::string near = name::nearest(wanted, known);
            throw error(sqlstate::contract,
                        shown(part.stream) + ": the key \"select\" names \"" + wanted +
                            "\", which is no property of its SCHEMA",
                        "", near.empty() ? "Correct the name." : "Did you mean \"" + near + "\"?");
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
    pg::lock_name("stream", name_of(part.stream));
    done.found = part.found;
    if (part.found.rereads)
        tell_rereads(part.stream, why_);
    carry_on(part.stream, why_, rejects, done, [&](stream_load &merged) {
        obey_versions(part.stream, why_, part.active_version, rejects.count(), merged);
    });
}

run::step shared_load::load(const stream_part &part, run::record &memory) const {
    return load_for(part.stream, why_, memory,
                    [&](load::reject_log &rejects, stream_load &done) { carry_out(part, rejects, done); });
}

} // namespace barometre::tap
