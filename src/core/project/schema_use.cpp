#include "core/project/schema_use.h"
#include "core/project/registered.h"

namespace barometre::project {

std::vector<schema_use> schema_uses(const project &p) {
    std::vector<schema_use> out{{p.schema, "the project", "", p.schema_at}};
    for (const tap &t : p.taps) {
        const std::string what = "tap \"" + t.name + "\"";
        if (t.streams.empty())
            out.push_back({t.name, what, "", t.at});
        for (const stream &s : t.streams)
            out.push_back({t.name, what, s.name, is_registered(s.at.file) ? s.at : t.at});
    }
    for (const seed &s : p.seeds)
        out.push_back({s.schema, "seed \"" + s.name + "\"", s.relation(),
                       s.said_at.count("schema") ? s.where("schema") : p.schema_at});
    for (const model &m : p.models)
        out.push_back({m.schema, m.kind() + " \"" + m.name + "\"", m.is(materialization::ephemeral) ? "" : m.relation(),
                       is_registered(m.file) ? place{m.file, 0} : m.at("schema")});
    return out;
}

std::string reserved_for(const std::string &schema) {
    if (schema.starts_with("pg_") || schema == "information_schema")
        return "It is PostgreSQL's own.";
    if (schema == "barometre" || schema == "barometre_internal")
        return "It is barometre's own.";
    if (schema == "cron")
        return "It is pg_cron's own.";
    return "";
}

error schema_error(const schema_use &use, const std::string &code, const std::string &problem,
                   const std::string &detail, const std::string &hint) {
    const std::string at = use.at.text(); // of what is registered it says what it is
    return error(code,
                 at + ": " + (is_registered(at) ? "" : use.what + ": ") + "schema \"" + use.schema + "\" " + problem,
                 detail, hint);
}

error refused_schema(const schema_use &use, const std::string &why) {
    return schema_error(use, sqlstate::project_invalid, "is none that a project may write into", why,
                        use.what.starts_with("tap ") ? "Give the tap another name." : "Name another schema.");
}

} // namespace barometre::project
