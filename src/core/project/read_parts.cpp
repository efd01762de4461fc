#include "core/project/read_parts.h"
#include "core/bytes/encoding.h"
#include "core/error.h"
#include "core/name/column_name.h"
#include "core/name/nearest.h"
#include "core/project/amount.h"
#include "core/project/freshness_config.h"
#include "core/value/format.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <map>
#include <stdexcept>

namespace barometre::project {

namespace {

std::int64_t read_files_from(yaml_map &map) {
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

/// `things`: what the key counts.
limit read_limit(yaml_map &map, const std::string &key, const std::string &things) {
    const std::string text = map.text(key);
    limit limit;
    const char *last = text.data() + text.size();
    if (!text.empty() && text.back() == '%') {
        auto [end, failure] = std::from_chars(text.data(), --last, limit.percent);
        if (failure == std::errc() && end == last && limit.percent >= 0 && limit.percent <= 100)
            return limit;
    } else if (auto [end, failure] = std::from_chars(text.data(), last, limit.count);
               failure == std::errc() && end == last && limit.count >= 0) {
        return limit;
    }
    map.fail(map.at(key), "key \"" + key + "\" must be a number of " + things + " or a percentage",
             "It is \"" + text + "\".", "For example 100, or 1%.");
}

void read_contract(yaml_map &owner, stream &s) {
    yaml_map map = owner.map("contract", "the contract of " + owner.what());
    const std::string columns = map.choice("columns", {"evolve", "freeze", "discard"}, "evolve");
    const std::string types = map.choice("types", {"widen", "evolve", "freeze"}, "widen");
    map.finish();
    s.columns_contract = columns == "freeze"    ? column_contract::freeze
                         : columns == "discard" ? column_contract::discard
                                                : column_contract::evolve;
    s.types_contract = types == "freeze"   ? type_contract::freeze
                       : types == "evolve" ? type_contract::evolve
                                           : type_contract::widen;
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
                owner.fail(where, "\"" + value + "\" is not known in a map", "",
                           "Known are a column's name, md5(column) and null.");
            check_name(owner, "column", target);
        }
        s.map.push_back(m);
    }
}

} // namespace

std::string limit::text() const {
    char percentage[32];
    std::snprintf(percentage, sizeof percentage, "%g%%", percent);
    return percent < 0 ? std::to_string(count) : percentage;
}

bool limit::allows(std::int64_t some, std::int64_t all) const {
    return percent < 0 ? some <= count : static_cast<double>(some) * 100 <= percent * static_cast<double>(all);
}

void check_name(const yaml_map &map, const std::string &kind, const std::string &name) {
    check_name(map, kind, name, map.at());
}

void check_name(const yaml_map &map, const std::string &kind, const std::string &name, const place &where) {
    if (name.empty() || name.size() > 63)
        map.fail(where, kind + " name \"" + name + "\" must have 1 to 63 bytes");
    std::string better = name::column_name(name);
    if (better == name && !(name[0] >= '0' && name[0] <= '9'))
        return;
    std::string underscored = name;
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    better = name::column_name(underscored);
    map.fail(where, kind + " name \"" + name + "\" must consist of lower-case letters, digits and \"_\"", "",
             "Use \"" + better + "\".");
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

void merge_columns(std::vector<column> &into, const std::vector<column> &more) {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < into.size(); ++i)
        places.emplace(into[i].name, i);
    for (const column &c : more) {
        const auto [at, is_new] = places.emplace(c.name, into.size());
        if (is_new) {
            into.push_back(c);
            continue;
        }
        column *same = &into[at->second];
        if (same->description.empty())
            same->description = c.description;
        if (same->type.empty())
            same->type = c.type;
        if (same->formats.empty())
            same->formats = c.formats;
        if (!same->decimal)
            same->decimal = c.decimal;
        same->tests.insert(same->tests.end(), c.tests.begin(), c.tests.end());
    }
}

std::vector<column> read_columns(yaml_map &map, bool with_type, const test_rules &rules) {
    std::vector<column> out;
    std::map<std::string, place> declared;
    for (yaml_map &c : map.maps("columns", "column")) {
        column one;
        one.name = c.text("name");
        if (with_type)
            one.type = c.text("type", "");
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
        one.description = c.text("description", "");
        one.tests = read_tests(c, one.name, rules);
        one.at = c.at();
        c.finish();
        if (const auto [other, is_new] = declared.emplace(one.name, one.at); !is_new)
            c.fail(c.at(), "column \"" + one.name + "\" is declared twice",
                   "It was declared before in " + other->second.text() + ".");
        out.push_back(std::move(one));
    }
    if (with_type && out.size() > most_columns(false))
        map.fail(map.at("columns"), map.what() + " declares " + std::to_string(out.size()) + " columns",
                 "A table may have " + std::to_string(most_columns(false)) +
                     ": 1600 in PostgreSQL, less those that a load adds.");
    return out;
}

char read_decimal(yaml_map &map) { return map.choice("decimal", {",", "."}, ".")[0]; }

