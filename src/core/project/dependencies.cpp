#include "core/project/dependencies.h"
#include "core/error.h"
#include "core/name/column_name.h"
#include "core/template/render.h"

namespace barometre {

namespace {

void add_reader(graph &g, const project::project &p, const std::string &kind, const std::string &name,
                const std::string &file, const std::string &source) {
    g.add_node(name);
    auto read = templating::find_references(source, file);
    auto refuse = [&](const std::string &node, const std::string &what, const std::vector<std::string> &known) {
        const std::string near = nearest_name(node, known);
        throw error(sqlstate::bad_graph,
                    kind + " \"" + name + "\" (" + file + ", line " + std::to_string(read.lines[node]) + ") refers to \"" + node +
                        "\", which is " + what,
                    "", near.empty() ? "Correct the name, or add what it names to the project." : "Did you mean \"" + near + "\"?");
    };
    for (const std::string &ref : read.refs) {
        if (!p.find_model(ref) && !p.find_seed(ref)) {
            std::vector<std::string> known;
            for (const auto &m : p.models)
                known.push_back(m.name);
            for (const auto &s : p.seeds)
                known.push_back(s.name);
            refuse(ref, "neither a model nor a seed", known);
        }
        g.add_edge(ref, name);
    }
    for (const auto &[tap, stream] : read.sources) {
        const std::string node = tap + "." + stream;
        if (!p.find_stream(tap, stream)) {
            std::vector<std::string> known;
            for (const auto &t : p.taps)
                for (const auto &s : t.streams)
                    known.push_back(t.name + "." + s.name);
            refuse(node, "no stream of a tap", known);
        }
        g.add_edge(node, name);
    }
}

} // namespace

graph dependencies(const project::project &p) {
    graph g;
    for (const auto &t : p.taps)
        for (const auto &s : t.streams)
            g.add_node(t.name + "." + s.name);
    for (const auto &s : p.seeds)
        g.add_node(s.name);
    for (const auto &m : p.models)
        add_reader(g, p, "model", m.name, m.file, m.source);
    return g;
}

graph dependencies_with_tests(const project::project &p) {
    graph g = dependencies(p);
    for (const auto &t : p.tests)
        add_reader(g, p, "test", t.name, t.file, t.source);
    return g;
}

} // namespace barometre
