#include "core/project/registered.h"
#include "core/error.h"
#include "core/project/project_files.h"
#include "core/project/read_parts.h"

#include <algorithm>

namespace barometre::project {

namespace {

constexpr char mark[] = " (registered)";
constexpr std::size_t mark_size = sizeof mark - 1;

/// The same without places: the text that yaml-cpp read is the server's, in one line.
YAML::Node without_places(const YAML::Node &node) {
    YAML::Node out;
    if (node.IsSequence()) {
        out = YAML::Node(YAML::NodeType::Sequence);
        for (const auto &one : node)
            out.push_back(without_places(one));
    } else if (node.IsMap()) {
        out = YAML::Node(YAML::NodeType::Map);
        for (const auto &entry : node)
            out.force_insert(without_places(entry.first), without_places(entry.second));
    } else if (node.IsScalar()) {
        out = node.Scalar();
        out.SetTag(node.Tag()); // says what is quoted, and so a text
    }
    return out;
}

void add_name(yaml_map &map, const std::string &name) {
    YAML::Node(map.node())["name"] = name; // nodes share what they hold
}

/// A name can't be registered and in the files, or be two things. `holder`: where the other one is.
[[noreturn]] void refuse_taken(const registration &r, const std::string &holder) {
    throw error(sqlstate::project_invalid, r.place() + ": the name \"" + r.name + "\" is taken",
                "It is that of " + holder + ".",
                "Rename one of them. What is registered is forgotten by: " + unregister_call(r.place()));
}

} // namespace

std::string registered_place(const std::string &kind, const std::string &name) {
    return kind + " \"" + name + "\"" + mark;
}

bool is_registered(const std::string &file) { return file.ends_with(mark); }

std::string unregister_call(const std::string &file) {
    if (!is_registered(file))
        return "";
    const std::size_t quote = file.find('"');
    return "SELECT * FROM baro_unregister('" + file.substr(0, quote - 1) + "', '" +
           file.substr(quote + 1, file.size() - mark_size - quote - 2) + "');";
}

std::string described(const std::string &what, const std::string &file, int line) {
    const bool is_itself = is_registered(file) && what.ends_with(file.substr(0, file.size() - mark_size));
    return what + " (" + (is_itself ? "registered" : file) + (line > 0 ? ", line " + std::to_string(line) : "") + ")";
}

std::string registration::place() const { return registered_place(kind, name); }

void check_registered(const registration &r) {
    check_text(r.kind + " " + r.name, "what is registered");
    check_text(r.query, r.place());
    check_text(r.options, "options of " + r.place());
}

std::string holder_of(const project &p, const std::string &name) {
    if (const model *m = p.find_model(name))
        return place{m->file, m->line}.text();
    if (const seed *s = p.find_seed(name))
        return s->file.empty() ? s->at.text() : s->file;
    for (const singular_test &t : p.tests)
        if (t.name == name)
            return t.file;
    return "";
}

void refuse_taken(const project &p, const singular_test &t) {
    const std::string holder = holder_of(p, t.name);
    if (!holder.empty())
        throw error(sqlstate::project_invalid, t.file + ": the name \"" + t.name + "\" is taken",
                    "It is that of " + holder + ".",
                    "Rename the test's file" + (is_registered(holder)
                                                    ? ", or forget what is registered: " + unregister_call(holder)
                                                    : std::string(".")));
}

yaml_map registered_options(const project &p, const registration &r) {
    if (!r.options.starts_with('{'))
        throw error(sqlstate::project_invalid, r.place() + ": the options must be a JSON object",
                    "They are " + r.options.substr(0, 100) + ".",
                    "Their keys are those of the project file, for example {\"description\": \"...\"}.");
    const std::string name = r.kind == "stream" ? r.name.substr(r.name.find('.') + 1) : r.name;
    yaml_map map(without_places(yaml_map::parse(r.options, r.place(), *p.spending).node()), r.place(),
                 r.kind + " \"" + name + "\"");
    if (map.has("name"))
        map.fail(map.at("name"), "key \"name\" can't be among the options", "", "The name is an argument of its own.");
    return yaml_map(map.node(), r.place(), map.what());
}

void add_registered_streams(project &p, const std::vector<registration> &registered, const stream &defaults,
                            const test_rules &rules) {
    for (const registration &r : registered) {
        if (r.kind != "stream")
            continue;
        const std::size_t dot = r.name.find('.');
        const std::string tap_name = r.name.substr(0, dot),
                          name = dot == std::string::npos ? "" : r.name.substr(dot + 1);
        yaml_map map = registered_options(p, r);
        check_name(map, "tap", tap_name);
        add_name(map, name);
        tap *owner = p.taps.find(tap_name);
        if (owner && owner->discovers)
            throw error(sqlstate::project_invalid,
                        r.place() + ": tap \"" + tap_name + "\" has the streams that its files tell of", "",
                        "Name its streams in " + owner->at.text() + ", in the place of  streams: discover.");
        stream one = read_stream(map, tap_name, owner ? owner->settings : defaults, rules);
        if (const stream *other = p.find_stream(tap_name, name))
            refuse_taken(r, "the stream in " + other->at.text());
        if (!owner)
            owner = &*p.taps.insert(p.taps.end(), {tap_name, "", {}, {r.place(), 0}, defaults});
        owner->streams.push_back(std::move(one));
    }
}

void add_discovered_streams(project &p, const std::vector<registration> &registered) {
    for (const registration &r : registered) {
        if (r.kind != "discovered")
            continue;
        const std::size_t dot = r.name.find('.');
        add_discovered_stream(p, r.name.substr(0, dot), r.name.substr(dot + 1));
    }
}

bool add_discovered_stream(project &p, const std::string &tap_name, const std::string &name) {
    for (tap &t : p.taps) {
        if (t.name != tap_name || !t.discovers)
            continue;
        if (!p.find_stream(tap_name, name))
            t.streams.push_back(*t.stream_called(name));
        return true;
    }
    return false;
}

void add_registered_models(project &p, const std::vector<registration> &registered) {
    for (const registration &r : registered) {
        if (r.kind != "model")
            continue;
        check_name(yaml_map(YAML::Node(YAML::NodeType::Map), r.place(), "the model"), "model", r.name);
        if (const std::string holder = holder_of(p, r.name); !holder.empty())
            refuse_taken(r, holder);
        model m;
        m.name = r.name;
        m.file = r.place();
        m.source = r.query;
        p.models.push_back(std::move(m));
    }
}

std::vector<yaml_map> registered_properties(const project &p, const std::vector<registration> &registered) {
    std::vector<yaml_map> out;
    for (const registration &r : registered)
        if (r.kind == "model") {
            out.push_back(registered_options(p, r));
            add_name(out.back(), r.name);
        }
    return out;
}

std::string hashed_text(const std::vector<registration> &registered) {
    std::string out;
    for (const registration &r : registered)
        out += r.place() + '\0' + r.query + '\0' + r.options + '\0';
    return out;
}

void add_registered_tests(project &p, const std::vector<registration> &registered, const test_rules &rules) {
    for (const registration &r : registered) {
        if (r.kind != "test")
            continue;
        yaml_map options = registered_options(p, r);
        check_name(options, "test", r.name);
        singular_test t{r.name, "", r.place(), r.query, rules.defaults, {}};
        read_test_config(options, t.config);
        const bool enabled = options.boolean("enabled", true);
        options.finish();
        if (!apply_test_config(t, rules, enabled))
            continue;
        if (const std::string holder = holder_of(p, r.name); !holder.empty())
            refuse_taken(r, holder);
        p.tests.push_back(std::move(t));
    }
}

} // namespace barometre::project
