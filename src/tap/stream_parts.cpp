// What a load of files that several streams share makes of them for each stream.
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/spi.h"
#include "tap/adopt.h"
#include "tap/field_names.h"
#include "tap/shared_load.h"
#include "tap/spread.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

bool has_primary_key(const project::stream &stream) {
    return pg::sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = $1::regclass AND "
                   "i.indisprimary)",
                   {table_of(stream)})
        .yes(0, 0);
}

} // namespace

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
    std::vector<const project::stream *> all;
    for (const stream_part &part : parts_)
        all.push_back(&part.stream);
    std::map<std::string, std::size_t> depths;
    for (const project::stream *s : all)
        depths[s->name] = depth_of(*s, all);
    std::stable_sort(parts_.begin(), parts_.end(), [&](const stream_part &a, const stream_part &b) {
        return depths[a.stream.name] < depths[b.stream.name];
    });
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
    found.matching = found_.files.size() + found_.left_out.size();
    for (const std::string &path : found_.gone)
        if (found.known.files.count(path))
            found.gone.push_back(path);
    std::optional<std::int64_t> active; // of the file with the greatest name
    std::string active_in;              // that file
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
            active_in = plan.file.name;
            is_active_new = true;
        } else if (!now && held_.count(path) && held_.at(path).count(stream.name)) {
            if (const auto &before = held_.at(path).at(stream.name).active) {
                active = before;
                active_in = plan.file.name;
            }
        }
    }
    if (is_active_new) {
        part.active_version = active;
        part.lacks_files = lacks_file_before(active_in);
    }
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

/// Whether a file that is there, and comes before that one, is not loaded.
bool shared_load::lacks_file_before(const std::string &name) const {
    const auto is_before = [&](const file_plan &plan) { return plan.file.name < name; };
    if (std::any_of(found_.left_out.begin(), found_.left_out.end(), is_before))
        return true;
    return std::any_of(found_.known.left_out.begin(), found_.known.left_out.end(), [&](const auto &file) {
        const std::string &path = file.first;
        return path < name && !text::contains(found_.retried, path) && !text::contains(found_.not_there, path);
    });
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

} // namespace barometre::tap
