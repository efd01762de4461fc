#include "tap/discover.h"
#include "core/text/text.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "tap/absent.h"
#include "tap/adopt.h"
#include "tap/forgotten.h"
#include "tap/left_out.h"
#include "tap/reading.h"
#include "tap/skipping.h"
#include "tap/stream.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace barometre::tap {

std::string hash_of_file(const pg::data_file &file) {
    const pg::data_file opened = pg::open_file(file);
    return pg::reading(file, [&] { return bytes::to_hex(bytes::hash_file(pg::descriptor_of(opened))); });
}

namespace {

/// Decides by its content about a file that has the size of its last load.
void compare_content(file_plan &plan, const ledger_entry &known) {
    try {
        plan.hash = hash_of_file(plan.file);
    } catch (const error &e) {
        // Made unreadable since: only its permissions changed, as far as anybody can see.
        const pg::file_state &now = plan.file.state, &then = known.state;
        if (e.sqlstate != sqlstate::bad_file || now.mtime_us != then.mtime_us || now.inode != then.inode)
            throw;
        pg::warning(e.message, e.hint, "Its size and time are those of its last load, so it counts as unchanged.");
        plan.action = file_action::unchanged;
        return;
    }
    if (plan.hash == known.hash)
        plan.action = file_action::touched;
}

/// The beginning of an open file, if that is what was loaded as `known`, and at least a record.
std::optional<bytes::prefix> loaded_prefix(const pg::data_file &opened, const ledger_entry &known) {
    if (known.parsed_bytes == 0 || known.records == 0) // of which not even the header may have been there
        return std::nullopt;
    auto prefix = pg::reading(opened, [&] {
        return bytes::read_prefix(pg::descriptor_of(opened), static_cast<std::uint64_t>(known.parsed_bytes));
    });
    return bytes::to_hex(prefix.hash) == known.parsed_hash ? std::optional(std::move(prefix)) : std::nullopt;
}

/// Whether what follows the loaded part of a file can be read alone.
bool has_tail(const pg::data_file &file, const ledger_entry &known) {
    return !known.open_quote && bytes::compression_of(file.name) == bytes::compression::none &&
           file.state.size > known.parsed_bytes;
}

/// What was loaded before, if the rest is all that is to be parsed.
void use_prefix(file_plan &plan, const ledger_entry &known, std::optional<bytes::prefix> prefix) {
    if (!prefix || !prefix->whole_lines)
        return;
    plan.prefix = std::move(prefix);
    plan.records = known.records;
}

/// The files of the ledger whose names no file has any more, and which of them has another name now.
class gone_files {
public:
    gone_files(const std::vector<pg::data_file> &listed, const ledger &known) {
        std::vector<std::string_view> names;
        for (const pg::data_file &f : listed)
            names.push_back(f.name);
        std::sort(names.begin(), names.end());
        auto name = names.begin();
        for (const auto &[path, entry] : known.files) {
            while (name != names.end() && *name < path)
                ++name;
            if (name == names.end() || *name != path)
                gone_.emplace(path, &entry);
        }
    }

    /// The file that has a new name, as the ledger has it: by its content, or because it has the inode of one that it
    /// begins with. Nothing: it is new, or its content can be told once it is read.
    const ledger_entry *take(file_plan &plan, bool tails) {
        if (!indexed_)
            index();
        const ledger_entry *old = find_same(plan);
        if (!old)
            old = find_grown(plan, tails);
        if (old)
            gone_.erase(old->path);
        return old;
    }

    std::vector<std::string> paths() const {
        std::vector<std::string> out;
        for (const auto &[path, entry] : gone_)
            out.emplace_back(path);
        return out;
    }

private:
    void index() {
        for (const auto &[path, entry] : gone_) {
            by_size_.emplace(entry->state.size, entry);
            by_inode_.emplace(entry->state.inode, entry);
        }
        indexed_ = true;
    }

    const ledger_entry *find_same(file_plan &plan) const {
        if (plan.file.state.size == 0)
            return nullptr;
        const auto [first, last] = by_size_.equal_range(plan.file.state.size);
        for (auto at = first; at != last; ++at) {
            if (!gone_.count(at->second->path))
                continue;
            if (plan.hash.empty())
                plan.hash = hash_of_file(plan.file);
            if (plan.hash == at->second->hash)
                return at->second;
        }
        return nullptr;
    }

