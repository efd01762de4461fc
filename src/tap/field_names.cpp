#include "tap/field_names.h"
#include "core/interrupts.h"
#include "core/name/column_name.h"
#include "core/text/hash.h"
#include "core/text/text.h"
#include "tap/columns.h"
#include "tap/stream.h"

#include <algorithm>
#include <map>
#include <set>

namespace barometre::tap {

namespace {

/// What the fields of columns are called before the map, where that says so.
std::map<std::string, std::string> sources_of(const project::stream &stream) {
    std::map<std::string, std::string> out;
    for (const project::mapping &m : stream.map)
        if (!m.source.empty())
            out.emplace(m.target, m.source);
    return out;
}

const std::string &source_of(const std::map<std::string, std::string> &sources, const std::string &column) {
    const auto said = sources.find(column);
    return said == sources.end() ? column : said->second;
}

/// Whether what the file holds now is what was loaded from it, or begins with it.
bool is_as_loaded(const file_plan &plan, const ledger &known) {
    if (plan.id == 0)
        return false;
    if (plan.action != file_action::parse || plan.prefix)
        return true;
    const auto entry = known.files.find(plan.old_path.empty() ? plan.file.name : plan.old_path);
    if (entry == known.files.end() || entry->second.state.size != plan.file.state.size)
        return false;
    return hash_of_file(plan.file) == entry->second.hash;
}

constexpr char name_by_hand[] =
    "pass over the header with  skip_initial: 1  and name the fields with field_names, in their order.";

} // namespace

field_names::field_names(const project::stream &stream, const std::vector<pg::table_column> &table, bool is_adopted,
                         std::vector<stream_column> before)
    : stream_(stream), map_(stream), sources_(sources_of(stream)), before_(std::move(before)),
      has_table_(!table.empty()), rule_(format_of(stream)->names()) {
    std::set<std::string> columns;
    for (const pg::table_column &c : table)
        if (!is_lineage(c.name))
            columns.insert(c.name);
    std::map<std::string, std::size_t> by_name; // a field may be in two columns
    std::set<std::string> told;                 // columns of known fields
    for (const stream_column &c : before_) {
        if (!has_table_ || (!c.column.empty() && !columns.count(c.column)))
            continue;
        told.insert(c.column);
        if (!c.name.empty() && !by_name.emplace(c.name, fields_.size()).second)
            continue;
        fields_.push_back({{c.name, c.text, c.derived, c.header, !c.column.empty() || map_.names(c.name)}, c.source});
    }
    for (const std::string &column : columns)
        if (const std::string name = source_of(sources_, column); !told.count(column) && !by_name.count(name)) {
            by_name.emplace(name, fields_.size());
            fields_.push_back({{name, "", is_adopted ? text::hash(name) : "", "", true}, ""});
        }
}

const name::known_field *field_names::find_column(const std::string &column) const {
    const std::string name = source_of(sources_, column);
    const auto at = std::find_if(fields_.begin(), fields_.end(), [&](const field &f) { return f.known.name == name; });
    return at == fields_.end() ? nullptr : &at->known;
}

bool field_names::is_of_files(const std::string &column) const {
    const name::known_field *f = find_column(column);
    return f && (!f->text.empty() || !f->header.empty());
}

bool field_names::is_of_others(const std::string &column) const {
    const name::known_field *f = find_column(column);
    return f && f->text.empty() && f->header.empty() && !f->derived.empty();
}

void field_names::learn(const discovered &found) {
    if (!has_table_ || !before_.empty() || found.known.files.empty())
        return;
    if (!stream_.field_names.empty())
        return learn_from(stream_.field_names);
    std::vector<const file_plan *> files;
    for (const file_plan &f : found.files)
        if (f.id != 0 && f.file.state.size > 0)
            files.push_back(&f);
    // As they came: the first one made the table.
    std::sort(files.begin(), files.end(), [](const file_plan *a, const file_plan *b) { return a->id < b->id; });
    for (const file_plan *f : files) {
        if (std::none_of(fields_.begin(), fields_.end(), [](const field &k) { return k.known.derived.empty(); }))
            return;
        check_interrupts();
        try {
            if (is_as_loaded(*f, found.known)) {
                const auto format = format_of(stream_)->settle(f->file);
                learn_from(format->open({f->file, format})->header());
            }
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
        }
    }
}

void field_names::learn_from(const std::vector<std::string> &header) {
    const std::vector<std::string> names = load::names_by_place(header);
    std::map<std::string, std::size_t> by_name, by_text; // the first one of each
    for (std::size_t k = 0; k < fields_.size(); ++k) {
        by_name.emplace(fields_[k].known.name, k);
        by_text.emplace(fields_[k].known.text, k);
    }
    if (std::none_of(names.begin(), names.end(), [&](const std::string &name) { return by_name.count(name) > 0; }))
        return;
    const std::vector<name::known_field> told = load::name_fields(header, {}, rule_).fields;
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (!told[i].text.empty() && by_text.count(told[i].text))
            continue;
        const auto [at, is_added] = by_name.emplace(names[i], fields_.size());
        if (is_added)
            fields_.push_back({{names[i], "", "", "", map_.names(names[i])}, ""});
        field &f = fields_[at->second];
        if (!f.known.derived.empty())
            continue;
        tell(f, told[i], name::trimmed(header[i]));
        by_text.emplace(f.known.text, at->second);
    }
}

