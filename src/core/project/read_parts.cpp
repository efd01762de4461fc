#include "core/project/read_parts.h"
#include "core/error.h"
#include "core/json/writer.h"
#include "core/name/column_name.h"
#include "core/project/registered.h"
#include "core/project/templates.h"
#include "core/value/format.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>

namespace barometre::project {

namespace fs = std::filesystem;

void check_name(const yaml_map &map, const std::string &kind, const std::string &name) {
    check_name(map, kind, name, map.at());
}

void check_name(const yaml_map &map, const std::string &kind, const std::string &name, const place &where) {
    if (name.empty() || name.size() > 63)
        map.fail(where, kind + " name \"" + name + "\" must have 1 to 63 bytes");
    if (map.found() && map.found()->keeps_names)
        return;
    std::string better = name::column_name(name);
    if (better == name && !(name[0] >= '0' && name[0] <= '9'))
        return;
    std::string underscored = name;
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    better = name::column_name(underscored);
    const bool begins_badly = better == name;
    if (better[0] >= '0' && better[0] <= '9')
        better = "_" + better;
    const fs::path file(where.file);
    map.fail(where,
             kind + " name \"" + name + "\" must " +
                 (begins_badly ? "not begin with a digit" : "consist of lower-case letters, digits and \"_\""),
             "",
             better.empty()        ? ""
             : file.stem() == name ? "Call the file " + better + file.extension().string() + "."
                                   : "Use \"" + better + "\".");
}

barometre::value::date_order read_date_order(yaml_map &map) {
    if (!map.has("date_order"))
        return barometre::value::date_order::none;
    const std::string order = map.choice("date_order", {"dmy", "mdy", "ymd"}, "");
    return order == "dmy"   ? barometre::value::date_order::dmy
           : order == "mdy" ? barometre::value::date_order::mdy
                            : barometre::value::date_order::ymd;
}

void add_tags(std::vector<std::string> &tags, const std::vector<std::string> &more) {
    for (const std::string &tag : more)
        if (std::find(tags.begin(), tags.end(), tag) == tags.end())
            tags.push_back(tag);
}

void read_tags(yaml_map &map, std::vector<std::string> &tags, const std::string &key) {
    const std::vector<std::string> more = map.texts(key);
    if (std::find(more.begin(), more.end(), "") != more.end())
        map.fail(map.at(key), "a tag of " + map.what() + " is empty");
    add_tags(tags, more);
}

void read_meta(yaml_map &map, std::map<std::string, std::string> &meta, const std::string &key) {
    const yaml_map inner = map.map(key, "the meta of " + map.what());
    for (const auto &entry : inner.node())
        meta[entry.first.Scalar()] = json_text(template_value(entry.second));
}

std::string meta_text(const std::map<std::string, std::string> &meta) {
    json::object out;
    for (const auto &[key, value] : meta)
        out.raw(key, value);
    return out.text();
}

namespace {

/// What `c` does not say of its column, another entry may; tests of both count.
void add_column(column &c, const column &other) {
    if (c.description.empty())
        c.description = other.description;
    if (c.type.empty())
        c.type = other.type;
    if (c.formats.empty())
        c.formats = other.formats;
    if (!c.decimal)
        c.decimal = other.decimal;
    if (c.data_type.empty())
        c.data_type = other.data_type;
    c.tests.insert(c.tests.end(), other.tests.begin(), other.tests.end());
}

} // namespace

void merge_columns(std::vector<column> &into, const std::vector<column> &more) {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < into.size(); ++i)
        places.emplace(into[i].name, i);
    for (const column &c : more) {
        const auto [at, is_new] = places.emplace(c.name, into.size());
        if (is_new)
            into.push_back(c);
        else
            add_column(into[at->second], c);
    }
}

std::string read_description(yaml_map &map, const test_rules &rules, const std::string &otherwise) {
    if (!map.has("description"))
        return otherwise;
    const std::string text = map.text("description", otherwise);
    if (!map.found() || !rules.docs || text.find("{{") == std::string::npos)
        return text;
    jinja::callbacks calls = rules.context;
    calls.docs = rules.docs;
    try {
        return rendered_text(text, map.at("description"), calls);
    } catch (const error &e) { // it is a text for people, and changes no result
        if (e.is_intervention())
            throw;
        map.found()->add({"value", "description", "ignored", map.at("description"), e.message + ". " + e.hint, true});
        return text;
    }
}

namespace {

/// Keys of columns in properties files that mean nothing here.
const std::vector<std::string> of_columns = {"meta",        "quote",     "constraints", "policy_tags",
                                             "granularity", "dimension", "entity",      "config"};

} // namespace

std::vector<column> read_columns(yaml_map &map, bool with_type, const test_rules &rules) {
    std::vector<column> out;
    std::map<std::string, std::size_t> declared;                                  // places in `out`
    const bool once = map.file() == "barometre.yml" || is_registered(map.file()); // in dbt's files it may come again
    for (yaml_map &c : map.maps("columns", "column")) {
        column one;
        one.name = c.text("name");
        if (with_type)
            one.type = c.text("type", "");
        else
            one.data_type = c.text("data_type", "");
        if (with_type && c.has("format")) {
            one.formats = c.texts("format");
            for (const std::string &format : one.formats)
                try {
                    barometre::value::time_format compiled(format);
                } catch (const std::invalid_argument &e) {
                    c.fail(c.at("format"), "format \"" + format + "\" of " + c.what() + ": " + e.what());
                }
            if (one.type.empty())
                c.fail(c.at("format"), c.what() + " has a format but no type", "",
                       "Add its type: date, timestamp or timestamptz.");
        }
        if (with_type && c.has("decimal"))
            one.decimal = read_decimal(c);
        one.description = read_description(c, rules, "");
        one.tests = read_tests(c, one.name, rules);
        one.at = c.at();
        if (!with_type && c.has("tags")) { // which dbt gives to its tests
            std::vector<std::string> tags;
            read_tags(c, tags);
            for (generic_test &t : one.tests)
                add_tags(t.config.tags, tags);
        }
        c.ignore(of_columns);
        c.finish();
        const auto [same, is_new] = declared.emplace(one.name, out.size());
        if (is_new) {
            out.push_back(std::move(one));
            continue;
        }
        column &before = out[same->second];
        if (once || (!one.type.empty() && !before.type.empty() && one.type != before.type))
            c.fail(c.at(), "column \"" + one.name + (once ? "\" is declared twice" : "\" has two types"),
                   "It was declared before in " + before.at.text() + ".");
        add_column(one, before); // what is said last counts
        std::rotate(one.tests.begin(), one.tests.end() - static_cast<std::ptrdiff_t>(before.tests.size()),
                    one.tests.end());
        one.at = before.at;
        before = std::move(one);
    }
    if (with_type && out.size() > most_columns(false))
        map.fail(map.at("columns"), map.what() + " declares " + std::to_string(out.size()) + " columns",
                 "A table may have " + std::to_string(most_columns(false)) +
                     ": 1600 in PostgreSQL, less those that a load adds.");
    return out;
}

char read_decimal(yaml_map &map) { return map.choice("decimal", {",", "."}, ".")[0]; }

std::string read_delimiter(yaml_map &map, const std::string &key) {
    const std::string delimiter = map.text(key);
    if (delimiter.empty() || delimiter.size() > 16 || delimiter.find_first_of("\r\n") != std::string::npos)
        map.fail(map.at(key), "key \"delimiter\" must be one or a few characters", "It is \"" + delimiter + "\".",
                 "A tab is written as \"\\t\", in double quotes. Without the key it is found from the file.");
    return delimiter;
}

} // namespace barometre::project
