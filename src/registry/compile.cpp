#include "registry/compile.h"
#include "core/template/render.h"
#include "pg/query.h"
#include "pg/relations.h"

#include <algorithm>

namespace barometre {

std::pair<std::string, std::string> place_of(const project::project &p, const std::string &node) {
    if (const project::model *m = p.find_model(node))
        return {m->schema, m->name};
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
    if (const project::model *m = p.find_model(name); m && m->schema == schema)
        return name;
    if (p.find_seed(name) && p.schema == schema)
        return name;
    return p.find_stream(schema, name) ? schema + "." + name : "";
}

std::string compile(const project::project &p, const std::string &source, const std::string &file) {
    templating::callbacks calls;
    calls.ref = [&](const std::string &name) { return relation_of(p, name); };
    calls.source = [&](const std::string &tap, const std::string &stream) { return pg::qualified(tap, stream); };
    calls.config = [](const auto &) {};
    return templating::render(source, file, calls);
}

std::vector<std::string> nodes_in(const project::project &p, const std::string &source, const std::string &file) {
    std::vector<std::string> out;
    try {
        for (const pg::mention &m : pg::parse_query(compile(p, source, file)).mentions) {
            const std::string node = node_named(p, m.schema, m.name);
            if (!m.column && !node.empty() && std::find(out.begin(), out.end(), node) == out.end())
                out.push_back(node);
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

void rethrow_for(error e, const std::string &what, const std::string &file, const std::string &statement, int lead) {
    std::string where = what + " (" + file;
    if (e.query == statement && e.query_position > 0)
        where += ", line " + std::to_string(line_at(statement, e.query_position) - lead);
    e.message = where + "): " + e.message;
    e.query.clear(); // the file and line say it
    e.query_position = 0;
    throw e;
}

} // namespace barometre
