#include "core/project/unit_test_config.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/name/nearest.h"
#include "core/project/read_parts.h"
#include "core/project/templates.h"
#include "core/project/test_config.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::project {

namespace {

[[noreturn]] void refuse_rows(const place &at, const std::string &what, const std::string &detail,
                              const std::string &hint) {
    throw error(sqlstate::project_invalid, at.text() + ": " + what, detail, hint);
}

/// dbt refuses what it does not know here, unlike in other entries.
void refuse_unknown(const yaml_map &map, const std::vector<std::string> &known) {
    for (const auto &entry : map.node())
        if (const std::string key = entry.first.Scalar(); !text::contains(known, key)) {
            const std::string near = name::nearest(key, known);
            map.fail(map.at(entry.first), "unknown key \"" + key + "\" in " + map.what(), "",
                     near.empty() ? "Valid keys are " + joined(known) + "." : "Did you mean \"" + near + "\"?");
        }
}

/// A value of a row. A number with more digits than arithmetic keeps stays the text that it is.
jinja::value row_value(const YAML::Node &node) {
    static constexpr std::size_t exact_digits = 15;
    jinja::value v = template_value(node);
    if (v.is(jinja::value::kind::real) && std::count_if(node.Scalar().begin(), node.Scalar().end(), [](char c) {
                                              return c >= '0' && c <= '9';
                                          }) > static_cast<std::ptrdiff_t>(exact_digits))
        return node.Scalar();
    return v;
}

/// Rows as mappings. Columns are in the order in which they are named first; `all_alike`: each row names the same.
fixture read_mappings(const yaml_map &map, const YAML::Node &list, bool all_alike) {
    fixture out;
    out.form = fixture::forms::rows;
    out.at = map.at(list);
    std::map<std::string, std::size_t> places;
    std::size_t number = 0;
    for (const YAML::Node &item : list) {
        check_interrupts();
        const std::string which = "row " + std::to_string(++number) + " of " + map.what();
        if (!item.IsMap())
            map.fail(map.at(item), which + " must be a mapping of columns to values", "", "For example: - {id: 1}");
        if (all_alike && item.size() == 0)
            map.fail(map.at(item), which + " names no column", "", "If no row is expected, write  rows: [].");
        std::vector<jinja::value> row(out.columns.size());
        std::vector<bool> is_named(out.columns.size());
        for (const auto &entry : item) {
            const std::string column = entry.first.Scalar();
            const auto [known, is_new] = places.try_emplace(column, out.columns.size());
            if (is_new) {
                if (all_alike && number > 1)
                    map.fail(map.at(item), which + " names the column \"" + column + "\", and those before don't", "",
                             "Name the same columns in each row of what is expected; write null where it is meant.");
                out.columns.push_back(column);
                row.emplace_back();
                is_named.push_back(false);
                for (auto &before : out.rows)
                    before.emplace_back();
            }
            row[known->second] = row_value(entry.second);
            is_named[known->second] = true;
        }
        if (const auto left = std::find(is_named.begin(), is_named.end(), false); all_alike && left != is_named.end())
            map.fail(map.at(item),
                     which + " lacks the column \"" + out.columns[static_cast<std::size_t>(left - is_named.begin())] +
                         "\", which others name",
                     "", "Name the same columns in each row of what is expected; write null where it is meant.");
        out.rows.push_back(std::move(row));
    }
    return out;
}

/// The rows of an input, or those that are expected.
fixture read_fixture(yaml_map &map, const unit_test_rules &rules, bool is_expected) {
    const std::string format = map.choice("format", {"dict", "csv", "sql"}, "dict");
    const bool has_rows = map.has("rows"), has_file = map.has("fixture");
    if (has_rows && has_file)
        map.fail(map.at("fixture"), map.what() + " has both \"rows\" and \"fixture\"", "", "Remove one of them.");
    if (format == "dict") {
        if (has_file)
            map.fail(map.at("fixture"), "the rows of " + map.what() + " are in a file, and their format is not said",
                     "", "Add  format: csv  or  format: sql.");
        if (!has_rows && is_expected)
            map.fail(map.at(), map.what() + " lacks the key \"rows\"", "", "If it is no row, write  rows: [].");
        if (!has_rows) {
            fixture out;
            out.at = map.at();
            return out;
        }
        if (!map.raw("rows").IsSequence())
            map.fail(map.at("rows"), "the rows of " + map.what() + " must be a list of mappings", "",
                     map.raw("rows").IsScalar() ? "If they are a text of CSV or SQL, add  format: csv  or  format: sql."
                                                : "For example: - {id: 1}");
        return read_mappings(map, map.raw("rows"), is_expected);
    }
    if (!has_rows && !has_file)
        map.fail(map.at(), map.what() + " has neither \"rows\" nor \"fixture\"", "",
                 "With format: " + format + "  rows are a text, or in a file: fixture: name.");
    std::string text;
    place at = map.at("rows");
    if (has_file) {
        const auto [content, file] = rules.fixture_file(map.text("fixture"), format, map.at("fixture"));
        text = content;
        at = {file, 0};
    } else {
        if (!map.raw("rows").IsScalar())
            map.fail(at, "the rows of " + map.what() + " must be a text in " + (format == "csv" ? "CSV" : "SQL"), "",
                     "For mappings, leave out the format.");
        text = map.raw("rows").Scalar();
    }
    if (format == "csv")
        return read_csv_rows(text, at, *rules.context.spending);
    fixture out;
    out.form = fixture::forms::sql;
    out.at = at;
    out.sql = text;
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        refuse_rows(at, "the SQL of " + map.what() + " is empty", "", "Write a SELECT.");
    return out;
}

/// ref('x'), ref('package', 'x'), source('a', 'b') or this.
unit_test::input read_input(yaml_map &map, const unit_test_rules &rules) {
    unit_test::input out;
    out.at = map.at();
    out.said = map.text("input");
    out.said.erase(0, std::min(out.said.find_first_not_of(" \t\r\n"), out.said.size()));
    out.said.erase(out.said.find_last_not_of(" \t\r\n") + 1);
    map.rename("input \"" + out.said + "\"");
    if (out.said != "this") {
        jinja::references read;
        try {
            read = jinja::find_references("{{ " + out.said + " }}", map.file(), rules.context);
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
        }
        if (read.refs.size() + read.sources.size() != 1)
            map.fail(map.at("input"), "\"" + out.said + "\" is no input", "",
                     "An input is ref('model'), source('source', 'table') or this.");
        if (read.sources.empty()) {
            out.ref = read.refs.front();
            if (const auto package = read.packages.find(out.ref); package != read.packages.end())
                out.package = package->second;
        } else {
            std::tie(out.source, out.table) = read.sources.front();
        }
    }
    refuse_unknown(map, {"input", "rows", "format", "fixture"});
    out.rows = read_fixture(map, rules, false);
    return out;
}

template_overrides read_overrides(yaml_map &map) {
    template_overrides out;
    refuse_unknown(map, {"macros", "vars", "env_vars"});
    const auto values = [&](const char *key, std::map<std::string, jinja::value> &into) {
        const yaml_map all = map.map(key, std::string("\"") + key + "\" of " + map.what());
        for (const auto &entry : all.node())
            into[entry.first.Scalar()] = template_value(entry.second);
    };
    values("macros", out.macros);
    values("vars", out.vars);
    std::map<std::string, jinja::value> env;
    values("env_vars", env);
    for (const auto &[name, v] : env)
        out.env[name] = jinja::printed(v);
    return out;
}

/// The fields of a line of CSV, which may go on in the next ones: `at` goes behind it, and `line` with it.
std::vector<std::string> next_record(const std::string &text, std::size_t &at, int &line) {
    std::vector<std::string> out(1);
    bool is_quoted = false, any = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        line += c == '\n';
        if (is_quoted) {
            if (c != '"')
                out.back() += c;
            else if (at + 1 < text.size() && text[at + 1] == '"')
                out.back() += text[++at];
            else
                is_quoted = false;
        } else if (c == '"' && out.back().empty()) {
            is_quoted = any = true;
        } else if (c == ',') {
            out.emplace_back();
            any = true;
        } else if (c == '\n') {
            ++at;
            break;
        } else if (c != '\r') {
            out.back() += c;
            any = true;
        }
    }
    if (is_quoted)
        out.emplace_back("\x01"); // for the caller: it can't be in a text of the project
    return any ? out : std::vector<std::string>();
}

} // namespace

