#include "registry/compile.h"
#include "core/project/templates.h"
#include "pg/query.h"
#include "pg/relations.h"

#include <algorithm>

namespace barometre {

std::pair<std::string, std::string> place_of(const project::project &p, const std::string &node) {
    if (const project::model *m = p.find_model(node))
        return {m->schema, m->relation()};
    if (p.find_seed(node))
        return {p.schema, node};
    std::size_t dot = node.find('.');
    return {node.substr(0, dot), node.substr(dot + 1)};
}

std::string relation_of(const project::project &p, const std::string &node) {
    auto [schema, name] = place_of(p, node);
    return pg::qualified(schema, name);
}

bool node_exists(const project::project &p, const std::string &node) {
    auto [schema, name] = place_of(p, node);
    return pg::relation_exists(schema, name);
}

std::string kind_of(const project::project &p, const std::string &node) {
    return p.find_model(node) ? "model" : p.find_seed(node) ? "seed" : "stream";
}

std::string node_named(const project::project &p, const std::string &schema, const std::string &name) {
    if (schema.empty()) {
        const std::string first = node_named(p, p.schema, name);
        return first.empty() ? node_named(p, "public", name) : first;
    }
    for (const project::model &m : p.models)
        if (m.schema == schema && m.relation() == name)
            return m.name;
    if (p.find_seed(name) && p.schema == schema)
        return name;
    return p.find_stream(schema, name) ? schema + "." + name : "";
}

compiled compile_lines(const project::project &p, const std::string &source, const std::string &file,
                       const std::function<std::optional<std::vector<pg::table_column>>(const std::string &schema, const std::string &name)> &columns) {
    auto self = std::find_if(p.models.begin(), p.models.end(), [&](const project::model &m) { return m.file == file && m.source == source; });
    if (self == p.models.end()) // not a model's own SQL; a file of snapshots has several
        self = std::find_if(p.models.begin(), p.models.end(), [&](const project::model &m) { return m.file == file; });
    templating::callbacks calls = template_context(p, self == p.models.end() ? nullptr : &*self);
    const std::string database = pg::call([] { return get_database_name(MyDatabaseId); });
    auto relation = [&](const std::string &schema, const std::string &name) {
        templating::relation r(pg::qualified(schema, name));
        r.database = database;
        return r;
    };
    calls.target["dbname"] = database;
    if (calls.self)
        calls.self = relation(self->schema, self->relation());
    calls.ref = [&](const std::string &name) {
        auto [schema, relation_name] = place_of(p, name);
        return relation(schema, relation_name);
    };
    calls.source = relation;
    calls.columns = [&](const templating::relation &r) {
        std::vector<templating::relation_column> out;
        const auto other = columns ? columns(r.schema, r.identifier) : std::nullopt;
        for (const pg::table_column &c : other ? *other : pg::columns_of(r.schema, r.identifier))
            out.push_back({c.name, c.type});
        return out;
    };
    calls.config = [](const auto &) {};
    auto [sql, lines] = templating::render_lines(source, file, calls);
    // The end of a statement is no part of a query. In a comment it is missed by nobody.
    const std::size_t last = sql.find_last_not_of(" \t\r\n");
    if (last != std::string::npos && sql[last] == ';')
        sql[last] = ' ';
    return {sql, lines};
}

std::string compile(const project::project &p, const std::string &source, const std::string &file) { return compile_lines(p, source, file).sql; }

namespace {

/// Nodes that are read through a view that is none of the project's.
std::vector<std::string> nodes_behind(const project::project &p, const pg::mention &m) {
    std::vector<std::string> out;
    const std::string first = pg::qualified(m.schema.empty() ? p.schema : m.schema, m.name), second = m.schema.empty() ? pg::qualified("public", m.name) : first;
    auto found = pg::sql("WITH RECURSIVE behind AS (SELECT coalesce(pg_catalog.to_regclass($1), pg_catalog.to_regclass($2))::oid AS oid UNION "
                         "SELECT d.refobjid FROM behind b JOIN pg_catalog.pg_rewrite r ON r.ev_class = b.oid "
                         "JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid "
                         "AND d.refclassid = 'pg_catalog.pg_class'::regclass) "
                         "SELECT n.nspname, c.relname FROM behind b JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
                         {first, second});
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (const std::string node = node_named(p, found.text(i, 0), found.text(i, 1)); !node.empty())
            out.push_back(node);
    return out;
}

} // namespace

std::vector<std::string> nodes_in(const project::project &p, const std::string &source, const std::string &file) {
    std::vector<std::string> out;
    auto add = [&](const std::string &node) {
        if (std::find(out.begin(), out.end(), node) == out.end())
            out.push_back(node);
    };
    try {
        for (const pg::mention &m : pg::parse_query(compile(p, source, file)).mentions) {
            if (m.column)
                continue;
            if (const std::string node = node_named(p, m.schema, m.name); !node.empty())
                add(node);
            else
                for (const std::string &behind : nodes_behind(p, m))
                    add(behind);
        }
    } catch (const error &e) {
        if (e.sqlstate.starts_with("57"))
            throw;
    }
    return out;
}

namespace {

/// Which line of `statement` a character position (from 1) is in.
int line_at(const std::string &statement, int position) {
    int line = 1;
    for (char c : statement) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && --position <= 0)
            break;
        line += c == '\n';
    }
    return line;
}

} // namespace

void rethrow_for(error e, const std::string &what, const std::string &file, const std::string &statement, int lead, const std::vector<int> &lines) {
    std::string where = what + " (" + file;
    if (e.query == statement && e.query_position > 0) {
        const int line = line_at(statement, e.query_position) - lead;
        where += ", line " + std::to_string(line > 0 && line <= static_cast<int>(lines.size()) ? lines[static_cast<std::size_t>(line) - 1] : line);
    }
    e.message = where + "): " + e.message;
    e.query.clear(); // the file and line say it
    e.query_position = 0;
    throw e;
}

} // namespace barometre
