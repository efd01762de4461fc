#include "core/project/meltano/taps.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/project/meltano/mappings.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::project::meltano {

namespace {

constexpr char of_files[] = "tap-spreadsheets-anywhere", of_csv_files[] = "tap-csv", of_singer[] = "tap-singer-jsonl";

/// As the loaders name schemas and tables.
std::string relation_name(const std::string &name) { return plain_name(name, '_'); }

class making {
public:
    making(const document &from, const std::vector<plan> &plans, const data_folder &data,
           const std::shared_ptr<findings> &found, const one_by_one &attempt)
        : from_(from), data_(data), found_(found), attempt_(attempt) {
        for (const plan &one : plans)
            for (const block &b : one.blocks)
                if (!b.extractor.empty())
                    runs_[b.extractor].push_back(&b);
    }

    void make(const plugin &p) {
        const bool is_run = runs_.count(p.name) > 0;
        const bool reads_tables = p.base == of_files || p.base == of_csv_files;
        if (p.is_inherited && !is_run &&
            (!reads_tables || !p.config[p.base == of_csv_files ? "files" : "tables"].IsDefined()))
            return found_->add(taken("extractor", p.name, p.at, "Others inherit from it."));
        const plugin *loader = loader_of(p);
        const std::string schema = schema_of(p, loader);
        use &to = out.extractors[p.name];
        const std::size_t before = found_->problems.size();
        if (reads_tables)
            make_files(p, schema, to);
        else
            make_singer(p, loader, schema, to);
        if (!reads_tables || to.has_files || found_->problems.size() == before) // else none of its tables is right
            to.tap = schema;
    }

    /// Streams of a schema that several extractors fill are named when one of those runs.
    void finish() {
        std::map<std::string, int> of_schema;
        for (const auto &[name, one] : out.extractors)
            of_schema[one.tap] += one.has_files;
        for (auto &[name, one] : out.extractors)
            if (of_schema[one.tap] < 2)
                one.streams.clear();
    }

    made_taps out;

private:
    const plugin *loader_of(const plugin &p) const {
        if (const auto run = runs_.find(p.name); run != runs_.end())
            return from_.find(run->second.front()->loader, "loaders");
        for (const plugin &one : from_.plugins())
            if (one.kind == "loaders" && one.base.starts_with("target-postgres"))
                return &one;
        return nullptr;
    }

    static std::string text_of(const plugin *p, const std::string &key) {
        const YAML::Node said = p ? p->config[key] : YAML::Node(YAML::NodeType::Undefined);
        return said.IsDefined() && said.IsScalar() ? said.Scalar() : "";
    }

    std::string schema_of(const plugin &p, const plugin *loader) const {
        for (const char *key : {"default_target_schema", "schema"})
            if (const std::string said = text_of(loader, key); !said.empty() &&
                                                               said.find("$MELTANO_EXTRACT") == std::string::npos &&
                                                               said.find("${MELTANO_EXTRACT") == std::string::npos)
                return relation_name(from_.filled(said, loader->at));
        std::string said = text_of(&p, "_load_schema");
        if (said.empty() || said.find("MELTANO_EXTRACTOR_NAMESPACE") != std::string::npos) {
            yaml_map entry = p.entry;
            said = entry.text("namespace", p.name);
        }
        return relation_name(from_.filled(said, p.at));
    }

    void make_files(const plugin &p, const std::string &schema, use &to) {
        std::vector<table> tables = read_tables(p, from_, data_, found_, attempt_);
        std::vector<std::string> names, shown;
        for (const table &one : tables)
            names.push_back(one.name);
        if (tables.empty())
            return;
        const auto [maps, mapping] = mapping_of(p);
        std::vector<yaml_map> streams;
        for (const mapped &m : map_streams(maps, names, p.entry)) {
            check_interrupts();
            const table &of =
                tables[static_cast<std::size_t>(std::find(names.begin(), names.end(), m.source) - names.begin())];
            const std::string name = relation_name(m.name);
            YAML::Node stream(YAML::NodeType::Map);
            stream["name"] = name;
            for (const auto &entry : of.stream)
                if (entry.first.Scalar() != "key_properties" || !m.has_keys)
                    stream.force_insert(entry.first, entry.second);
            if (m.has_keys)
                stream["key_properties"] = m.keys;
            if (m.map.IsDefined())
                stream["map"] = m.map;
            streams.emplace_back(stream, of.at.file, "stream \"" + name + "\"", of.at.line);
            to.streams.push_back(name);
            shown.push_back(name);
        }
        made_tap &tap = tap_of(schema, p, false);
        tap.streams.insert(tap.streams.end(), streams.begin(), streams.end());
        to.has_files = !streams.empty();
        found_->add(taken("extractor", p.name, p.at,
                          "Tap " + schema + " with the streams " + joined(shown) +
                              (mapping.empty() ? "" : ", by the mapping " + mapping) + "."));
    }

