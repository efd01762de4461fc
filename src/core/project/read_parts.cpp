#include "core/project/read_parts.h"
#include "core/error.h"
#include "core/name/column_name.h"

#include <algorithm>
#include <ctime>

namespace barometre::project {

namespace {

const std::vector<std::string> test_names = {"unique", "not_null", "accepted_values", "relationships", "expression_is_true"};

severity read_severity(yaml_map &map, severity otherwise) {
    const std::string word = map.choice("severity", {"error", "warn"}, otherwise == severity::warn ? "warn" : "error");
    return word == "warn" ? severity::warn : severity::error;
}

/// The name inside ref('x') or source('a', 'b') (a.b); else the text itself.
std::string bare_reference(const std::string &text) {
    std::string out;
    bool quoted = false;
    if (!text.starts_with("ref") && !text.starts_with("source"))
        return text;
    for (char c : text) {
        if (c == '\'' || c == '"') {
            if (!quoted && !out.empty())
                out += '.';
            quoted = !quoted;
        } else if (quoted) {
            out += c;
        }
    }
    return out.empty() ? text : out;
}

generic_test read_test(yaml_map &owner, const YAML::Node &item, severity otherwise) {
    generic_test test;
    test.severity = otherwise;
    test.at = {owner.file(), item.Mark().line + 1};
    YAML::Node arguments;
    if (item.IsScalar()) {
        test.name = item.Scalar();
    } else if (item.IsMap() && item.size() == 1) {
        test.name = item.begin()->first.Scalar();
        arguments = item.begin()->second;
    } else {
        owner.fail(test.at, "a test is a name, or a name with its arguments", "", "For example: - accepted_values: {values: [a, b]}");
    }
    if (test.name == "dbt_utils.expression_is_true")
        test.name = "expression_is_true";
    if (std::find(test_names.begin(), test_names.end(), test.name) == test_names.end()) {
        const std::string near = nearest_name(test.name, test_names);
        owner.fail(test.at, "unknown test \"" + test.name + "\" in " + owner.what(), "",
                   near.empty() ? "Known are unique, not_null, accepted_values, relationships and expression_is_true."
                                : "Did you mean \"" + near + "\"?");
    }
    yaml_map map(arguments && !arguments.IsNull() ? arguments : YAML::Node(YAML::NodeType::Map), owner.file(),
                 "test \"" + test.name + "\"");
    auto required = [&](const char *key) {
        if (!map.has(key))
            owner.fail(test.at, "test \"" + test.name + "\" lacks the key \"" + key + "\"");
    };
    if (test.name == "accepted_values") {
        required("values");
        test.arguments["values"] = map.texts("values");
    } else if (test.name == "relationships") {
        required("to");
        required("field");
        test.arguments["to"] = {bare_reference(map.text("to"))};
        test.arguments["field"] = {map.text("field")};
    } else if (test.name == "expression_is_true") {
        required("expression");
        test.arguments["expression"] = {map.text("expression")};
    }
    if (map.has("config")) {
        yaml_map config = map.map("config", "config of test \"" + test.name + "\"");
        test.severity = read_severity(config, test.severity);
        config.finish();
    }
    test.severity = read_severity(map, test.severity);
    map.finish();
    return test;
}

std::int64_t read_start_date(yaml_map &map) {
    const std::string text = map.text("start_date");
    std::tm t{};
    for (const char *format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S"}) {
        t = {};
        const char *end = ::strptime(text.c_str(), format, &t);
        if (end && *end == '\0')
            return static_cast<std::int64_t>(::timegm(&t));
    }
    map.fail(map.at("start_date"), "key \"start_date\" must be a date such as 2010-01-31", "It is \"" + text + "\".");
}

char read_character(yaml_map &map, const std::string &key, bool may_be_empty) {
    const std::string text = map.text(key);
    if (text.empty() && may_be_empty)
        return '\0';
    if (text.size() != 1 || text == "\n" || text == "\r" || (text[0] & 0x80) || text[0] == '\0')
        map.fail(map.at(key), "key \"" + key + "\" must be one character", "It is \"" + text + "\".",
                 "A tab is written as \"\\t\", in double quotes.");
    return text[0];
}

void read_map(yaml_map &owner, stream &s) {
    yaml_map map = owner.map("map", "the map of " + owner.what());
    for (const auto &entry : map.node()) {
        const std::string target = entry.first.Scalar();
        const place where{owner.file(), entry.first.Mark().line + 1};
        const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
        if (!entry.second.IsScalar() && !entry.second.IsNull())
            owner.fail(where, "\"" + target + "\" in the map must be a column, md5(column) or null");
        if (target == "__else__") {
            if (!entry.second.IsNull() && value != "keep")
                owner.fail(where, "\"__else__\" must be null or keep", "It is \"" + value + "\".");
            s.map_keeps_rest = !entry.second.IsNull();
            continue;
        }
        mapping m;
        m.target = target;
        if (!entry.second.IsNull()) {
            m.md5 = value.starts_with("md5(") && value.ends_with(")");
            m.source = m.md5 ? value.substr(4, value.size() - 5) : value;
            if (m.source.empty() || m.source.find_first_of("()") != std::string::npos)
                owner.fail(where, "\"" + value + "\" is not known in a map", "", "Known are a column's name, md5(column) and null.");
            check_name(owner, "column", target);
        }
        s.map.push_back(m);
    }
}

} // namespace

void check_name(const yaml_map &map, const std::string &kind, const std::string &name) {
    if (name.empty() || name.size() > 63)
        map.fail(map.at(), kind + " name \"" + name + "\" must have 1 to 63 bytes");
    std::string better = column_name(name);
    if (better == name && !(name[0] >= '0' && name[0] <= '9'))
        return;
    std::string underscored = name;
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    better = column_name(underscored);
    map.fail(map.at(), kind + " name \"" + name + "\" must consist of lower-case letters, digits and \"_\"", "",
             "Use \"" + better + "\".");
}

std::vector<generic_test> read_tests(yaml_map &map, severity otherwise) {
    std::vector<generic_test> out;
    if (!map.has("tests"))
        return out;
    YAML::Node list = map.raw("tests");
    if (list.IsScalar()) {
        out.push_back(read_test(map, list, otherwise));
        return out;
    }
    if (!list.IsSequence())
        map.fail(map.at("tests"), "key \"tests\" must be a list");
    for (const auto &item : list)
        out.push_back(read_test(map, item, otherwise));
    return out;
}

std::vector<column> read_columns(yaml_map &map, bool with_type, severity otherwise) {
    std::vector<column> out;
    for (yaml_map &c : map.maps("columns", "column")) {
        column one;
        one.name = c.text("name");
        if (with_type)
            one.type = c.text("type", "");
        one.description = c.text("description", "");
        one.tests = read_tests(c, otherwise);
        one.at = c.at();
        c.finish();
        for (const column &other : out)
            if (other.name == one.name)
                c.fail(c.at(), "column \"" + one.name + "\" is declared twice", "It was declared before in " + other.at.text() + ".");
        out.push_back(std::move(one));
    }
    return out;
}

void read_stream_options(yaml_map &map, stream &s, severity otherwise) {
    map.choice("format", {"csv"}, "csv");
    s.path = map.text("path", s.path);
    s.pattern = map.text("pattern", s.pattern);
    if (map.has("delimiter"))
        s.delimiter = read_character(map, "delimiter", false);
    if (map.has("quotechar"))
        s.quote = read_character(map, "quotechar", true);
    if (s.quote == s.delimiter)
        map.fail(map.at("quotechar"), "\"delimiter\" and \"quotechar\" must differ");
    s.blank_is_null = map.boolean("blank_is_null", s.blank_is_null);
    if (map.has("start_date"))
        s.start_date = read_start_date(map);
    if (map.has("field_names"))
        s.field_names = map.texts("field_names");
    if (map.has("key_properties"))
        s.key_properties = map.texts("key_properties");
    if (map.has("map")) {
        s.map.clear();
        s.map_keeps_rest = true;
        read_map(map, s);
    }
    s.description = map.text("description", s.description);
    if (map.has("columns"))
        s.columns = read_columns(map, true, otherwise);
    if (map.has("tests"))
        s.tests = read_tests(map, otherwise);
}

stream read_stream(yaml_map &map, const std::string &tap, stream s, severity otherwise) {
    s.tap = tap;
    s.name = map.text("name");
    s.at = map.at();
    check_name(map, "stream", s.name);
    read_stream_options(map, s, otherwise);
    map.finish();
    if (s.path.empty())
        map.fail(map.at(), map.what() + " lacks the key \"path\"");
    if (s.pattern.empty())
        map.fail(map.at(), map.what() + " lacks the key \"pattern\"");
    if (!s.field_names.empty() || !s.map_keeps_rest) {
        // All columns are known: a key that is none of them is found before any file is read.
        std::vector<std::string> columns;
        for (const mapping &m : s.map)
            if (!m.source.empty())
                columns.push_back(m.target);
        if (s.map_keeps_rest)
            for (const std::string &f : s.field_names)
                columns.push_back(column_name(f));
        for (const std::string &key : s.key_properties)
            if (std::find(columns.begin(), columns.end(), key) == columns.end()) {
                const std::string near = nearest_name(key, columns);
                map.fail(map.at("key_properties"), "key \"" + key + "\" of " + map.what() + " is none of its columns", "",
                         near.empty() ? "" : "Did you mean \"" + near + "\"?");
            }
    }
    return s;
}

} // namespace barometre::project
