#include "tap/columns.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "load/csv_input.h"
#include "pg/row_packer.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

std::size_t position(const std::vector<std::string> &names, const std::string &name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// "Did you mean ...?", or the fields there are; `hide`: without their names.
std::string suggest(const std::string &name, const std::vector<std::string> &names, const load::input_file &input,
                    bool hide = false) {
    if (const std::string seems = load::seeming_delimiter(input.file, input.format); !seems.empty())
        return "It seems to be " + seems + ": check the key \"delimiter\" of the stream.";
    if (names.size() == 1)
        return "The file has a single column; check the key \"delimiter\" of the stream.";
    if (hide)
        return "Compare the names in its first line with the map in barometre.yml; they are not shown, because the map "
               "hides values, and without a header they are some.";
    const std::string near = name::nearest(name, names);
    return near.empty() ? "The columns are " + text::join(names, ", ", text::quoted) + "."
                        : "Did you mean \"" + near + "\"?";
}

error not_allowed(const project::stream &stream, const std::string &file, const std::string &what) {
    return error(sqlstate::contract,
                 shown(stream) + ": file \"" + file + "\" " + what + ", and the contract is columns: freeze", "",
                 "Correct the file, or put  contract: {columns: evolve}  into the stream in barometre.yml; nothing of "
                 "this run was kept.");
}

} // namespace

char decimal_of(const project::stream &stream, const project::column &declared) {
    return declared.decimal        ? declared.decimal
           : declared.type.empty() ? '.'
                                   : stream.decimal; // what is found is as the server writes it
}

std::vector<project::mapping> targets_of(const project::stream &stream, const std::string &field) {
    std::vector<project::mapping> targets;
    bool is_named = false;
    for (const project::mapping &m : stream.map)
        if (field == (m.source.empty() ? m.target : m.source)) {
            is_named = true;
            if (!m.source.empty())
                targets.push_back(m);
        }
    if (!is_named && stream.map_keeps_rest && !field.empty())
        targets.push_back({field, field});
    return targets;
}

std::vector<load::planned_column> plan_columns(const project::stream &stream, const std::vector<std::string> &names,
                                               const load::input_file &input) {
    const std::string &file = input.file.name;
    std::vector<load::planned_column> plan;
    std::vector<bool> used(names.size());
    const bool hide = hides_values(stream) && stream.field_names.empty();
    for (const project::mapping &m : stream.map) {
        // A dropped column is given under its own name, the others by their source.
        const std::string &source = m.source.empty() ? m.target : m.source;
        std::size_t field = position(names, source);
        if (field == names.size())
            throw error(sqlstate::contract,
                        shown(stream) + ": the map names column \"" + source + "\", which file \"" + file +
                            "\" does not have",
                        "", suggest(source, names, input, hide));
        used[field] = true;
        if (!m.source.empty())
            plan.push_back({m.target, m.md5 ? "text" : "", field, m.md5});
    }
    if (stream.map_keeps_rest)
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!used[i])
                plan.push_back({names[i], "", i});
    std::stable_sort(plan.begin(), plan.end(), [](const auto &a, const auto &b) { return a.field < b.field; });

    std::vector<std::string> targets;
    for (const load::planned_column &c : plan) {
        if (position(targets, c.name) != targets.size())
            throw error(sqlstate::contract, shown(stream) + ": two columns would be called \"" + c.name + "\"", "",
                        "Give one of them another name, or drop it, in the map of the stream.");
        targets.push_back(c.name);
    }
    for (const project::column &declared : stream.columns) {
        std::size_t at = position(targets, declared.name);
        if (at == targets.size())
            throw error(sqlstate::contract,
                        shown(stream) + ": declared column \"" + declared.name + "\" (" + declared.at.text() +
                            ") is not in file \"" + file + "\"",
                        "", suggest(declared.name, targets, input));
        if (!declared.type.empty())
            plan[at].type = pg::canonical_type(declared.type, declared.at.text());
        plan[at].formats = declared.formats;
        plan[at].decimal = decimal_of(stream, declared);
    }
    for (const std::string &key : stream.key_properties) {
        std::size_t at = position(targets, key);
        if (at == targets.size())
            throw error(sqlstate::contract,
                        shown(stream) + ": key column \"" + key + "\" is not in file \"" + file + "\"", "",
                        suggest(key, targets, input));
        plan[at].required = true;
    }
    return plan;
}

void fit_columns(const project::stream &stream, const std::string &file, const std::vector<load::planned_column> &given,
                 const std::vector<pg::table_column> &aside, std::vector<load::planned_column> &plan,
                 std::vector<std::string> &changes) {
    const bool freeze = stream.columns_contract == project::column_contract::freeze;
    auto tell = [&](const std::string &what) {
        if (!text::contains(changes, what))
            changes.push_back(what);
    };
    auto find = [](const std::vector<load::planned_column> &in, const std::string &name) {
        return std::find_if(in.begin(), in.end(), [&](const auto &c) { return c.name == name; });
    };
    for (const load::planned_column &c : plan)
        if (find(given, c.name) == given.end()) {
            if (freeze)
                throw not_allowed(stream, file, "lacks the column \"" + c.name + "\" of the table");
            tell("column \"" + c.name + "\" is not in file \"" + file + "\": NULL");
        }
    for (const load::planned_column &c : given) {
        if (find(plan, c.name) != plan.end())
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
            tell("column \"" + c.name + "\" of file \"" + file + "\" is left out");
            continue;
        }
        plan.push_back(c);
    }
    if (plan.size() > most_columns)
        throw error(sqlstate::contract,
                    shown(stream) + ": file \"" + file + "\" would make a table of " + std::to_string(plan.size()) +
                        " columns",
                    "A table has at most " + std::to_string(most_columns) + " besides the two lineage columns.",
                    "Check the key \"delimiter\", or drop columns with the map of the stream.");
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
    const auto is_hashed = [&](const std::string &name) {
        return std::any_of(stream.map.begin(), stream.map.end(),
                           [&](const project::mapping &m) { return m.target == name && m.md5; });
    };
    for (const pg::table_column &c : table)
        if (!is_lineage(c.name))
            plan.push_back({c.name, c.type, 0, is_hashed(c.name), text::contains(stream.key_properties, c.name)});
    return plan;
}

std::vector<std::size_t> sources_for(const std::vector<load::planned_column> &plan,
                                     const std::vector<load::planned_column> &given) {
    std::vector<std::size_t> out;
    for (const load::planned_column &c : plan) {
        auto same = std::find_if(given.begin(), given.end(), [&](const auto &g) { return g.name == c.name; });
        out.push_back(same == given.end() ? pg::no_field : same->field);
    }
    return out;
}

} // namespace barometre::tap