void field_names::tell(field &of, const name::known_field &told, const std::string &source) {
    of.known.text = told.text;
    of.known.derived = told.derived;
    of.known.header = told.header;
    of.source = source;
}

name::named_header field_names::name_file(const std::string &file, const std::vector<std::string> &header) {
    std::vector<name::known_field> known;
    for (const field &f : fields_)
        known.push_back(f.known);
    name::named_header named = load::name_fields(header, known, rule_);
    if (named.doubt) {
        const std::size_t at = named.doubt->position;
        const std::string text = name::trimmed(header[at - 1]);
        const std::string what = shown(stream_) + ": column " + std::to_string(at) + " of file \"" + file + "\"";
        const std::string others = text::join(named.doubt->others, ", ", text::quoted);
        const bool is_moved =
            std::any_of(fields_.begin(), fields_.end(), [](const field &f) { return !f.known.header.empty(); });
        if (text.empty() && is_moved)
            throw error(sqlstate::contract, what + " has no name, and the header is another one than before",
                        "Without a name a field is only found in the same header. There was one before, called " +
                            others + ".",
                        std::string("Give it a name in the file's header, or ") + name_by_hand);
        throw error(sqlstate::contract, what + " can't be told from others by its name",
                    "It may be one that was called " + others +
                        ", a name that an earlier release made from its place in a header. Which header that was can't "
                        "be told: none of the files that were loaded is there unchanged.",
                    std::string("Put one of them back, or ") + name_by_hand);
    }
    for (std::size_t i = 0; i < header.size(); ++i) {
        std::size_t k = named.known[i];
        if (k == name::is_new) {
            k = fields_.size();
            fields_.push_back({{"", "", "", "", map_.names(named.names[i])}, ""});
        }
        field &f = fields_[k];
        f.known.name = named.names[i];
        const name::known_field &told = named.fields[i];
        if ((f.known.text.empty() && f.known.header.empty()) || (f.source.empty() && f.known.text == told.text))
            tell(f, told, name::trimmed(header[i]));
    }
    return named;
}

std::vector<std::string> field_names::unsettled() const {
    std::vector<std::string> columns;
    for (const stream_column &c : before_)
        if (has_table_ && c.unsettled)
            columns.push_back(c.column);
    return columns;
}

std::optional<std::vector<stream_column>> field_names::to_remember(const std::vector<std::string> &columns) const {
    std::vector<stream_column> now;
    std::set<std::string> filled;
    const std::vector<std::string> unsettled_now = unsettled();
    const std::set<std::string> open(unsettled_now.begin(), unsettled_now.end());
    const load::places kept(columns);
    for (const field &f : fields_) {
        if (f.known.derived.empty())
            continue;
        const bool is_of_files = !f.known.text.empty() || !f.known.header.empty();
        stream_column row{"", f.known.name, f.source, f.known.text, f.known.derived, f.known.header, false};
        const std::vector<project::mapping> targets = map_.targets_of(f.known.name);
        if (targets.empty() || std::any_of(targets.begin(), targets.end(), [](const auto &m) { return m.md5; }))
            row.source.clear();
        if (targets.empty() && !map_.names(row.name))
            row.name.clear();
        const std::size_t before = now.size();
        for (const project::mapping &m : targets)
            if ((kept.contains(m.target) || !is_of_files) && filled.insert(m.target).second) {
                row.column = m.target;
                row.unsettled = open.count(m.target) > 0;
                now.push_back(row);
            }
        if (now.size() == before && is_of_files)
            now.push_back(row);
    }
    return now == before_ ? std::nullopt : std::optional(now);
}

} // namespace barometre::tap