fixture read_csv_rows(const std::string &text, const place &begin, budget &spending) {
    fixture out;
    out.form = fixture::forms::rows;
    out.at = begin;
    const int first = std::max(begin.line, 0);
    std::size_t at = 0;
    for (int line = 1; at < text.size();) {
        check_interrupts();
        // Of a text in YAML the line is that of its key: the text begins below it.
        const place here{begin.file, first + line};
        const place shown{begin.file, first ? here.line : line};
        std::vector<std::string> fields = next_record(text, at, line);
        if (fields.empty())
            continue;
        if (!spending.take_values(fields.size()))
            refuse_rows(shown, "the files of the project have too many values, with those of fixtures", "",
                        "Keep there only what a test needs.");
        if (fields.back() == "\x01")
            refuse_rows(shown, "a quoted field is never closed", "", "A quote in a quoted field is doubled.");
        if (out.columns.empty()) {
            for (std::string &name : fields) {
                name.erase(0, std::min(name.find_first_not_of(" \t"), name.size()));
                name.erase(name.find_last_not_of(" \t") + 1);
                if (name.empty() || text::contains(out.columns, name))
                    refuse_rows(shown,
                                name.empty() ? "a column has no name" : "the column \"" + name + "\" is there twice",
                                "The first line of CSV names the columns.", "");
                out.columns.push_back(name);
            }
            continue;
        }
        if (fields.size() > out.columns.size())
            refuse_rows(shown,
                        "a row has " + std::to_string(fields.size()) + " fields, and the header " +
                            std::to_string(out.columns.size()),
                        "", "A value that has a comma is quoted.");
        std::vector<jinja::value> row(out.columns.size());
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (!fields[i].empty())
                row[i] = fields[i];
        out.rows.push_back(std::move(row));
    }
    return out;
}

