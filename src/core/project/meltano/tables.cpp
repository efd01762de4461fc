#include "core/project/meltano/tables.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/name/column_name.h"
#include "core/text/text.h"

#include <filesystem>

namespace barometre::project::meltano {

namespace fs = std::filesystem;

namespace {

std::string plain(const fs::path &path) {
    std::string out = path.lexically_normal().string();
    while (out.size() > 1 && out.ends_with('/'))
        out.pop_back();
    return out;
}

/// A path of Meltano's as one below the data directory. `in`: whose key it is.
std::string data_path(const std::string &given, const document &from, const data_folder &data, const yaml_map &in,
                      const std::string &key) {
    std::string path = given;
    if (const std::size_t scheme = path.find("://"); scheme != std::string::npos) {
        if (!path.starts_with("file://"))
            in.fail(in.at(key), in.what() + " reads \"" + given + "\"",
                    "Files of barometre.data_directory are read alone.",
                    "Copy the files there, and write the tap in barometre.yml, by the same name.");
        path = path.substr(7);
    }
    const std::string absolute = plain(path.starts_with('/') ? fs::path(path) : fs::path(from.files().path) / path);
    const std::string resolved = data.resolve ? data.resolve(absolute) : absolute;
    for (const std::string &one : {absolute, resolved})
        for (const std::string &set : data.paths) {
            const std::string folder = plain(set);
            if (one == folder)
                return ".";
            if (one.starts_with(folder + "/"))
                return one.substr(folder.size() + 1);
        }
    in.fail(in.at(key), in.what() + " reads \"" + absolute + "\", which does not lie in barometre.data_directory",
            data.paths.empty() ? "barometre.data_directory is not set."
                               : "barometre.data_directory is \"" + plain(data.paths.front()) + "\".",
            "Set barometre.data_directory to a folder that holds it, or write the tap in barometre.yml, by the same "
            "name.");
}

std::string escaped(const std::string &name) {
    std::string out;
    for (const char c : name) {
        if (std::string_view("\\.[]{}()*+?^$|").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

/// Names of columns, as the header lines of files become some.
YAML::Node column_names(const std::vector<std::string> &names) {
    YAML::Node out(YAML::NodeType::Sequence);
    for (const std::string &one : names)
        out.push_back(name::column_name(one));
    return out;
}

/// {type: integer}, {type: [null, string], format: date-time}
std::string type_of(const YAML::Node &schema, const yaml_map &in, const std::string &column) {
    std::vector<std::string> types;
    const YAML::Node type = schema.IsMap() ? schema["type"] : schema;
    if (type.IsDefined() && type.IsScalar())
        types.push_back(type.Scalar());
    if (type.IsDefined() && type.IsSequence())
        for (const auto &one : type)
            if (one.IsScalar() && one.Scalar() != "null")
                types.push_back(one.Scalar());
    const YAML::Node format = schema.IsMap() ? schema["format"] : YAML::Node(YAML::NodeType::Undefined);
    if (types.size() == 1 || (types.size() == 2 && types[1] == "string")) {
        const std::string &one = types.front();
        if (one == "integer")
            return "bigint";
        if (one == "number")
            return "numeric";
        if (one == "boolean")
            return "boolean";
        if (one == "date-time" ||
            (one == "string" && format.IsDefined() && format.IsScalar() && format.Scalar() == "date-time"))
            return "timestamptz";
        if (one == "string")
            return "text";
    }
    in.fail(in.at(schema), "the type of column \"" + column + "\" of " + in.what() + " is not known", "",
            "Known are integer, number, string, boolean and date-time.");
}

YAML::Node read_overrides(yaml_map &table) {
    YAML::Node out(YAML::NodeType::Sequence);
    const yaml_map overrides = table.map("schema_overrides", "the schema_overrides of " + table.what());
    for (const auto &entry : overrides.node()) {
        YAML::Node column(YAML::NodeType::Map);
        column["name"] = name::column_name(entry.first.Scalar());
        column["type"] = type_of(entry.second, overrides, entry.first.Scalar());
        out.push_back(column);
    }
    return out;
}

std::string format_of(yaml_map &table, const std::string &pattern) {
    const std::string said = table.text("format", "detect");
    if (said == "csv" || said == "json" || said == "jsonl")
        return said;
    const bool is_sheet = pattern.find(".xls") != std::string::npos || pattern.find("parquet") != std::string::npos;
    if (said != "detect" || is_sheet)
        table.fail(table.at("format"),
                   "format \"" + (said == "detect" ? pattern : said) + "\" of " + table.what() + " is not read", "",
                   "Convert the files to CSV.");
    return pattern.find("jsonl") != std::string::npos  ? "jsonl"
           : pattern.find("json") != std::string::npos ? "json"
                                                       : "csv";
}

const std::vector<std::string> of_csv{"quotechar", "escapechar", "skip_initial", "field_names"};

/// One of `tables:` of tap-spreadsheets-anywhere.
table read_spreadsheet(yaml_map &map, const document &from, const data_folder &data) {
    table out{map.text("name"), YAML::Node(YAML::NodeType::Map), map.at()};
    YAML::Node &s = out.stream;
    std::string path = data_path(map.text("path"), from, data, map, "path");
    if (const std::string prefix = map.text("search_prefix", ""); !prefix.empty())
        path = plain(fs::path(path) / prefix);
    const std::string pattern = map.text("pattern", "");
    const std::string format = format_of(map, pattern);
    s["path"] = path;
    s["pattern"] = whole_name_pattern(pattern);
    s["format"] = format;
    if (map.has("start_date")) {
        const std::string date = map.text("start_date");
        s["start_date"] = date.size() > 19 && date[10] == 'T' && !date.ends_with('Z') ? date.substr(0, 10) : date;
        if (date.size() > 20 && date.ends_with('Z'))
            s["start_date"] = date.substr(0, 19) + "Z"; // parts of a second
    }
    if (map.has("key_properties"))
        s["key_properties"] = column_names(map.texts("key_properties"));
    if (map.has("encoding"))
        s["encoding"] = map.text("encoding");
    if (format == "csv") {
        if (const std::string delimiter = map.text("delimiter", "detect"); delimiter != "detect")
            s["delimiter"] = delimiter;
        for (const std::string &key : of_csv)
            if (map.has(key))
                s[key] = map.raw(key);
    }
    if (map.has("json_path") && format != "csv")
        s["records_path"] = map.text("json_path");
    if (map.has("schema_overrides"))
        s["columns"] = read_overrides(map);
    for (const char *key : {"prefer_number_vs_integer", "prefer_schema_as_string"})
        if (map.boolean(key, false))
            s[key] = true;
    if (map.text("invalid_format_action", "fail") == "ignore")
        s["on_failure"] = "skip";
    for (const char *key : {"universal_newlines", "sample_rate", "max_sampling_read", "max_sampled_files",
                            "max_records_per_run", "worksheet_name", "selected", "delimiter", "json_path"})
        map.has(key);
    for (const std::string &key : of_csv)
        map.has(key);
    map.finish();
    return out;
}

/// One of `files:` of tap-csv.
table read_csv_file(yaml_map &map, const document &from, const data_folder &data, findings &found) {
    table out{map.text("entity"), YAML::Node(YAML::NodeType::Map), map.at()};
    YAML::Node &s = out.stream;
    const std::string path = data_path(map.text("path"), from, data, map, "path");
    const bool is_folder = path == "." || (data.has_folder && data.has_folder(path));
    const fs::path folder = is_folder ? fs::path(path) : fs::path(path).parent_path();
    s["path"] = folder.empty() ? "." : folder.string();
    s["pattern"] = is_folder ? ".*\\.csv" : escaped(fs::path(path).filename().string());
    s["format"] = "csv";
    if (map.has("keys"))
        s["key_properties"] = column_names(map.texts("keys"));
    for (const char *key : {"delimiter", "quotechar", "escapechar", "encoding"})
        if (map.has(key))
            s[key] = map.raw(key);
    for (const char *key : {"doublequote", "skipinitialspace", "strict"})
        map.has(key);
    if (map.boolean("add_metadata_columns", false))
        found.ignored("add_metadata_columns", map.at("add_metadata_columns"),
                      "Each table has _baro_file and _baro_line, and baro_lineage() tells more.");
    map.finish();
    return out;
}

} // namespace

std::string whole_name_pattern(const std::string &given) {
    std::string flags, p = given;
    if (p.starts_with("(?i)")) { // such words may stand at the beginning alone
        flags = "(?i)";
        p = p.substr(4);
    }
    for (std::size_t at = 0; (at = p.find("(?P<", at)) != std::string::npos;) // groups need no names here
        if (const std::size_t end = p.find('>', at); end == std::string::npos || p[at + 4] == '=')
            ++at;
        else
            p.replace(at, end - at + 1, "(");
    if (p.empty())
        return ".*";
    const bool has_choice = p.find('|') != std::string::npos; // of which an end may be in one part alone
    std::size_t slashes = 0;
    while (slashes + 1 < p.size() && p[p.size() - 2 - slashes] == '\\')
        ++slashes;
    const bool begins = !has_choice && p.starts_with('^');
    const bool ends = !has_choice && p.ends_with('$') && slashes % 2 == 0;
    p = p.substr(begins, p.size() - begins - ends);
    return flags + (begins ? "" : ".*") + "(?:" + p + ")" + (ends ? "" : ".*");
}

std::vector<table> read_tables(const plugin &p, const document &from, const data_folder &data,
                               const std::shared_ptr<findings> &found, const one_by_one &attempt) {
    const bool is_csv = p.base == "tap-csv";
    const std::string key = is_csv ? "files" : "tables";
    yaml_map config(p.config, p.at.file, "the config of " + p.entry.what(), p.at.line, found);
    if (is_csv && config.has("csv_files_definition") && !config.has("files"))
        config.fail(config.at("csv_files_definition"), config.what() + " names its files in another file", "",
                    "Write them as  files: [{entity: ..., path: ..., keys: [...]}]");
    if (!config.has(key))
        config.fail(p.at, p.entry.what() + " has no \"" + key + "\" in its config",
                    "What .env or the environment says is not read.",
                    "Write them into meltano.yml, or the tap into barometre.yml, by the same name.");
    std::vector<table> out;
    for (const YAML::Node &item : config.items(key)) {
        check_interrupts();
        const place at = config.at(item);
        attempt("extractor", p.name, at, [&] {
            yaml_map map(from.filled(item, config), p.at.file, "a table", at.line, found);
            map.rename("table \"" + map.text(is_csv ? "entity" : "name") + "\" of " + p.name);
            if (!map.boolean("selected", true))
                return;
            table one = is_csv ? read_csv_file(map, from, data, *found) : read_spreadsheet(map, from, data);
            one.at = at;
            if (one.stream["format"].Scalar() == "csv")
                one.stream["quoting"] = "lenient"; // as Python's csv reads
            out.push_back(one);
        });
    }
    return out;
}

YAML::Node read_singer_files(const plugin &p, const document &from, const data_folder &data) {
    yaml_map config(p.config, p.at.file, "the config of " + p.entry.what(), p.at.line, p.entry.found());
    const YAML::Node inner = config.node()["local"];
    yaml_map local(inner.IsDefined() && inner.IsMap() ? from.filled(inner, config) : YAML::Node(YAML::NodeType::Map),
                   p.at.file, "local of " + p.entry.what(), p.at.line, p.entry.found());
    const auto texts = [&](const std::string &key) {
        return local.has(key) ? local.texts(key) : config.texts("local." + key);
    };
    std::set<std::string> folders, names;
    for (const std::string &folder : texts("folders"))
        folders.insert(data_path(folder, from, data, config, "local"));
    for (const std::string &file : texts("paths")) {
        const fs::path path = data_path(file, from, data, config, "local");
        folders.insert(path.has_parent_path() ? path.parent_path().string() : ".");
        names.insert(escaped(path.filename().string()));
    }
    if (folders.size() != 1)
        config.fail(p.at, p.entry.what() + (folders.empty() ? " names no files" : " reads several folders"), "",
                    folders.empty() ? "Write  local: {folders: [...]}  into its config."
                                    : "Make an extractor of each.");
    std::string pattern;
    for (const std::string &name : names)
        pattern += (pattern.empty() ? "" : "|") + name;
    YAML::Node out(YAML::NodeType::Map);
    out["path"] = *folders.begin();
    out["pattern"] = pattern.empty() ? ".*\\.(singer|jsonl|singer\\.gz|jsonl\\.gz)" : "(?:" + pattern + ")";
    return out;
}

} // namespace barometre::project::meltano
