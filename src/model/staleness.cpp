#include "model/staleness.h"
#include "core/text/hash.h"
#include "core/text/text.h"
#include "model/seed.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <vector>

namespace barometre::model {

namespace {

const std::string sep(1, '\0');

} // namespace

std::string configuration_hash(const project::model &m) {
    std::string all = m.schema + sep + project::to_text(m.materialized) + sep +
                      (m.is_volatile ? *m.is_volatile ? "volatile" : "not volatile" : "");
    if (m.is(project::materialization::incremental)) {
        all += sep + std::to_string(static_cast<int>(m.incremental.chosen())) + sep +
               std::to_string(static_cast<int>(m.incremental.on_schema_change));
        for (const std::string &key : m.incremental.unique_key)
            all += sep + key;
    }
    if (m.contract_enforced) {
        all += sep + "contract";
        for (const project::column &c : m.columns)
            all += sep + c.name + sep + c.data_type;
    }
    if (m.is_snapshot()) {
        all += sep + std::to_string(static_cast<int>(m.snapshot.strategy)) + sep +
               std::to_string(static_cast<int>(m.snapshot.hard_deletes)) + sep + m.snapshot.updated_at;
        for (const auto *columns : {&m.snapshot.unique_key, &m.snapshot.check_cols})
            for (const std::string &column : *columns)
                all += sep + (columns == &m.snapshot.unique_key ? "key " : "checked ") + column;
    }
    for (const auto *hooks : {&m.pre_hooks, &m.post_hooks})
        for (const project::hook &h : *hooks)
            all += sep + (hooks == &m.pre_hooks ? "before " : "after ") + h.source;
    if (m.date_order != value::date_order::none)
        all += sep + value::date_style(m.date_order);
    return text::hash(all);
}

std::string query_hash(const project::model &m, const std::function<std::string(bool incremental)> &sql) {
    return text::hash(m.is(project::materialization::incremental) ? sql(false) + sep + sql(true) : sql(false));
}

bool fits_columns(const project::model &m, const std::string &sql) {
    bool fits = false;
    try {
        pg::in_subtransaction([&] {
            std::vector<pg::table_column> columns;
            for (const pg::result_column &c : pg::analyze_query(sql).columns)
                columns.push_back({c.name, c.type});
            fits = columns == pg::columns_of(m.schema, m.relation());
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
    }
    return fits;
}

staleness judge(const project::project &p, const project::model &m, const build_records &builds,
                const std::map<std::string, pg::oid> &there) {
    auto found = builds.find({"model", m.name});
    const auto relation = there.find(m.name);
    if (relation == there.end())
        return {true, "it was never built"};
    if (found == builds.end())
        return {false, "its last build is not known here"};
    const build_record &b = found->second;
    if (b.relation != relation->second)
        return {false, "its table was made anew by somebody else"};
    if (b.configuration != configuration_hash(m))
        return {false, "its configuration changed"};
    try {
        if (b.query != query_hash(m, [&](bool incremental) {
                return registry::compile_lines(p, m.source, m.file, {.incremental = incremental, .self = &m}).sql;
            }))
            return {false, "its SQL changed"};
    } catch (const error &e) { // of an ephemeral model that it reads: told again when it is built
        if (e.is_intervention())
            throw;
        return {false, e.message};
    }
    if (m.is(project::materialization::view) && b.changed.empty()) // it shows what its inputs hold
        return {false, fits_columns(m, registry::compile_lines(p, m.source, m.file, {.self = &m}).sql)
                           ? ""
                           : "the columns of what it reads changed"};
    return {false, b.always.empty() ? b.changed : b.always, true};
}

std::string reason_to_load(const project::seed &seed, const std::string &hash, const build_records &builds,
                           const std::map<std::string, pg::oid> &there) {
    const auto known = builds.find({"seed", seed.name});
    const auto relation = there.find(seed.name);
    return relation == there.end()                      ? "it was never loaded"
           : known == builds.end()                      ? "its last load is not known here"
           : known->second.relation != relation->second ? "its table was made anew by somebody else"
           : known->second.query != hash                ? "its file changed"
                                                        : "";
}

std::optional<std::pair<std::string, std::string>>
missing_input(const project::project &p, const graph::dag &nodes, const std::string &node,
              const std::function<bool(const std::string &)> &is_there) {
    for (const std::string &input : nodes.parents(node))
        if (!is_there(input)) {
            const std::string kind = registry::kind_of(p, input);
            return std::pair{input, kind == "source"
                                        ? "source table " + registry::relation_of(p, input) + " does not exist"
                                        : kind + " " + text::quoted(input) +
                                              (kind == "stream" ? " was never loaded"
                                               : kind == "seed" ? " has no file"
                                                                : " was never built")};
        }
    return std::nullopt;
}

std::string cure(const project::project &p, const std::string &node) {
    if (p.find_model(node))
        return "CALL baro_transform('+" + node + "');";
    if (p.find_seed(node))
        return put_seed(p, node) + " Then: CALL baro_transform();";
    if (const project::source_table *s = p.find_source(node))
        return "Make the table, or correct its schema and identifier in " + s->at.text() + ".";
    return "SELECT * FROM baro_run('" + node.substr(0, node.find('.')) + "'); CALL baro_transform();";
}

} // namespace barometre::model
