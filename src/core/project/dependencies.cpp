#include "core/project/dependencies.h"
#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/generic_test.h"
#include "core/project/registered.h"
#include "core/project/templates.h"

#include <functional>

namespace barometre::project {

namespace {

/// The nodes that templates refer to; refuses a reference to nothing. `refers`: who does, as a message begins.
std::vector<std::string> nodes_referred(const project &p, const std::vector<std::string> &refs,
                                        const std::vector<std::pair<std::string, std::string>> &sources,
                                        const std::function<std::string(const std::string &node)> &refers) {
    auto refuse = [&](const std::string &node, const std::string &what, const std::vector<std::string> &known) {
        const std::string near = name::nearest(node, known);
        throw error(sqlstate::bad_graph, refers(node) + "is " + what, "",
                    near.empty() ? "Correct the name, or add what it names to the project."
                                 : "Did you mean \"" + near + "\"?");
    };
    std::vector<std::string> out = refs;
    for (const std::string &ref : refs) {
        if (const model *off = p.find_disabled(ref))
            throw error(sqlstate::bad_graph, refers(ref) + "is disabled",
                        "It is disabled in " + off->at("enabled").text() + ".",
                        "Enable it, or disable or change what refers to it.");
        if (!p.find_model(ref) && !p.find_seed(ref))
            refuse(ref, "neither a model nor a seed", p.referable());
    }
    for (const auto &[tap, stream] : sources) {
        out.push_back(tap + "." + stream);
        if (!p.find_stream(tap, stream)) {
            std::vector<std::string> known;
            for (const auto &t : p.taps)
                for (const auto &s : t.streams)
                    known.push_back(t.name + "." + s.name);
            refuse(out.back(), "no stream of a tap", known);
        }
    }
    return out;
}

void add_reader(graph::dag &g, const project &p, const std::string &kind, const std::string &name,
                const std::string &file, const std::string &source, const model *self) {
    g.add_node(name);
    auto read = jinja::find_references(source, file, template_context(p, self));
    auto refers = [&](const std::string &node) {
        return described(kind + " \"" + name + "\"", file, read.lines[node]) + " refers to \"" + node + "\", which ";
    };
    for (const std::string &node : nodes_referred(p, read.refs, read.sources, refers))
        g.add_edge(node, name);
}

/// `relations`: what may be read. A model that reads itself becomes an edge to
/// itself, which graph::order() refuses as a circle.
void add_reads(graph::dag &g, const std::set<std::string> &relations, const std::string &name,
               const std::vector<std::string> &reads) {
    for (const std::string &node : reads)
        if (relations.count(node))
            g.add_edge(node, name);
}

} // namespace

graph::dag dependencies(const project &p) {
    graph::dag g;
    for (const auto &t : p.taps)
        for (const auto &s : t.streams)
            g.add_node(t.name + "." + s.name);
    for (const auto &s : p.seeds)
        g.add_node(s.name);
    for (const auto &m : p.models)
        add_reader(g, p, m.kind(), m.name, m.file, m.source, &m);
    const std::set<std::string> relations = g.nodes();
    for (const auto &m : p.models)
        add_reads(g, relations, m.name, m.reads);
    return g;
}

graph::dag dependencies_with_tests(const project &p) {
    graph::dag g = dependencies(p);
    const std::set<std::string> relations = g.nodes();
    for (const auto &t : p.tests) {
        add_reader(g, p, "test", t.name, t.file, t.source, nullptr);
        add_reads(g, relations, t.name, t.reads);
    }
    return g;
}

void add_discovered_sources(project &p) {
    if (std::none_of(p.taps.begin(), p.taps.end(), [](const tap &t) { return t.discovers; }))
        return;
    const jinja::callbacks of_tests = template_context(p);
    std::vector<std::pair<std::string, std::string>> sources;
    const auto add = [&](const jinja::references &from) {
        sources.insert(sources.end(), from.sources.begin(), from.sources.end());
    };
    const auto add_tests = [&](const std::vector<generic_test> &tests) {
        for (const generic_test &t : tests)
            add(find_test_references(t, of_tests));
    };
    const auto add_table = [&](const auto &table) {
        add_tests(table.tests);
        for (const column &c : table.columns)
            add_tests(c.tests);
    };
    for (const model &m : p.models) {
        add(jinja::find_references(m.source, m.file, template_context(p, &m)));
        add_table(m);
    }
    for (const seed &s : p.seeds)
        add_table(s);
    for (const singular_test &t : p.tests)
        add(jinja::find_references(t.source, t.file, of_tests));
    for (const auto &[tap, stream] : sources)
        add_discovered_stream(p, tap, stream);
}

void find_test_reads(project &p) {
    const jinja::callbacks context = template_context(p);
    auto find = [&](std::vector<generic_test> &tests) {
        for (generic_test &t : tests) {
            const jinja::references read = find_test_references(t, context);
            t.reads = nodes_referred(p, read.refs, read.sources, [&](const std::string &node) {
                return "test \"" + t.name + "\" (" + t.at.text() + ") refers to \"" + node + "\", which ";
            });
        }
    };
    auto find_all = [&](auto &table) {
        find(table.tests);
        for (column &c : table.columns)
            find(c.tests);
    };
    for (auto &t : p.taps)
        for (auto &s : t.streams)
            find_all(s);
    for (auto &s : p.seeds)
        find_all(s);
    for (auto &m : p.models)
        find_all(m);
}

graph::traits traits_of(const project &p) {
    auto path_of = [](const std::string &file) { return is_registered(file) ? "" : file; };
    graph::traits out;
    for (const auto &t : p.taps)
        for (const auto &s : t.streams)
            out[t.name + "." + s.name] = {.kind = "stream",
                                          .path = is_registered(s.at.file) ? "" : "barometre.yml",
                                          .materialized = "",
                                          .schema = t.name,
                                          .tags = {}};
    for (const auto &s : p.seeds) {
        out[s.name] = {.kind = "seed", .path = s.file, .materialized = "", .schema = p.schema, .tags = s.tags};
    }
    for (const auto &m : p.models)
        out[m.name] = {.kind = m.kind(),
                       .path = path_of(m.file),
                       .materialized = to_text(m.materialized),
                       .schema = m.schema,
                       .tags = m.tags,
                       .folder = m.folder};
    for (const auto &t : p.tests)
        out[t.name] = {.kind = "test", .path = path_of(t.file), .materialized = "", .schema = "", .tags = {}};
    return out;
}

} // namespace barometre::project
