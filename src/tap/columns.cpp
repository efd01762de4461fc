#include "tap/columns.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "load/record_input.h"
#include "pg/row_packer.h"
#include "tap/spread.h"
#include "tap/stream.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

/// "Did you mean ...?", or the fields there are; `hide`: without their names.
std::string suggest(const std::string &name, const std::vector<std::string> &names, const load::input_file &input,
                    bool hide = false) {
    if (const std::string seems = input.format->seems(input.file); !seems.empty())
        return "It seems to be " + seems + ": check " + input.format->advice() + ".";
    if (names.size() == 1)
        return "The file has a single column; check " + input.format->advice() + ".";
    if (hide)
        return "Compare the names in its first line with the map in barometre.yml; they are not shown, because the map "
               "hides values, and without a header they are some.";
    const std::string near = name::nearest(name, names);
    return near.empty() ? "The columns are " + shown_names(names) + "." : "Did you mean \"" + near + "\"?";
}

error not_allowed(const project::stream &stream, const std::string &file, const std::string &what) {
    return error(sqlstate::contract,
                 shown(stream) + ": file \"" + file + "\" " + what + ", and the contract is columns: freeze", "",
                 "Correct the file, or put  contract: {columns: evolve}  into the stream in barometre.yml; nothing of "
                 "this run was kept.");
}

} // namespace

std::string same_key(const project::stream &stream, const std::vector<load::planned_column> &columns,
                     const std::string &one, const std::string &other) {
    std::string on;
    for (const std::string &key : stream.key_properties)
        for (const load::planned_column &c : columns)
            if (const std::string name = "." + pg::quote_identifier(key); c.name == key)
                text::append(on, pg::comparison_of(c.type).equal(one + name, other + name), " AND ");
    return on;
}

std::string shown_names(const std::vector<std::string> &columns) {
    std::vector<std::string> quoted;
    for (const std::string &name : columns)
        quoted.push_back(text::quoted(name));
    return text::first_of(quoted, 100);
}

char decimal_of(const project::stream &stream, const project::column &declared) {
    return declared.decimal        ? declared.decimal
           : declared.type.empty() ? '.'
                                   : stream.decimal; // what is found is as the server writes it
}

field_map::field_map(const project::stream &stream) : keeps_rest_(stream.map_keeps_rest) {
    for (const project::mapping &m : stream.map) {
        // A dropped column is given under its own name, the others by their source.
        by_source_[m.source.empty() ? m.target : m.source].push_back(&m);
        targets_ += m.source.empty() ? 0 : 1;
    }
}

std::vector<project::mapping> field_map::targets_of(const std::string &field) const {
    std::vector<project::mapping> targets;
    const auto named = by_source_.find(field);
    if (named != by_source_.end()) {
        for (const project::mapping *m : named->second)
            if (!m->source.empty())
                targets.push_back(*m);
    } else if (keeps_rest_ && !field.empty()) {
        targets.push_back({field, field});
    }
    return targets;
}

std::size_t field_map::columns_of(std::size_t fields) const {
    return targets_ + (keeps_rest_ && fields > by_source_.size() ? fields - by_source_.size() : 0);
}

std::vector<load::planned_column> plan_columns(const project::stream &stream, const std::vector<std::string> &names,
                                               const load::input_file &input) {
    const std::string &file = input.file.name;
    std::vector<load::planned_column> plan;
    std::vector<bool> used(names.size());
    const bool hide = hides_values(stream) && stream.field_names.empty();
    const load::places fields(names);
    const auto type_of = [&](std::size_t field) { // that the file declares
        return field < input.declared.size() ? input.declared[field] : "";
    };
    const bool is_optional = !input.format->lists_fields();
    const bool is_partial = is_optional && (input.prefix || !input.has_whole_header); // others may have what it lacks
    for (const project::mapping &m : stream.map) {
        // A dropped column is given under its own name, the others by their source.
        const std::string &source = m.source.empty() ? m.target : m.source;
        const std::size_t field = fields[source];
        if (field == load::places::none) {
            if (is_optional) { // no record of this file has it
                if (!m.source.empty())
                    plan.push_back({m.target, m.md5 ? "text" : "", pg::no_field, m.md5});
                continue;
            }
            throw error(sqlstate::contract,
                        shown(stream) + ": the map names column \"" + source + "\", which file \"" + file +
                            "\" does not have",
                        "", suggest(source, names, input, hide));
        }
        used[field] = true;
        if (!m.source.empty())
            plan.push_back({m.target, m.md5 ? "text" : type_of(field), field, m.md5});
    }
    if (stream.map_keeps_rest)
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!used[i])
                plan.push_back({names[i], type_of(i), i});
    std::stable_sort(plan.begin(), plan.end(), [](const auto &a, const auto &b) { return a.field < b.field; });

    std::vector<std::string> targets = names_of(plan);
    if (is_optional)
        for (const project::column &declared : stream.columns)
            if (!declared.type.empty() && !text::contains(targets, declared.name)) {
                targets.push_back(declared.name);
                plan.push_back({declared.name, "", pg::no_field});
            }
    const load::places columns(targets);
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (columns[targets[i]] != i)
            throw error(sqlstate::contract, shown(stream) + ": two columns would be called \"" + targets[i] + "\"", "",
                        "Give one of them another name, or drop it, in the map of the stream.");
    for (const project::column &declared : stream.columns) {
        const std::size_t at = columns[declared.name];
        if (at == load::places::none && is_optional)
            continue;
        if (at == load::places::none)
            throw error(sqlstate::contract,
                        shown(stream) + ": declared column \"" + declared.name + "\" (" + declared.at.text() +
                            ") is not in file \"" + file + "\"",
                        "", suggest(declared.name, targets, input));
        if (!declared.type.empty())
            plan[at].type = pg::canonical_type(declared.type, declared.at.text());
        plan[at].formats = declared.formats;
        plan[at].decimal = decimal_of(stream, declared);
    }
    std::vector<std::string> required = stream.key_properties;
    if (const std::string by = spread_by(stream); !by.empty())
        required.push_back(by);
    for (const std::string &key : required) {
        const std::size_t at = columns[key];
        if (at == load::places::none && is_partial) {
            plan.push_back({key, "", pg::no_field}); // of what was added to a file: its records are rejected
            plan.back().required = true;
            plan.back().spreads = key == spread_by(stream);
            continue;
        }
        if (at == load::places::none || (plan[at].field == pg::no_field && !is_partial))
            throw error(sqlstate::contract,
                        shown(stream) +
                            (key == spread_by(stream) ? ": column \"" + key + "\", by which its table is distributed,"
                                                      : ": key column \"" + key + "\"") +
                            " is not in file \"" + file + "\"",
                        "", suggest(key, targets, input));
        plan[at].required = true;
        plan[at].spreads = key == spread_by(stream);
    }
    if (stream.prefer_schema_as_string)
        for (load::planned_column &c : plan)
            if (c.type.empty())
                c.type = "text";
    return plan;
}