    /// An inode is used again, but one that was made before its file was loaded is still that file's.
    const ledger_entry *find_grown(file_plan &plan, bool tails) const {
        const auto [first, last] = by_inode_.equal_range(plan.file.state.inode);
        for (auto at = first; at != last; ++at) {
            const ledger_entry &old = *at->second;
            if (!gone_.count(old.path) || plan.file.state.size <= old.parsed_bytes)
                continue;
            const pg::data_file opened = pg::open_file(plan.file);
            const auto birth = file::birth_of(*opened.opened);
            auto prefix = birth && *birth <= old.state.ctime_us ? loaded_prefix(opened, old) : std::nullopt;
            if (!prefix)
                continue;
            if (tails && has_tail(plan.file, old))
                use_prefix(plan, old, std::move(prefix));
            return &old;
        }
        return nullptr;
    }

    std::map<std::string_view, const ledger_entry *> gone_; // by path
    std::multimap<std::int64_t, const ledger_entry *> by_size_, by_inode_;
    bool indexed_ = false;
};

/// Compares a listed file with the ledger. One whose size, times and inode
/// are those of the ledger is not opened; else its content decides. Without a
/// bookmark no times are trusted. `parse_all`: it is to be parsed in any case.
/// `tails`: of one that grew only what follows may be parsed.
file_plan compare_file(const pg::data_file &file, gone_files &gone, const ledger &known, bool parse_all, bool tails) {
    file_plan plan;
    plan.file = file;
    auto entry = known.files.find(file.name);
    if (entry == known.files.end()) {
        if (const ledger_entry *old = gone.take(plan, tails && !parse_all)) {
            plan.id = old->id;
            plan.old_path = old->path;
            if (!parse_all && plan.hash == old->hash)
                plan.action = file_action::renamed;
        }
        return plan;
    }
    const ledger_entry &old = entry->second;
    plan.id = old.id;
    if (tails && !parse_all && has_tail(file, old))
        use_prefix(plan, old, loaded_prefix(pg::open_file(file), old));
    if (!parse_all && old.state.size == file.state.size) {
        if (known.has_bookmark && old.settled && old.state == file.state)
            plan.action = file_action::unchanged;
        else
            compare_content(plan, old);
    }
    return plan;
}

/// The same of each. `past_unreadable`: one that can't be read is to be parsed, which tells what is wrong with it.
std::vector<file_plan> compare_files(const std::vector<pg::data_file> &files, gone_files &gone, const ledger &known,
                                     bool parse_all, bool tails, bool past_unreadable) {
    std::vector<file_plan> plans;
    for (const pg::data_file &file : files)
        try {
            plans.push_back(compare_file(file, gone, known, parse_all, tails));
        } catch (const error &e) {
            if (!past_unreadable || e.ends_all())
                throw;
            const auto entry = known.files.find(file.name);
            plans.emplace_back();
            plans.back().file = file;
            plans.back().id = entry == known.files.end() ? 0 : entry->second.id;
        }
    return plans;
}

} // namespace

bool was_read_otherwise(const project::stream &stream, const ledger &known) {
    if (known.files.empty())
        return false;
    const reading now(stream);
    return std::any_of(known.files.begin(), known.files.end(), [&](const auto &file) {
        const ledger_entry &entry = file.second;
        return !entry.reading.empty() && entry.reading != now.of(entry.delimiter);
    });
}

std::string accept_reading(const project::stream &stream, const std::vector<std::string> &ids) {
    if (stream.format == project::record_format::singer)
        return "UPDATE barometre.file SET streams = jsonb_set(streams, " +
               pg::quote_literal(*pg::array_literal({stream.name, "reading"})) + ", '\"\"') WHERE " +
               (ids.empty()
                    ? "tap = " + pg::quote_literal(stream.tap) + " AND streams ? " + pg::quote_literal(stream.name)
                    : "id IN (" + text::join(ids) + ")") +
               ";";
    return "UPDATE barometre.file SET reading = NULL WHERE " +
           (ids.empty() ? "tap = " + pg::quote_literal(stream.tap) + " AND stream = " + pg::quote_literal(stream.name)
                        : "id IN (" + text::join(ids) + ")") +
           ";";
}

std::vector<const file_plan *> discovered::to_parse() const {
    std::vector<const file_plan *> out;
    for (const file_plan &f : files)
        if (f.action == file_action::parse)
            out.push_back(&f);
    return out;
}

