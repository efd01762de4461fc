#include "core/project/dependencies.h"
#include "core/name/nearest.h"
#include "core/project/generic_test.h"
#include "core/project/registered.h"
#include "core/project/templates.h"
#include "core/project/unit_test_inputs.h"

#include <algorithm>
#include <functional>

namespace barometre::project {

namespace {

/// ref('package', 'name') means that package's node alone.
void check_package(const project &p, const jinja::references &read, const std::string &ref,
                   const std::function<std::string(const std::string &node)> &refers) {
    const auto said = read.packages.find(ref);
    if (said == read.packages.end() || p.find_blocked(ref))
        return;
    if (const std::string package = p.package_of(ref); said->second != package)
        throw missing_node({sqlstate::bad_graph, refers(ref) + "is not in package \"" + said->second + "\"",
                            package.empty() ? "It is the project's own." : "It is in package \"" + package + "\".",
                            "Write ref('" + ref + "')."},
                           "");
}

std::vector<std::string> nodes_in(const project &p, const jinja::references &read, const std::string &kind,
                                  const std::string &name, const std::string &file, const relation_node *self) {
    return nodes_referred(p, read, self, [&](const std::string &node) {
        const auto line = read.lines.find(node);
        return described(kind + " \"" + name + "\"", file, line == read.lines.end() ? 0 : line->second) +
               " refers to \"" + node + "\", which ";
    });
}

void add_reader(graph::dag &g, const std::string &name, const std::vector<std::string> &nodes) {
    g.add_node(name);
    for (const std::string &node : nodes)
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

std::vector<std::string> nodes_referred(const project &p, const jinja::references &read, const relation_node *self,
                                        const std::function<std::string(const std::string &node)> &refers) {
    auto refuse = [&](const std::string &node, const std::string &what, const std::vector<std::string> &known,
                      const std::string &source) {
        const std::string near = name::nearest(node, known);
        throw missing_node({sqlstate::bad_graph, refers(node) + "is " + what, "",
                            near.empty() ? "Correct the name, or add what it names to the project."
                                         : "Did you mean \"" + near + "\"?"},
                           source);
    };
    std::vector<std::string> out = read.refs;
    for (const std::string &ref : read.refs) {
        if (const relation_node *off = p.find_disabled(ref))
            throw missing_node({sqlstate::bad_graph, refers(ref) + "is disabled",
                                "It is disabled in " + off->where("enabled").text() + ".",
                                "Enable it, or disable or change what refers to it."},
                               "");
        if (!p.find_model(ref) && !p.find_seed(ref) && !p.find_blocked(ref))
            refuse(ref, "neither a model nor a seed", p.referable(), "");
        check_package(p, read, ref, refers);
    }
    for (const auto &[schema, name] : read.relations)
        if (const std::string node = p.node_called(schema, name); !node.empty() && (!self || node != self->name))
            out.push_back(node);
    for (const auto &[source, table] : read.sources) {
        std::string node = p.source_node(source, table);
        if (node.empty() && p.find_blocked(source + "." + table))
            node = source + "." + table;
        if (node.empty()) {
            std::vector<std::string> known;
            for (const auto &t : p.taps)
                for (const auto &s : t.streams)
                    known.push_back(t.name + "." + s.name);
            for (const auto &one : p.declared_sources)
                known.push_back(one.first);
            refuse(source + "." + table, "neither a stream of a tap nor declared under \"sources:\"", known, source);
        }
        out.push_back(node);
    }
    return out;
}

std::shared_ptr<const jinja::references> references_of(const project &p, const model &m) {
    if (m.refers)
        return m.refers;
    return std::make_shared<const jinja::references>(jinja::find_references(m.source, m.file, template_context(p, &m)));
}

std::vector<std::string> nodes_referred(const project &p, const model &m) {
    return nodes_in(p, *references_of(p, m), m.kind(), m.name, m.file, &m);
}

std::vector<std::string> nodes_referred(const project &p, const singular_test &t) {
    return nodes_in(p, jinja::find_references(t.source, t.file, template_context(p, nullptr, t.package)), "test",
                    t.name, t.file, nullptr);
}

graph::dag dependencies(const project &p) {
    graph::dag g;
    for (const auto &t : p.taps)
        for (const auto &s : t.streams)
            g.add_node(t.name + "." + s.name);
    for (const auto &s : p.sources)
        g.add_node(s.node());
    for (const auto &s : p.seeds)
        g.add_node(s.name);
    for (const auto &m : p.models)
        add_reader(g, m.name, nodes_referred(p, m));
    for (const auto &b : p.blocked)
        add_reader(g, b.name, {});
    for (const auto &b : p.blocked)
        for (const std::string &node : b.reads)
            if (g.nodes().count(node) && !(b.is_cause && p.find_blocked(node))) // they may be a circle
                g.add_edge(node, b.name);
    const std::set<std::string> relations = g.nodes();
    for (const auto &m : p.models)
        add_reads(g, relations, m.name, m.reads);
    const auto follow = [&](const relation_node &n) { // what it lies beside is there first
        if (!n.spread.beside_relation.empty() && relations.count(n.spread.beside))
            g.add_order(n.spread.beside, n.name);
    };
    for (const auto &s : p.seeds)
        follow(s);
    for (const auto &m : p.models)
        follow(m);
    return g;
}

graph::dag dependencies_with_tests(const project &p) {
    graph::dag g = dependencies(p);
    const std::set<std::string> relations = g.nodes();
    for (const auto &t : p.tests) {
        add_reader(g, t.name, nodes_referred(p, t));
        add_reads(g, relations, t.name, t.reads);
    }
    return g;
}

namespace {

/// The tables of a project, each with its name as a node.
template <class Project, class Take> void each_table(Project &p, Take &&take) {
    for (auto &t : p.taps)
        for (auto &s : t.streams)
            take(t.name + "." + s.name, s);
    for (auto &s : p.sources)
        take(s.node(), s);
    for (auto &s : p.seeds)
        take(s.name, s);
    for (auto &m : p.models)
        take(m.name, m);
}

/// The lists of generic tests of a table.
template <class Table, class Take> void each_list(Table &table, Take &&take) {
    take(table.tests);
    for (auto &c : table.columns)
        take(c.tests);
    if constexpr (requires { table.documented; }) // a stream
        for (auto &c : table.documented)
            take(c.tests);
}

/// All that a generic test says, but for where.
std::string said_by(const generic_test &t) {
    jinja::list all;
    for (const std::string &one :
         {t.test, t.macro, t.name, t.column, t.config.where, t.config.fail_calc, std::string(t.config.severity_name()),
          t.config.warn_if.text(), t.config.error_if.text(), meta_text(t.config.meta)})
        all.emplace_back(one);
    for (const auto &[key, v] : t.arguments)
        all.emplace_back(jinja::list{key, v});
    all.emplace_back(t.config.limit.value_or(-1));
    for (const std::string &tag : t.config.tags)
        all.emplace_back(tag);
    return json_text(all);
}

/// The nodes of a circle, as graph::dag::order() tells it; empty: it is another error.
std::vector<std::string> circle_of(const error &e) {
    static const std::string lead = "in a circle: ", arrow = " -> ";
    std::vector<std::string> out;
    const std::size_t start = e.message.find(lead);
    if (start == std::string::npos)
        return out;
    std::string names = e.message.substr(start + lead.size());
    for (std::size_t at = 0; (at = names.find(arrow)) != std::string::npos; names.erase(0, at + arrow.size()))
        out.push_back(names.substr(0, at));
    return out;
}

/// Moves models to what is blocked; what is tested of them by themselves is left out.
void block(project &p, const std::set<std::string> &names, const graph::dag &g, const std::string &why, bool is_cause) {
    std::erase_if(p.unit_tests, [&](const unit_test &t) { return names.count(t.model) > 0; });
    erase_if(p.models, [&](const model &m) {
        if (!names.count(m.name))
            return false;
        const std::set<std::string> &reads = g.parents(m.name);
        p.blocked.push_back({m.kind(), m.name, m.file, m.folder, m.tags, {reads.begin(), reads.end()}, why, is_cause});
        p.blocked_models.push_back(m);
        return true;
    });
}

} // namespace

void block_circles(project &p) {
    for (;;) {
        const graph::dag g = dependencies(p);
        try {
            g.order();
            return;
        } catch (const error &e) {
            const std::vector<std::string> circle = circle_of(e);
            const std::set<std::string> members(circle.begin(), circle.end());
            const model *first = circle.empty() ? nullptr : p.find_model(circle.front());
            if (!first)
                throw;
            p.found->problems.push_back({first->kind(), first->name, {first->file, first->line}, e});
            std::set<std::string> after;
            for (const std::string &one : members)
                after.merge(g.descendants(one));
            block(p, members, g, e.message, true);
            block(p, after, g, "it reads \"" + circle.front() + "\", which is blocked", false);
        }
    }
}

std::map<const generic_test *, test_names> names_of_tests(const project &p) {
    std::set<std::string> taken;
    for (const singular_test &t : p.tests)
        taken.insert(t.name);
    for (const unit_test &t : p.unit_tests)
        taken.insert(t.model + "." + t.name);
    each_table(p, [&](const std::string &node, const auto &) { taken.insert(node); });
    std::map<const generic_test *, test_names> out;
    each_table(p, [&](const std::string &node, const auto &table) {
        each_list(table, [&](const std::vector<generic_test> &tests) {
            for (const generic_test &t : tests) {
                const std::string target = t.column.empty() ? node : node + "." + t.column;
                std::string name = t.name;
                for (int n = 2; !taken.insert(target + "." + name).second; ++n)
                    name = t.name + "#" + std::to_string(n);
                out[&t] = {target, name, target + "." + name};
            }
        });
    });
    return out;
}

graph::dag dependencies_with_all_tests(const project &p) {
    graph::dag g = dependencies_with_tests(p);
    const auto names = names_of_tests(p);
    each_table(p, [&](const std::string &node, const auto &table) {
        each_list(table, [&](const std::vector<generic_test> &tests) {
            for (const generic_test &t : tests) {
                g.add_edge(node, names.at(&t).node);
                for (const std::string &read : t.reads)
                    g.add_edge(read, names.at(&t).node);
            }
        });
    });
    for (const auto &[t, name] : names_of_unit_tests(p))
        g.add_edge(t->model, name);
    return g;
}

void drop_repeated_tests(project &p) {
    each_table(p, [](const std::string &, auto &table) {
        std::set<std::string> said;
        each_list(table, [&](std::vector<generic_test> &tests) {
            std::erase_if(tests, [&](const generic_test &t) { return !said.insert(said_by(t)).second; });
        });
    });
}

void add_discovered_sources(project &p) {
    if (std::none_of(p.taps.begin(), p.taps.end(), [](const tap &t) { return t.discovers; }))
        return;
    std::vector<std::pair<std::string, std::string>> sources;
    const auto add = [&](const jinja::references &from) {
        sources.insert(sources.end(), from.sources.begin(), from.sources.end());
    };
    const auto add_tests = [&](const std::vector<generic_test> &tests) {
        for (const generic_test &t : tests)
            try {
                add(find_test_references(t, template_context(p, nullptr, t.package)));
            } catch (const error &e) { // told when the references of tests are looked at
                if (e.is_intervention())
                    throw;
            }
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
        add(jinja::find_references(t.source, t.file, template_context(p, nullptr, t.package)));
    for (const auto &[tap, stream] : sources)
        add_discovered_stream(p, tap, stream);
}

void find_test_reads(const project &p, generic_test &t) {
    const jinja::references read = find_test_references(t, template_context(p, nullptr, t.package));
    t.reads = nodes_referred(p, read, nullptr, [&](const std::string &node) {
        return "test \"" + t.name + "\" (" + t.at.text() + ") refers to \"" + node + "\", which ";
    });
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
        out[s.name] = {.kind = "seed", .path = s.file, .materialized = "", .schema = s.schema, .tags = s.tags};
    }
    for (const auto &m : p.models)
        out[m.name] = {.kind = m.kind(),
                       .path = path_of(m.file),
                       .materialized = to_text(m.materialized),
                       .schema = m.schema,
                       .tags = m.tags,
                       .folder = m.folder};
    for (const auto &s : p.sources)
        out[s.node()] = {.kind = "source", .path = s.at.file, .materialized = "", .schema = s.schema, .tags = s.tags};
    for (const auto &b : p.blocked)
        out[b.name] = {.kind = b.kind,
                       .path = path_of(b.file),
                       .materialized = "",
                       .schema = "",
                       .tags = b.tags,
                       .folder = b.folder};
    const auto add_test = [&](const std::string &name, const char *kind, const std::string &file,
                              const std::vector<std::string> &tags, std::vector<std::string> types) {
        out[name] = {.kind = kind,
                     .path = path_of(file),
                     .materialized = "",
                     .schema = "",
                     .tags = tags,
                     .folder = "",
                     .test_types = std::move(types)};
    };
    for (const auto &t : p.tests)
        add_test(t.name, "test", t.file, t.config.tags, {"data", "singular"});
    for (const auto &[t, name] : names_of_tests(p))
        add_test(name.node, "test", t->at.file, t->config.tags, {"data", "generic"});
    for (const auto &[t, name] : names_of_unit_tests(p))
        add_test(name, "unit_test", t->at.file, t->config.tags, {"unit"});
    return out;
}

} // namespace barometre::project
