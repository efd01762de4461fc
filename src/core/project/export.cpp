#include "core/project/export.h"
#include "core/project/project_files.h"
#include "core/project/registered.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::project {

namespace {

void emit(YAML::Emitter &out, const YAML::Node &node) {
    if (node.IsSequence()) {
        out << YAML::BeginSeq;
        for (const auto &one : node)
            emit(out, one);
        out << YAML::EndSeq;
    } else if (node.IsMap()) {
        out << YAML::BeginMap;
        for (const auto &entry : node) {
            out << YAML::Key;
            emit(out, entry.first);
            out << YAML::Value;
            emit(out, entry.second);
        }
        out << YAML::EndMap;
    } else if (!node.IsScalar()) {
        out << YAML::Null;
    } else if (node.Tag() == "!") { // quoted: a text whatever it looks like
        out << YAML::DoubleQuoted << node.Scalar();
    } else {
        out << node.Scalar();
    }
}

std::string yaml_text(const YAML::Node &node) {
    YAML::Emitter out;
    emit(out, node);
    return std::string(out.c_str()) + "\n";
}

YAML::Node quoted(const std::string &text) {
    YAML::Node out(text);
    out.SetTag("!");
    return out;
}

/// A mapping of the name and all else that the options say. Keys are plain words, as in files.
YAML::Node named(const project &p, const std::string &name, const registration &r) {
    YAML::Node out(YAML::NodeType::Map);
    out.force_insert("name", quoted(name));
    const yaml_map options = registered_options(p, r);
    for (const auto &entry : options.node())
        out.force_insert(entry.first.Scalar(), entry.second);
    return out;
}

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        out.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return out;
}

/// `text` with the key `taps` of `whole` in the place of its own. All else, comments too, stays as it was written,
/// unless the file is written in a way that a section can't be taken out of: then all is written anew.
std::string with_taps(const std::string &text, const YAML::Node &before, const YAML::Node &whole) {
    const std::string anew = yaml_text(whole);
    YAML::Node taps(YAML::NodeType::Map);
    taps.force_insert("taps", whole["taps"]);
    std::vector<std::string> lines = lines_of(text);
    std::size_t from = lines.size(), to = lines.size();
    for (const auto &entry : before)
        if (entry.first.Scalar() == "taps")
            from = static_cast<std::size_t>(entry.first.Mark().line);
    for (const auto &entry : before)
        if (const auto line = static_cast<std::size_t>(entry.first.Mark().line); line > from)
            to = std::min(to, line);
    while (to > from + 1 && (lines[to - 1].empty() || lines[to - 1].starts_with('#'))) // they belong to what follows
        --to;
    std::string out;
    for (std::size_t i = 0; i < from; ++i)
        out += lines[i] + "\n";
    out += yaml_text(taps);
    for (std::size_t i = to; i < lines.size(); ++i)
        out += lines[i] + "\n";
    try {
        if (yaml_text(YAML::Load(out)) == anew)
            return out;
    } catch (const YAML::Exception &) { // flow style, or an anchor that is gone
    }
    return anew;
}

/// barometre.yml with the registered streams.
std::string project_file(const project &p, const std::string &text, const std::vector<registration> &registered) {
    const YAML::Node before = yaml_map::parse(text, "barometre.yml", *p.spending).node();
    YAML::Node whole = YAML::Clone(before);
    bool is_changed = false;
    for (const registration &r : registered) {
        if (r.kind != "stream")
            continue;
        is_changed = true;
        const std::size_t dot = r.name.find('.');
        const std::string tap_name = r.name.substr(0, dot);
        YAML::Node owner;
        for (const auto &t : whole["taps"])
            if (t["name"].Scalar() == tap_name)
                owner.reset(t);
        const bool is_new = !owner.IsMap();
        if (is_new) {
            owner.reset(YAML::Node(YAML::NodeType::Map));
            owner.force_insert("name", quoted(tap_name));
        }
        owner["streams"].push_back(named(p, r.name.substr(dot + 1), r));
        // Only now: yaml-cpp keeps for `whole` what a node holds when it is taken in, and later additions by chance.
        if (is_new)
            whole["taps"].push_back(owner);
    }
    return is_changed ? with_taps(text, before, whole) : text;
}

/// The first folder of a kind, where it isn't the one that is looked into by itself.
std::string first_folder(const YAML::Node &top, const std::string &kind) {
    const YAML::Node paths = top["paths"];
    const YAML::Node folders = paths && paths[kind] ? paths[kind] : YAML::Node(kind);
    return folders.IsSequence() && folders.size() ? folders[0].Scalar() : folders.IsScalar() ? folders.Scalar() : kind;
}

/// The options of a test as a line of its file. What the query's own config() says counts more, and stays.
std::string config_of(const project &p, const registration &r) {
    const auto said = jinja::find_references(r.query, r.place(), template_context(p)).settings;
    std::string out;
    const yaml_map options = registered_options(p, r);
    for (const auto &entry : options.node()) {
        const std::string key = entry.first.Scalar();
        if (said.count(key))
            continue;
        const std::string listed = jinja::printed(jinja::list{template_value(entry.second)}); // as templates write it
        text::append(out, key + "=" + listed.substr(1, listed.size() - 2));
    }
    return out.empty() ? "" : "{{ config(" + out + ") }}\n";
}

/// A query as the text of a file. Templates drop one newline at the end, and tools that write the file add one: with a
/// newline of the query's own before it the SQL would not be the same, and its model stale.
std::string file_text(const std::string &query) {
    return query.ends_with('\n') ? query.substr(0, query.size() - 1) : query;
}

} // namespace

std::vector<exported_file> export_registered(const project &p, const std::vector<registration> &registered) {
    const std::string text = read_text(*p.folder, "barometre.yml");
    const YAML::Node top = yaml_map::parse(text, "barometre.yml", *p.spending).node();
    const std::string models = first_folder(top, "models"), tests = first_folder(top, "tests");
    std::vector<exported_file> out{{"barometre.yml", project_file(p, text, registered)}};
    for (const registration &r : registered) {
        if (r.kind == "model") {
            out.push_back({models + "/" + r.name + ".sql", file_text(r.query)});
            if (registered_options(p, r).node().size() == 0)
                continue;
            std::string base = models + "/" + r.name;
            while (is_there(*p.folder, base + ".yml")) // it is another's
                base += "_";
            YAML::Node properties(YAML::NodeType::Map);
            properties["models"].push_back(named(p, r.name, r));
            out.push_back({base + ".yml", yaml_text(properties)});
        } else if (r.kind == "test") {
            out.push_back({tests + "/" + r.name + ".sql", config_of(p, r) + file_text(r.query)});
        }
    }
    return out;
}

} // namespace barometre::project