void leave_next_file(discovered &found) {
    auto is_due = [](const file_plan &f) { return f.action == file_action::parse; };
    if (std::any_of(found.files.begin(), found.files.end(), is_due))
        std::erase_if(found.files, [&](const file_plan &f) { return !is_due(f); });
    std::erase_if(found.files, [](const file_plan &f) { return f.file.state.size == 0; });
    if (found.files.empty())
        return;
    found.files.resize(1);
    found.files.front().action = file_action::parse;
}

void look_at_table(const project::stream &stream, discovered &out) {
    out.table_exists = has_table(stream);
    out.known = read_ledger(stream);
    if (out.table_exists)
        out.table = pg::columns_of(stream.tap, stream.name);
}

discovered discover(const project::stream &stream, const purpose &why) {
    discovered out;
    out.format = format_of(stream);
    look_at_table(stream, out);
    out.is_adopted = out.table_exists && is_of_others(stream, out.table, out.known);
    out.rereads = out.table_exists && !out.is_adopted && !why.full_refresh && !why.only_shows() &&
                  was_read_otherwise(stream, out.known);
    plan_files(stream, why, why.full_refresh || out.rereads || !out.table_exists || out.is_adopted, out);
    retry_left_out(stream, why, !stream.key_properties.empty(), out);
    refuse_to_leave_out(stream, why, out);
    if (out.rereads)
        tell_rereads(stream, why);
    return out;
}

void tell_rereads(const project::stream &stream, const purpose &why) {
    why.tell(shown(stream) + ": what the project says of how its files are read has changed, and all of them are "
                             "read again");
}

namespace {

/// A folder of which nothing was loaded yet may come with its first file.
pg::listing list(const project::stream &stream, const ledger &known) {
    try {
        return pg::list_files(stream.path, stream.pattern, pg::current_role());
    } catch (const pg::no_folder &) {
        if (!known.files.empty())
            throw;
        pg::listing none;
        none.is_missing = true;
        return none;
    }
}

} // namespace

void plan_files(const project::stream &stream, const purpose &why, bool parse_all, discovered &out) {
    out.listed_us = pg::now_us();
    pg::listing there = list(stream, out.known);
    out.others.no_data = std::move(there.no_data);
    out.others.no_folder = there.is_missing;
    const std::vector<pg::data_file> &listed = there.files;
    std::vector<pg::data_file> files;
    const std::int64_t now = pg::now_us();
    const std::int64_t youngest = stream.min_age > 0 ? now - stream.min_age * 1'000'000 : INT64_MAX;
    const auto is_old = [&](const pg::data_file &f) {
        return f.state.mtime_us < stream.start_date * 1'000'000 && !(out.rereads && out.known.files.count(f.name));
    };
    for (const pg::data_file &f : listed) {
        if (is_old(f)) {
            ++out.others.old;
        } else if (f.state.mtime_us > youngest) {
            out.others.wait.push_back(f.name);
            out.others.future += f.state.mtime_us > now ? 1 : 0;
        } else {
            files.push_back(f);
        }
    }
    if (!why.full_refresh)
        out.others.forgotten = take_forgotten(stream, out, listed, files);
    std::stable_sort(files.begin(), files.end(), [](const auto &a, const auto &b) {
        return std::pair(a.state.mtime_us, a.name) < std::pair(b.state.mtime_us, b.name);
    });
    if (why.full_refresh || out.rereads)
        for (const pg::data_file &f : listed)
            if (f.state.mtime_us > youngest && out.known.files.count(f.name))
                throw error(sqlstate::contract,
                            shown(stream) + ": file \"" + f.name + "\" is younger than min_age, and " +
                                (out.rereads ? "the files are to be read otherwise than before: all of them, or none"
                                             : "full_refresh would take its rows away"),
                            "",
                            out.rereads ? "Run it again when the file is older."
                                        : "Run it again when the file is older, or without full_refresh.");
    gone_files gone(listed, out.known);
    const bool tails = out.format->has_tails() && !stream.delete_absent;
    out.files = compare_files(files, gone, out.known, parse_all, tails, why.skips);
    out.gone = gone.paths();
    if (why.skips)
        std::erase_if(out.files, [&](file_plan &plan) {
            if (!why.skips->why(plan.file.name))
                return false;
            out.left_out.push_back(plan);
            return true;
        });
    for (const auto &[path, before] : out.known.left_out)
        if (std::none_of(listed.begin(), listed.end(),
                         [&](const pg::data_file &f) { return f.name == path && !is_old(f); }))
            out.not_there.push_back(path);
    read_newest(stream, why, out);
}

} // namespace barometre::tap
