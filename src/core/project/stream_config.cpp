#include "core/bytes/encoding.h"
#include "core/error.h"
#include "core/name/column_name.h"
#include "core/name/nearest.h"
#include "core/project/amount.h"
#include "core/project/distribution_config.h"
#include "core/project/freshness_config.h"
#include "core/project/job_step_config.h"
#include "core/project/read_parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

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

/// Such names are those of Meltano's mappings, and no columns.
[[noreturn]] void refuse_reserved(const yaml_map &owner, const std::string &name, const place &where) {
    const char *hint = name == "__alias__" || name == "__source__"
                           ? "The name of the stream is that of the table: say it with \"name\"."
                       : name == "__key_properties__" ? "Say  key_properties: [...]  of the stream, beside \"map\"."
                       : name == "__filter__"         ? "Load all records, and leave them out in a model."
                                                      : "Of such names \"__else__\" is known.";
    owner.fail(where, "\"" + name + "\" can't be used in a map", "Names of this form are reserved, as in Meltano.",
               hint);
}

void read_map(yaml_map &owner, stream &s) {
    yaml_map map = owner.map("map", "the map of " + owner.what());
    for (const auto &entry : map.node()) {
        const std::string target = entry.first.Scalar();
        const place where = owner.at(entry.first);
        const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
        if (!entry.second.IsScalar() && !entry.second.IsNull())
            owner.fail(where, "\"" + target + "\" in the map must be a column, md5(column) or null");
        if (target == "__else__") {
            const bool is_null = entry.second.IsNull() || value == "__NULL__";
            if (!is_null && value != "keep")
                owner.fail(where, "\"__else__\" must be null or keep", "It is \"" + value + "\".");
            s.map_keeps_rest = !is_null;
            continue;
        }
        if (target.size() > 4 && target.starts_with("__") && target.ends_with("__"))
            refuse_reserved(owner, target, where);
        mapping m;
        m.target = target;
        if (!entry.second.IsNull() && value != "__NULL__") {
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

/// Units of amounts of bytes.
const std::vector<std::pair<std::string, std::int64_t>> sizes{
    {"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", std::int64_t{1} << 40}};

void read_csv_options(yaml_map &map, csv::dialect &how) {
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
    if (map.has("nulls"))
        how.nulls = map.texts("nulls");
    if (map.has("skip_initial")) {
        const int lines = map.integer("skip_initial", 0);
        if (lines < 0)
            map.fail(map.at("skip_initial"), "key \"skip_initial\" must be a number of lines");
        how.skip_lines = static_cast<std::uint64_t>(lines);
    }
}

/// Of objects in objects: deeper ones are values.
constexpr int most_flattened = 16;

void read_unpivot(yaml_map &owner, json::dialect &how) {
    yaml_map map = owner.map("unpivot", "the key \"unpivot\" of " + owner.what());
    how.levels = map.texts("keys");
    how.leaf = map.text("value");
    map.finish();
    std::vector<std::string> names = how.levels;
    names.push_back(how.leaf);
    if (how.levels.empty())
        map.fail(map.at(), map.what() + " names no keys", "",
                 "For example  unpivot: {keys: [month, age], value: count}");
    if (how.levels.size() > json::most_levels)
        map.fail(map.at(), map.what() + " names more than " + std::to_string(json::most_levels) + " keys");
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i].empty() || std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
                                    names.begin() + static_cast<std::ptrdiff_t>(i))
            map.fail(map.at(), map.what() + " must give each field a name of its own",
                     "\"" + names[i] + "\" is " + (names[i].empty() ? "none." : "there twice."));
}

void read_json_options(yaml_map &map, json::dialect &how) {
    if (map.has("records_path")) {
        const std::string path = map.text("records_path");
        const auto steps = json::read_path(path);
        if (!steps)
            map.fail(map.at("records_path"), "key \"records_path\" must be a path of keys", "It is \"" + path + "\".",
                     "For example data, DataFeed.Rows or pages[*].items.");
        how.records_path = *steps;
    }
    if (map.has("unpivot"))
        read_unpivot(map, how);
    if (map.has("flatten")) {
        const int levels = map.integer("flatten", 0);
        if (levels < 0 || levels > most_flattened)
            map.fail(map.at("flatten"),
                     "key \"flatten\" must be a number of levels, up to " + std::to_string(most_flattened));
        how.flatten = static_cast<std::size_t>(levels);
    }
    if (map.has("max_document_size"))
        how.most = static_cast<std::uint64_t>(read_amount(map, "max_document_size", sizes));
}

/// A stream has no keys of another format than its own; its defaults may.
void refuse_other_formats(yaml_map &map, const stream &s) {
    constexpr std::array csv_keys{"delimiter", "quotechar", "escapechar",   "comment",
                                  "quoting",   "nulls",     "skip_initial", "field_names"};
    constexpr std::array json_keys{"records_path", "unpivot", "max_document_size"};
    constexpr std::array singer_keys{"hard_delete", "add_metadata_columns", "select"};
    const auto refuse = [&](const auto &keys, const char *formats) {
        for (const char *key : keys)
            if (map.has(key))
                map.fail(map.at(key), "key \"" + std::string(key) + "\" is for  format: " + formats,
                         "The format of " + map.what() + " is " + shown(s.format) + ".");
    };
    if (s.format != record_format::csv)
        refuse(csv_keys, "csv");
    if (s.format == record_format::csv || s.format == record_format::singer)
        refuse(json_keys, "json or jsonl");
    if (s.format == record_format::csv)
        refuse(std::array{"flatten"}, "json, jsonl or singer");
    if (s.format == record_format::singer) // whose SCHEMA has the types
        refuse(std::array{"prefer_schema_as_string", "prefer_number_vs_integer"}, "csv, json or jsonl");
    if (s.format != record_format::singer)
        refuse(singer_keys, "singer");
    else // an extraction says itself what is gone: hard_delete
        refuse(std::array{"delete_absent"}, "csv, json or jsonl");
    if (s.format == record_format::jsonl && map.has("max_document_size"))
        map.fail(map.at("max_document_size"), "key \"max_document_size\" is for  format: json",
                 "Of lines, one at a time is held.");
    if (!s.json.levels.empty() && map.has("flatten"))
        map.fail(map.at("flatten"), "a stream has either \"unpivot\" or \"flatten\"");
}

/// A file that holds records of several streams is listed and read for all of them.
void refuse_keys_of_tap(yaml_map &map) {
    for (const char *key : {"format", "path", "pattern", "encoding", "min_age", "start_date", "max_decompressed_size",
                            "stream_names", "flatten", "on_failure"})
        if (map.has(key))
            map.fail(map.at(key), "key \"" + std::string(key) + "\" is said at the tap, not at one of its streams",
                     "The files of a Singer tap are read for all its streams at once.");
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

const char *shown(record_format format) {
    switch (format) {
    case record_format::csv:
        return "csv";
    case record_format::jsonl:
        return "jsonl";
    case record_format::json:
        return "json";
    default:
        return "singer";
    }
}

namespace {

void read_singer_options(yaml_map &map, singer_options &how) {
    how.hard_delete = map.boolean("hard_delete", how.hard_delete);
    how.add_metadata_columns = map.boolean("add_metadata_columns", how.add_metadata_columns);
    if (map.has("select"))
        how.select = map.texts("select");
}

constexpr std::array formats{record_format::csv, record_format::jsonl, record_format::json, record_format::singer};

record_format read_format(yaml_map &map, record_format before) {
    std::vector<std::string> names;
    for (const record_format f : formats)
        names.emplace_back(shown(f));
    const std::string chosen = map.choice("format", names, shown(before));
    return *std::find_if(formats.begin(), formats.end(), [&](record_format f) { return shown(f) == chosen; });
}

/// What is said of files, and of what all tables made of them have in common.
void read_file_options(yaml_map &map, stream &s) {
    s.format = read_format(map, s.format);
    s.path = map.text("path", s.path);
    s.pattern = map.text("pattern", s.pattern);
    if (s.pattern.starts_with("/") || s.pattern.starts_with("../") || s.pattern.find("/../") != std::string::npos)
        map.fail(map.at("pattern"), "key \"pattern\" can't lead to another folder",
                 "It is compared with the names of the files in one folder.", "Name the folder with the key \"path\".");
    read_csv_options(map, s.csv);
    read_json_options(map, s.json);
    read_singer_options(map, s.singer);
    if (map.has("encoding")) {
        s.encodings = map.texts("encoding");
        if (s.encodings.empty())
            map.fail(map.at("encoding"), "key \"encoding\" names no encoding");
        for (const std::string &name : s.encodings)
            if (!bytes::is_known_encoding(name))
                map.fail(map.at("encoding"), "encoding \"" + name + "\" is not known", "",
                         "Use for example utf-8, windows-1252, iso-8859-15 or utf-16.");
    }
    s.blank_is_null = map.boolean("blank_is_null", s.blank_is_null);
    s.prefer_schema_as_string = map.boolean("prefer_schema_as_string", s.prefer_schema_as_string);
    s.prefer_number_vs_integer = map.boolean("prefer_number_vs_integer", s.prefer_number_vs_integer);
    if (map.has("max_decompressed_size"))
        s.max_decompressed_size = static_cast<std::uint64_t>(read_amount(map, "max_decompressed_size", sizes));
    if (map.has("decimal"))
        s.decimal = read_decimal(map);
    if (map.has("max_rejects"))
        s.max_rejects = read_limit(map, "max_rejects", "records");
    read_distribution(
        map, [&](const std::string &key) { return map.has(key) ? key : ""; }, s.spread);
    s.delete_absent = map.boolean("delete_absent", s.delete_absent);
    if (map.has("on_failure"))
        s.skips_failures = read_skips_failures(map);
    if (map.has("max_deletes"))
        s.max_deletes = read_limit(map, "max_deletes", "rows");
    if (map.has("contract"))
        read_contract(map, s);
    if (map.has("min_age"))
        s.min_age = read_duration(map, "min_age");
    if (map.has("start_date"))
        s.start_date = read_files_from(map);
    if (map.has("freshness"))
        s.freshness = read_freshness(map);
}

/// What is said of one table.
void read_table_options(yaml_map &map, stream &s, const test_rules &rules) {
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
        s.columns = read_columns(map, true, rules);
    if (map.has("tests") || map.has("data_tests"))
        s.tests = read_tests(map, "", rules);
}

/// streams: discover
void read_discovery(yaml_map &map, tap &to) {
    const bool is_said = map.has("streams");
    to.discovers = is_said && map.raw("streams").IsScalar();
    if (to.discovers && map.choice("streams", {"discover"}, "") == "discover" && !to.shares_files())
        map.fail(map.at("streams"), "streams: discover  is for  format: singer", "",
                 "Name the streams of " + map.what() + ", each with its path and pattern.");
    if (to.shares_files() && !is_said)
        map.fail(map.at(), map.what() + " lacks the key \"streams\"", "",
                 "Say  streams: discover  for a table of each SCHEMA, or name some:  streams: [{name: users}]");
}

} // namespace

void read_stream_options(yaml_map &map, stream &s, const test_rules &rules) {
    read_file_options(map, s);
    read_table_options(map, s, rules);
}

void read_tap_options(yaml_map &map, tap &t) {
    read_file_options(map, t.settings);
    read_discovery(map, t);
    t.last_part = map.choice("stream_names", {"whole", "last_part"}, "whole") == "last_part";
    if (!t.shares_files()) {
        for (const char *key : {"stream_names", "hard_delete", "add_metadata_columns", "select"})
            if (map.has(key))
                map.fail(map.at(key), "key \"" + std::string(key) + "\" is for  format: singer");
        return;
    }
    refuse_other_formats(map, t.settings);
    t.settings.delete_absent = false; // of the defaults
    if (t.settings.path.empty())
        map.fail(map.at(), map.what() + " lacks the key \"path\"");
    if (t.settings.pattern.empty())
        map.fail(map.at(), map.what() + " lacks the key \"pattern\"");
}

stream read_stream(yaml_map &map, const std::string &tap, stream s, const test_rules &rules) {
    s.tap = tap;
    s.name = map.text("name");
    s.at = map.at();
    check_name(map, "stream", s.name);
    const record_format of_tap = s.format;
    if (of_tap == record_format::singer)
        refuse_keys_of_tap(map);
    read_stream_options(map, s, rules);
    if (s.format == record_format::singer && of_tap != record_format::singer)
        map.fail(map.at("format"), "format: singer  is said at a tap, not at a stream",
                 "One file may hold records of all its streams.",
                 "Put  format: singer  beside the name of the tap, with its path and pattern.");
    refuse_other_formats(map, s);
    map.finish();
    if (s.path.empty())
        map.fail(map.at(), map.what() + " lacks the key \"path\"");
    if (s.pattern.empty())
        map.fail(map.at(), map.what() + " lacks the key \"pattern\"");
    if (s.delete_absent && s.key_properties.empty())
        map.fail(map.at("delete_absent"), map.what() + " has  delete_absent: true  and no key",
                 "Without a key it can't be told which rows its newest file lacks.",
                 "Name the columns of the key in key_properties, or say  delete_absent: false  of it.");
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
        if (!s.spread.by.empty() && map.has("distributed_by"))
            check("distributed_by", "column", s.spread.by);
        if (s.freshness && !s.freshness->column.empty())
            check("freshness", "freshness column", s.freshness->column);
    }
    return s;
}

} // namespace barometre::project