    void make_singer(const plugin &p, const plugin *loader, const std::string &schema, use &to) {
        const std::string folder = "singer/" + relation_name(p.name);
        const bool is_known = p.base == of_singer;
        const bool is_there = !is_known && data_.has_folder && data_.has_folder(folder);
        out.looked_for.push_back(folder + (is_there ? "+" : "-"));
        if (!is_known && !is_there) {
            std::string why = "It reads no files that are read here: run it elsewhere, and put its output under "
                              "<data_directory>/" +
                              folder + "/, or fill the tables of schema \"" + schema +
                              "\" from elsewhere, which are sources then.";
            found_->add({"extractor", p.name, "not run", p.at, why});
            if (!known(schema))
                tap_of(schema, p, false);
            return;
        }
        made_tap &tap = tap_of(schema, p, true);
        YAML::Node map = tap.map.node();
        map["format"] = "singer";
        map["streams"] = "discover";
        if (is_known)
            for (const auto &entry : read_singer_files(p, from_, data_))
                map.force_insert(entry.first, entry.second);
        else {
            map["path"] = folder;
            map["pattern"] = ".*\\.(singer|jsonl|singer\\.gz|jsonl\\.gz)";
        }
        for (const char *key : {"hard_delete", "add_metadata_columns"})
            if (const std::string said = text_of(loader, key); said == "true" || said == "True")
                map[key] = "true";
        if (const std::string levels = text_of(loader, "data_flattening_max_level"); !levels.empty() && levels != "0")
            map["flatten"] = levels;
        const auto [maps, mapping] = mapping_of(p);
        if (maps.IsDefined())
            p.entry.fail(p.at, p.entry.what() + " is run with the mapping \"" + mapping + "\"",
                         "Streams that are discovered in Singer files can't be mapped.",
                         "Write the tap into barometre.yml, by the name \"" + schema +
                             "\", with a map of each stream.");
        to.has_files = true;
        found_->add(
            taken("extractor", p.name, p.at, "Tap " + schema + ": Singer files in " + map["path"].Scalar() + "."));
    }

    /// The mappings that all runs of an extractor name; undefined: none.
    std::pair<YAML::Node, std::string> mapping_of(const plugin &p) const {
        const auto runs = runs_.find(p.name);
        YAML::Node maps(YAML::NodeType::Undefined);
        if (runs == runs_.end())
            return {maps, ""};
        std::vector<std::string> names;
        bool is_run_plain = false;
        for (const block *run : runs->second) {
            is_run_plain = is_run_plain || run->mappings.empty();
            if (run->mappings.empty() || run->mappings == names)
                continue;
            if (!names.empty())
                p.entry.fail(p.at,
                             p.entry.what() + " is run with two different mappings, " + joined(names) + " and " +
                                 joined(run->mappings),
                             "A table has one of them.", "Make an extractor of each, by inherit_from.");
            names = run->mappings;
        }
        if (is_run_plain && !names.empty())
            found_->add({"mapping", names.front(), "always used", p.at,
                         p.name + " is also run without it: a table has one form.", true});
        for (const std::string &name : names) {
            const YAML::Node more = find_mapping(from_, name);
            for (const auto &entry : more)
                if (maps.IsDefined() && maps[entry.first.Scalar()].IsDefined())
                    p.entry.fail(p.at,
                                 p.entry.what() + " is run with the mappings " + joined(names) +
                                     ", of which two map the stream \"" + entry.first.Scalar() + "\"",
                                 "", "Make it one mapping.");
            maps.reset(maps.IsDefined() ? merged(maps, more) : more);
        }
        return {maps, joined(names)};
    }

    made_tap *known(const std::string &schema) {
        const auto tap = taps_.find(schema);
        return tap == taps_.end() ? nullptr : &out.taps[tap->second];
    }