std::string read_delimiter(yaml_map &map) {
    const std::string delimiter = map.text("delimiter");
    if (delimiter.empty() || delimiter.size() > 16 || delimiter.find_first_of("\r\n") != std::string::npos)
        map.fail(map.at("delimiter"), "key \"delimiter\" must be one or a few characters",
                 "It is \"" + delimiter + "\".",
                 "A tab is written as \"\\t\", in double quotes. Without the key it is found from the file.");
    return delimiter;
}

void read_stream_options(yaml_map &map, stream &s, const test_rules &rules) {
    map.choice("format", {"csv"}, "csv");
    s.path = map.text("path", s.path);
    s.pattern = map.text("pattern", s.pattern);
    if (s.pattern.starts_with("/") || s.pattern.starts_with("../") || s.pattern.find("/../") != std::string::npos)
        map.fail(map.at("pattern"), "key \"pattern\" can't lead to another folder",
                 "It is compared with the names of the files in one folder.", "Name the folder with the key \"path\".");
    csv::dialect &how = s.dialect;
    if (map.has("delimiter"))
        how.delimiter = read_delimiter(map);
    if (map.has("quotechar"))
        how.quote = read_character(map, "quotechar", true);
    if (how.quote && how.delimiter.find(how.quote) != std::string::npos)
        map.fail(map.at("quotechar"), "\"delimiter\" and \"quotechar\" must differ");
    if (map.has("escapechar")) {
        how.escape = read_character(map, "escapechar", true);
        if (how.escape && how.delimiter.find(how.escape) != std::string::npos)
            map.fail(map.at("escapechar"), "\"delimiter\" and \"escapechar\" must differ");
        if (how.escape == how.quote) // the quote is doubled in any case
            how.escape = '\0';
    }
    if (map.has("comment"))
        how.comment = map.text("comment");
    if (how.comment.size() > 16 || how.comment.find_first_of("\r\n") != std::string::npos)
        map.fail(map.at("comment"), "key \"comment\" must be one or a few characters",
                 "It is \"" + how.comment + "\".");
    if (map.has("quoting"))
        how.lenient = map.choice("quoting", {"strict", "lenient"}, "strict") == "lenient";
    how.blank_is_null = map.boolean("blank_is_null", how.blank_is_null);
    if (map.has("nulls"))
        how.nulls = map.texts("nulls");
    if (map.has("skip_initial")) {
        const int lines = map.integer("skip_initial", 0);
        if (lines < 0)
            map.fail(map.at("skip_initial"), "key \"skip_initial\" must be a number of lines");
        how.skip_lines = static_cast<std::uint64_t>(lines);
    }
    if (map.has("encoding")) {
        s.encodings = map.texts("encoding");
        if (s.encodings.empty())
            map.fail(map.at("encoding"), "key \"encoding\" names no encoding");
        for (const std::string &name : s.encodings)
            if (!bytes::is_known_encoding(name))
                map.fail(map.at("encoding"), "encoding \"" + name + "\" is not known", "",
                         "Use for example utf-8, windows-1252, iso-8859-15 or utf-16.");
    }
    if (map.has("max_decompressed_size"))
        how.coding.most = static_cast<std::uint64_t>(
            read_amount(map, "max_decompressed_size",
                        {{"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", std::int64_t{1} << 40}}));
    if (map.has("decimal"))
        s.decimal = read_decimal(map);
    if (map.has("max_rejects"))
        s.max_rejects = read_limit(map, "max_rejects", "records");
    if (map.has("max_deletes"))
        s.max_deletes = read_limit(map, "max_deletes", "rows");
    if (map.has("contract"))
        read_contract(map, s);
    if (map.has("min_age"))
        s.min_age = read_duration(map, "min_age");
    if (map.has("start_date"))
        s.start_date = read_files_from(map);
    if (map.has("field_names"))
        s.field_names = map.texts("field_names");
    if (map.has("key_properties"))
        s.key_properties = map.texts("key_properties");
    if (map.has("map")) {
        s.map.clear();
        s.map_keeps_rest = true;
        read_map(map, s);
    }
    if (map.has("freshness"))
        s.freshness = read_freshness(map);
    s.description = map.text("description", s.description);
    if (map.has("columns"))
        s.columns = read_columns(map, true, rules);
    if (map.has("tests") || map.has("data_tests"))
        s.tests = read_tests(map, "", rules);
}

stream read_stream(yaml_map &map, const std::string &tap, stream s, const test_rules &rules) {
    s.tap = tap;
    s.name = map.text("name");
    s.at = map.at();
    check_name(map, "stream", s.name);
    read_stream_options(map, s, rules);
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
                columns.push_back(name::column_name(f));
        auto check = [&](const char *key, const std::string &what, const std::string &column) {
            if (std::find(columns.begin(), columns.end(), column) != columns.end())
                return;
            const std::string near = name::nearest(column, columns);
            map.fail(map.at(key), what + " \"" + column + "\" of " + map.what() + " is none of its columns", "",
                     near.empty() ? "" : "Did you mean \"" + near + "\"?");
        };
        for (const std::string &key : s.key_properties)
            check("key_properties", "key", key);
        if (s.freshness && !s.freshness->column.empty())
            check("freshness", "freshness column", s.freshness->column);
    }
    return s;
}

} // namespace barometre::project