std::optional<unit_test> read_unit_test(yaml_map &map, const unit_test_rules &rules) {
    unit_test out;
    out.name = map.text("name");
    out.at = map.at();
    out.package = rules.context.package;
    map.rename("unit test \"" + out.name + "\"");
    refuse_unknown(map, {"name", "model", "description", "given", "expect", "overrides", "config", "versions"});
    if (out.name.empty() || out.name.find_first_of(" \t\r\n,:+@*") != std::string::npos)
        map.fail(map.at("name"), map.what() + " has a name that no selection could name", "",
                 "Use letters, digits and underscores.");
    out.model = map.text("model");
    if (map.has("versions"))
        map.fail(map.at("versions"), "models have no versions here", "",
                 "Give each version a file and a name of its own, and remove the key.");
    for (const char *key : {"given", "expect", "overrides"})
        if (map.has(key))
            out.declaration.set(key, template_value(map.raw(key)));
    bool enabled = true;
    if (rules.of_folder)
        rules.of_folder(out.model, out.name, out.config, enabled);
    yaml_map config = map.map("config", "config of " + map.what());
    read_tags(config, out.config.tags);
    read_meta(config, out.config.meta);
    enabled = config.boolean("enabled", enabled);
    config.finish(); // what else it has is noted
    if (!enabled)
        return std::nullopt;
    for (const YAML::Node &item : map.items("given")) {
        yaml_map one = map.inner(item, "an input of " + map.what());
        out.given.push_back(read_input(one, rules));
    }
    if (!map.has("expect"))
        map.fail(map.at(), map.what() + " lacks the key \"expect\"", "", "For example: expect: {rows: [{id: 1}]}");
    yaml_map expect = map.map("expect", "\"expect\" of " + map.what());
    refuse_unknown(expect, {"rows", "format", "fixture"});
    out.expected = read_fixture(expect, rules, true);
    yaml_map overrides = map.map("overrides", "\"overrides\" of " + map.what());
    out.overrides = read_overrides(overrides);
    return out;
}

void override_templates(jinja::callbacks &calls, const template_overrides &overrides) {
    calls.overrides = overrides.macros;
    if (!overrides.vars.empty()) {
        auto vars = std::make_shared<jinja::variables>(*calls.vars);
        for (const auto &[name, v] : overrides.vars)
            (*vars)[name] = v;
        calls.vars = std::move(vars);
    }
    if (!overrides.env.empty()) {
        auto env = calls.env ? std::make_shared<std::map<std::string, std::string>>(*calls.env)
                             : std::make_shared<std::map<std::string, std::string>>();
        for (const auto &[name, text] : overrides.env)
            (*env)[name] = text;
        calls.env = std::move(env);
    }
}

} // namespace barometre::project