    /// The tap of a schema. Files of one format may share it.
    made_tap &tap_of(const std::string &schema, const plugin &p, bool is_alone) {
        if (made_tap *tap = known(schema)) {
            if (is_alone || tap->map.node()["format"].IsDefined())
                p.entry.fail(p.at, p.entry.what() + " loads into schema \"" + schema + "\", as another extractor does",
                             "Singer files are read for all tables of their schema.",
                             "Give it a schema of its own by the key \"load_schema\".");
            return *tap;
        }
        YAML::Node map(YAML::NodeType::Map);
        map["name"] = schema;
        taps_[schema] = out.taps.size();
        out.taps.push_back({yaml_map(map, p.at.file, "tap \"" + schema + "\"", p.at.line), {}});
        return out.taps.back();
    }

    const document &from_;
    const data_folder &data_;
    std::shared_ptr<findings> found_;
    const one_by_one &attempt_;
    std::map<std::string, std::vector<const block *>> runs_;
    std::map<std::string, std::size_t> taps_; ///< by schema
};

/// Settings of target-postgres that say how tables are made, and that have no counterpart: with what to say instead.
constexpr std::pair<const char *, const char *> without_effect[] = {
    {"schema_mapping", "Say load_schema of each extractor."},
    {"default_target_schema_select_permission", "Say  roles: {readers: [...]}  in barometre.yml."},
    {"default_target_schema_select_permissions", "Say  roles: {readers: [...]}  in barometre.yml."},
    {"primary_key_required", "Tables without a key are loaded, too."},
    {"validate_records", "A value that its column can't hold is a reject, and stops the load beyond max_rejects."},
    {"activate_version", "Such messages are always read."},
    {"load_method", "Rows with a key are merged by it, others are added."},
    {"batch_size_rows", ""},
    {"flush_all_streams", ""},
    {"parallelism", ""}};

void note_loader(const plugin &p, findings &found) {
    found.add(taken(p.noun(), p.name, p.at,
                    "Tables are loaded into this database. Of its settings count those of schemas, hard_delete, "
                    "add_metadata_columns and data_flattening_max_level."));
    for (const auto &[key, instead] : without_effect)
        if (p.config[key].IsDefined()) {
            const bool moves_tables = std::string_view(key) == "schema_mapping";
            found.add({"setting", key, "ignored", p.at, instead, moves_tables, moves_tables});
        }
}

/// What becomes of the other plugins.
void note_others(const document &from, const std::vector<plan> &plans, findings &found) {
    std::set<std::string> mappings;
    for (const plan &one : plans)
        for (const block &b : one.blocks)
            mappings.insert(b.mappings.begin(), b.mappings.end());
    for (const plugin &p : from.plugins()) {
        const std::string kind = p.noun();
        if (p.kind == "loaders" && p.base.starts_with("target-postgres"))
            note_loader(p, found);
        else if (p.kind == "loaders")
            found.add({kind, p.name, "ignored", p.at, "Tables are loaded into this database alone."});
        else if (p.kind == "mappers")
            for (yaml_map entry = p.entry; const YAML::Node &item : entry.items("mappings")) {
                yaml_map one = entry.named(item, "mapping");
                const std::string name = one.text("name");
                if (mappings.count(name))
                    found.add(taken("mapping", name, one.at(), "Of the streams of what is run with it."));
                else
                    found.add({"mapping", name, "ignored", one.at(), "No job runs anything with it."});
            }
        else if (p.kind != "extractors" && !is_dbt(p))
            found.add({kind, p.name, "ignored", p.at, "It has no meaning here."});
    }
}

} // namespace

note taken(const std::string &kind, const std::string &name, const place &at, const std::string &detail) {
    note out{kind, name, "taken", at, detail};
    out.is_told = false;
    return out;
}

made_taps make_taps(const document &from, const std::vector<plan> &plans, const data_folder &data,
                    const std::shared_ptr<findings> &found, const one_by_one &attempt) {
    making all(from, plans, data, found, attempt);
    for (const plugin &p : from.plugins())
        if (p.kind == "extractors")
            attempt("extractor", p.name, p.at, [&] { all.make(p); });
    all.finish();
    note_others(from, plans, *found);
    return std::move(all.out);
}

} // namespace barometre::project::meltano
