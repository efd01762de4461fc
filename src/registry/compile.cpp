#include "registry/compile.h"
#include "core/name/nearest.h"
#include "core/project/registered.h"
#include "core/project/templates.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>

namespace barometre::registry {

std::pair<std::string, std::string> place_of(const project::project &p, const std::string &node) {
    if (const project::model *m = p.find_model(node))
        return {m->schema, m->relation()};
    if (const project::seed *s = p.find_seed(node))
        return {s->schema, s->relation()};
    if (const project::source_table *s = p.find_source(node))
        return {s->schema, s->identifier};
    std::size_t dot = node.find('.');
    return {node.substr(0, dot), node.substr(dot + 1)};
}

std::string relation_of(const project::project &p, const std::string &node) {
    auto [schema, name] = place_of(p, node);
    return pg::qualified(schema, name);
}

bool node_exists(const project::project &p, const std::string &node) {
    if (const project::model *m = p.find_model(node); m && m->is(project::materialization::ephemeral))
        return true; // as far as it goes: who asks looks at what it reads
    auto [schema, name] = place_of(p, node);
    return pg::relation_exists(schema, name);
}

std::string kind_of(const project::project &p, const std::string &node) {
    if (const project::model *m = p.find_model(node))
        return m->kind();
    if (const project::blocked_node *b = p.find_blocked(node))
        return b->kind;
    return p.find_seed(node) ? "seed" : p.find_source(node) ? "source" : "stream";
}

std::string node_named(const project::project &p, const std::string &schema, const std::string &name) {
    if (schema.empty()) {
        const std::string first = node_named(p, p.schema, name);
        return first.empty() ? node_named(p, "public", name) : first;
    }
    return p.node_called(schema, name);
}

namespace {

/// The model whose SQL it is. A file of snapshots has several.
const project::model *model_of(const project::project &p, const std::string &source, const std::string &file) {
    const project::model *of_file = nullptr;
    for (const project::model &m : p.models) {
        if (m.file != file)
            continue;
        if (m.source == source)
            return &m;
        if (!of_file)
            of_file = &m;
    }
    return of_file;
}

const project::model *ephemeral_model(const project::project &p, const std::string &schema, const std::string &name) {
    const project::model *m = p.find_model(node_named(p, schema, name));
    return m && m->is(project::materialization::ephemeral) ? m : nullptr;
}

} // namespace

jinja::callbacks server_context(const project::project &p, const std::string &file, const project::relation_node *self,
                                const compiling &how) {
    jinja::callbacks calls = project::template_context(p, self, how.package);
    const std::string database = pg::database_name();
    auto relation = [database](const std::string &schema, const std::string &name) {
        jinja::relation r(pg::qualified(schema, name));
        r.database = database;
        return r;
    };
    calls.target["dbname"] = calls.target["database"] = database;
    if (calls.self)
        calls.self = relation(self->schema, self->relation());
    calls.ref = [&p, file, relation](const std::string &name) {
        if (!p.find_model(name) &&
            !p.find_seed(name)) { // in a hook, or a query that is tried: others are known to be there
            const std::string near = name::nearest(name, p.referable());
            throw error(sqlstate::bad_graph, file + ": ref('" + name + "') is neither a model nor a seed", "",
                        near.empty() ? "" : "Did you mean \"" + near + "\"?");
        }
        auto [schema, relation_name] = place_of(p, name);
        return relation(schema, relation_name);
    };
    calls.source = [&p, file, relation](const std::string &source, const std::string &table) {
        const std::string node = p.source_node(source, table);
        if (node.empty()) // in a hook, or a query that is tried
            throw error(sqlstate::bad_graph, file + ": source('" + source + "', '" + table +
                                                 "') is neither a stream of a tap nor declared under \"sources:\"");
        auto [schema, relation_name] = place_of(p, node);
        return relation(schema, relation_name);
    };
    calls.columns = [&p, how](const jinja::relation &r) {
        auto known = how.columns ? how.columns(r.schema, r.identifier) : std::nullopt;
        if (!known && ephemeral_model(p, r.schema, r.identifier)) // it is nowhere, and has those of its query
            known = columns_of_query(
                inline_ephemeral(p, {"SELECT * FROM " + pg::qualified(r.schema, r.identifier), {}}, how).sql);
        std::vector<jinja::relation_column> out;
        for (const pg::table_column &c : known ? *known : pg::columns_of(r.schema, r.identifier))
            out.push_back({c.name, c.type});
        return out;
    };
    calls.find_relation = [relation, columns = how.columns](const std::string &schema,
                                                            const std::string &name) -> std::optional<jinja::relation> {
        if ((columns && columns(schema, name)) || pg::relation_exists(schema, name))
            return relation(schema, name);
        return std::nullopt;
    };
    calls.in_package = [&p, file](const std::string &package, const std::string &name) {
        if (const std::string own = p.package_of(name); own != package) // in a hook, or a query that is tried
            throw error(sqlstate::bad_graph, file + ": ref('" + package + "', '" + name + "') is not in that package",
                        own.empty() ? "" : "It is in package \"" + own + "\".", "Write ref('" + name + "').");
    };
    calls.config = [](const auto &) {};
    calls.is_incremental = how.incremental;
    calls.full_refresh = how.full_refresh;
    return calls;
}

void listen(jinja::callbacks &calls, sayings &said) {
    calls.say = [&said](const std::string &text, bool warns) { said.push_back({text, warns}); };
}

void speak(const sayings &all) {
    for (const saying &one : all)
        one.warns ? pg::warning(one.text) : pg::notice(one.text);
}

std::vector<pg::table_column> columns_of_query(const std::string &sql) {
    std::vector<pg::table_column> out;
    pg::in_subtransaction([&] { // an error may be told by one who goes on
        for (const pg::result_column &c : pg::analyze_query(sql).columns)
            out.push_back({c.name, c.type});
    });
    return out;
}

void without_end(std::string &sql) {
    // The end of a statement is no part of a query. In a comment it is missed by nobody.
    const std::size_t last = sql.find_last_not_of(" \t\r\n");
    if (last != std::string::npos && sql[last] == ';')
        sql[last] = ' ';
}

compiled compile_lines(const project::project &p, const std::string &source, const std::string &file,
                       const compiling &how) {
    jinja::callbacks calls = server_context(p, file, how.self ? how.self : model_of(p, source, file), how);
    sayings said;
    listen(calls, said);
    auto [sql, lines] = jinja::render_lines(source, file, calls, how.first_line);
    without_end(sql);
    compiled out{std::move(sql), std::move(lines), std::move(said)};
    return how.inlined ? inline_ephemeral(p, std::move(out), how) : out;
}

namespace {

// Of ephemeral models in others. Two readings of each in the next one double the text.
constexpr int deepest = 50;
constexpr std::size_t longest = std::size_t{2} << 20;

} // namespace

compiled inline_ephemeral(const project::project &p, compiled text, const compiling &how) {
    const auto is_inlined = [&](const project::model &m) {
        return how.inlines ? how.inlines(m) : m.is(project::materialization::ephemeral);
    };
    if (std::none_of(p.models.begin(), p.models.end(), is_inlined))
        return text;
    std::vector<compiled> inner;
    std::map<std::string, std::size_t> numbers; // of models in `inner`
    std::string marked;
    // A name without newlines stands for each query first, so that it can be told which lines are whose.
    auto mark = [](std::size_t n) { return "\"\x02" + std::to_string(n) + "\x02\""; };
    pg::parsed_query parsed;
    try {
        parsed = pg::parse_query(text.sql);
    } catch (const error &e) { // told when it runs
        if (e.is_intervention())
            throw;
        return text;
    }
    marked = pg::redirect(text.sql, parsed, [&](const pg::mention &mention) -> std::optional<std::string> {
        const project::model *m = p.find_model(node_named(p, mention.schema, mention.name));
        if (!m || !is_inlined(*m))
            return std::nullopt;
        if (auto known = numbers.find(m->name); known != numbers.end())
            return mark(known->second);
        if (how.depth >= deepest)
            throw error(sqlstate::bad_graph,
                        "model \"" + m->name + "\" (" + m->file + "): ephemeral models are nested more than " +
                            std::to_string(deepest) + " deep",
                        "", "Materialize one of them as a view.");
        compiling deeper = how;
        deeper.incremental = false;
        deeper.self = m;
        ++deeper.depth;
        inner.push_back(compile_lines(p, m->source, m->file, deeper));
        try {
            pg::parse_query(inner.back().sql);
        } catch (const error &e) {
            rethrow_for(e, "model \"" + m->name + "\"", m->file, inner.back().sql, 0, inner.back().lines);
        }
        numbers[m->name] = inner.size() - 1;
        return mark(inner.size() - 1);
    });
    if (inner.empty())
        return text;
    compiled out;
    out.said = text.said;
    for (const compiled &one : inner)
        out.said.insert(out.said.end(), one.said.begin(), one.said.end());
    std::size_t line = 0;
    auto number = [&] {
        return line < text.lines.size() ? text.lines[line] : text.lines.empty() ? 1 : text.lines.back();
    };
    out.lines.push_back(number());
    for (std::size_t i = 0; i < marked.size(); ++i) {
        std::size_t n = 0;
        while (n < inner.size() && marked.compare(i, mark(n).size(), mark(n)) != 0)
            ++n;
        if (marked[i] != '"' || n == inner.size()) {
            out.sql += marked[i];
            if (marked[i] == '\n') {
                ++line;
                out.lines.push_back(number());
            }
            continue;
        }
        out.sql += "(" + inner[n].sql + "\n)";
        out.lines.insert(out.lines.end(),
                         static_cast<std::size_t>(std::count(inner[n].sql.begin(), inner[n].sql.end(), '\n')) + 1,
                         number());
        i += mark(n).size() - 1;
        if (out.sql.size() > longest)
            throw error(sqlstate::bad_graph,
                        "ephemeral models that are read in several places make a query of more than " +
                            std::to_string(longest >> 20) + " MiB",
                        "", "Materialize one of them as a view.");
    }
    return out;
}

std::string compile(const project::project &p, const std::string &source, const std::string &file) {
    return compile_lines(p, source, file).sql;
}

namespace {

/// Nodes that are read through a view that is none of the project's.
std::vector<std::string> nodes_behind(const project::project &p, const pg::mention &m) {
    std::vector<std::string> out;
    const std::string first = pg::qualified(m.schema.empty() ? p.schema : m.schema, m.name),
                      second = m.schema.empty() ? pg::qualified("public", m.name) : first;
    auto found =
        pg::sql("WITH RECURSIVE behind AS (SELECT coalesce(pg_catalog.to_regclass($1), "
                "pg_catalog.to_regclass($2))::oid AS oid UNION "
                "SELECT d.refobjid FROM behind b JOIN pg_catalog.pg_rewrite r ON r.ev_class = b.oid "
                "JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid "
                "AND d.refclassid = 'pg_catalog.pg_class'::regclass) "
                "SELECT n.nspname, c.relname FROM behind b JOIN pg_catalog.pg_class c USING (oid) JOIN "
                "pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
                {first, second});
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (const std::string node = node_named(p, found.text(i, 0), found.text(i, 1)); !node.empty())
            out.push_back(node);
    return out;
}

} // namespace

std::vector<std::string> nodes_read(const project::project &p, const std::string &sql) {
    std::vector<std::string> out;
    for (const pg::mention &m : pg::parse_query(sql).mentions) {
        if (m.column)
            continue;
        if (const std::string node = node_named(p, m.schema, m.name); !node.empty())
            out.push_back(node);
        else
            for (const std::string &behind : nodes_behind(p, m))
                out.push_back(behind);
    }
    return out;
}

namespace {

std::vector<std::string> nodes_in(const project::project &p, const std::string &source, const std::string &file,
                                  const project::model *self) {
    std::vector<std::string> out;
    const bool incremental = self && self->is(project::materialization::incremental);
    for (int form = 0; form <= incremental; ++form)
        try {
            for (const std::string &node : nodes_read(
                     p, compile_lines(p, source, file, {.incremental = form == 1, .inlined = false, .self = self}).sql))
                if (std::find(out.begin(), out.end(), node) == out.end())
                    out.push_back(node);
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
        }
    if (incremental)
        std::erase(out, self->name);
    return out;
}

} // namespace

std::vector<std::string> nodes_in(const project::project &p, const project::model &m) {
    return nodes_in(p, m.source, m.file, &m);
}

std::vector<std::string> nodes_in(const project::project &p, const std::string &source, const std::string &file) {
    return nodes_in(p, source, file, model_of(p, source, file));
}

graph::dag built_dependencies(const project::project &p, const graph::dag &all) {
    graph::dag out;
    std::map<std::string, std::set<std::string>> inputs;
    std::vector<std::pair<std::string, std::string>> after; // by order alone
    for (const std::string &node : all.order()) {           // which refuses circles
        std::set<std::string> &mine = inputs[node];
        const project::model *m = p.find_model(node);
        for (const std::string &input : all.parents(node)) {
            const project::model *read = p.find_model(input);
            if (!all.is_read(input, node))
                after.emplace_back(input, node);
            else if (read && read->is(project::materialization::ephemeral))
                mine.insert(inputs[input].begin(), inputs[input].end());
            else
                mine.insert(input);
        }
        if (m && m->is(project::materialization::ephemeral))
            continue;
        out.add_node(node);
        for (const std::string &input : mine)
            out.add_edge(input, node);
    }
    for (const auto &[input, node] : after)
        out.add_order(input, node);
    return out;
}

int line_at(const std::string &statement, int position) {
    int line = 1;
    for (char c : statement) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && --position <= 0)
            break;
        line += c == '\n';
    }
    return line;
}

void rethrow_for(error e, const std::string &what, const std::string &file, const std::string &statement, int lead,
                 const std::vector<int> &lines) {
    int found = 0;
    if (e.query == statement && e.query_position > 0) {
        const int line = line_at(statement, e.query_position) - lead;
        found = line > 0 && line <= static_cast<int>(lines.size()) ? lines[static_cast<std::size_t>(line) - 1] : line;
    }
    if (e.message.find(": " + what + ": ") == std::string::npos) // else it has its own place in the project
        e.message = project::described(what, file, found) + ": " + e.message;
    e.query.clear(); // the file and line say it
    e.query_position = 0;
    throw e;
}

} // namespace barometre::registry