void fit_columns(const project::stream &stream, const load::input_file &input,
                 const std::vector<load::planned_column> &given, const std::vector<pg::table_column> &aside,
                 std::vector<load::planned_column> &plan, const std::function<void(const std::string &)> &tell) {
    const bool freeze = stream.columns_contract == project::column_contract::freeze;
    const std::string &file = input.file.name;
    const std::vector<std::string> given_names = names_of(given), plan_names = names_of(plan);
    const load::places in_file(given_names), in_plan(plan_names);
    const std::size_t before = plan.size();
    for (const std::string &name : plan_names)
        if (!in_file.contains(name) && input.format->lists_fields()) {
            if (freeze)
                throw not_allowed(stream, file, "lacks the column \"" + name + "\" of the table");
            tell("column \"" + name + "\" is not in file \"" + file + "\": NULL");
        }
    std::size_t left_out = 0; // of a contract
    for (const load::planned_column &c : given) {
        if (in_plan.contains(c.name))
            continue;
        const auto there =
            std::find_if(aside.begin(), aside.end(), [&](const pg::table_column &a) { return a.name == c.name; });
        if (there != aside.end()) {
            if (there->made == 's' || there->made == 'a') {
                tell("column \"" + c.name + "\" of file \"" + file + "\" is left out: the server gives its values");
                continue;
            }
            plan.push_back(c);
            plan.back().type = there->type;
            continue;
        }
        if (freeze)
            throw not_allowed(stream, file, "has a column \"" + c.name + "\" that the table lacks");
        if (stream.columns_contract == project::column_contract::discard) {
            if (++left_out <= load::most_columns_told)
                tell("column \"" + c.name + "\" of file \"" + file + "\" is left out");
            continue;
        }
        plan.push_back(c);
    }
    if (left_out > load::most_columns_told)
        tell(std::to_string(left_out - load::most_columns_told) + " more columns of file \"" + file +
             "\" are left out");
    if (plan.size() > before) // one of a table that is there already is as wide as it is
        check_width(stream, file, plan.size());
}

void check_width(const project::stream &stream, const std::string &file, std::size_t columns) {
    load::check_width(shown(stream) + ": file \"" + file + "\"", columns, !stream.key_properties.empty(),
                      "Check " + format_of(stream)->advice() + ", or drop columns with its map.");
}

std::vector<std::string> names_of(const std::vector<load::planned_column> &columns) {
    std::vector<std::string> out;
    for (const load::planned_column &c : columns)
        out.push_back(c.name);
    return out;
}

std::vector<std::string> types_of(const std::vector<load::planned_column> &columns) {
    std::vector<std::string> types;
    for (const load::planned_column &c : columns)
        types.push_back(c.type);
    return types;
}

bool is_lineage(const std::string &column) { return column == "_baro_file" || column == "_baro_line"; }

std::vector<load::planned_column> columns_of_table(const project::stream &stream,
                                                   const std::vector<pg::table_column> &table) {
    std::vector<load::planned_column> plan;
    std::set<std::string> hashed;
    for (const project::mapping &m : stream.map)
        if (m.md5)
            hashed.insert(m.target);
    for (const pg::table_column &c : table)
        if (!is_lineage(c.name)) {
            plan.push_back({c.name, c.type, 0, hashed.count(c.name) > 0, is_required(stream, c.name)});
            plan.back().spreads = c.name == spread_by(stream);
        }
    return plan;
}

std::vector<std::size_t> sources_for(const std::vector<load::planned_column> &plan,
                                     const std::vector<load::planned_column> &given) {
    const std::vector<std::string> names = names_of(given);
    const load::places at(names);
    std::vector<std::size_t> out;
    for (const load::planned_column &c : plan)
        out.push_back(at.contains(c.name) ? given[at[c.name]].field : pg::no_field);
    return out;
}

} // namespace barometre::tap
