#include "model/transform/workshop.h"
#include "core/text/text.h"
#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>
#include <optional>

namespace barometre::model::transform {

std::string workshop::new_name() {
    return "_baro_" + std::to_string(pg::transaction_number()) + "_" + std::to_string(++count_);
}

void workshop::place(const std::string &node, const std::string &schema, const std::string &name, char kind) {
    made_.push_back({node, schema, name, kind});
    const pg::oid oid = pg::oid_of(pg::qualified(schema, name));
    oids_[oid] = node;
}

void workshop::keep(const std::string &node, const std::string &schema, const std::string &name) {
    made_.push_back({"", schema, name, 'r'});
    oids_[pg::oid_of(pg::qualified(schema, name))] = node;
}

std::string workshop::make_empty(const std::string &node, const std::string &schema, const std::string &like) {
    const std::string name = new_name();
    pg::project_script("CREATE UNLOGGED TABLE " + pg::qualified(schema, name) + " USING heap AS SELECT * FROM " + like +
                       " WITH NO DATA");
    keep(node, schema, name);
    return name;
}

const workshop::made *workshop::find(const std::string &node) const {
    // What is only kept has no node.
    const auto found =
        std::find_if(made_.begin(), made_.end(), [&](const made &m) { return !node.empty() && m.node == node; });
    return found == made_.end() ? nullptr : &*found;
}

bool workshop::has(const std::string &node) const { return find(node); }

std::optional<std::string> workshop::name_of(const std::string &node) const {
    const made *found = find(node);
    return found ? std::optional(found->name) : std::nullopt;
}

void workshop::drop(std::size_t n) {
    const made gone = made_[n];
    pg::project_script((gone.kind == 'v' ? "DROP VIEW " : "DROP TABLE ") + pg::qualified(gone.schema, gone.name));
    made_.erase(made_.begin() + static_cast<std::ptrdiff_t>(n));
}

void workshop::give_back(const std::string &node) {
    const made *found = find(node);
    if (!found)
        return;
    std::erase_if(oids_, [&](const auto &o) { return o.second == node; });
    drop(static_cast<std::size_t>(found - made_.data()));
}

void workshop::undone(std::size_t mark) {
    made_.resize(std::min(mark, made_.size()));
    // What is left of a node is what it had before.
    std::erase_if(oids_, [&](const auto &o) { return !has(o.second); });
}

void workshop::clear() {
    while (!made_.empty())
        drop(made_.size() - 1);
    oids_.clear();
}

void workshop::clear_views() {
    for (std::size_t i = made_.size(); i-- > 0;)
        if (made_[i].kind == 'v')
            drop(i);
}

registry::compiling workshop::how(bool incremental) {
    return {.incremental = incremental,
            .full_refresh = full_refresh_,
            .columns = [&](const std::string &schema,
                           const std::string &name) -> std::optional<std::vector<pg::table_column>> {
                const std::string node = registry::node_named(p_, schema, name);
                if (const project::model *m = p_.find_model(node); m && m->is(project::materialization::ephemeral))
                    return registry::columns_of_query(resolve("SELECT * FROM " + pg::qualified(schema, name)));
                const made *found = find(node);
                if (!found)
                    return std::nullopt;
                return pg::columns_of(found->schema, found->name);
            }};
}

registry::compiled workshop::compile(const project::model &m, bool incremental) {
    return registry::compile_lines(p_, m.source, m.file, how(incremental));
}

std::string workshop::compared(const project::model &m, bool incremental) {
    registry::compiling each_time = how(incremental);
    each_time.full_refresh = false;
    return registry::compile_lines(p_, m.source, m.file, each_time).sql;
}

void workshop::ensure_view(const std::string &node) {
    const project::model *m = p_.find_model(node);
    if (!m || !m->is(project::materialization::view) || has(node))
        return;
    bool needed = false;
    for (const std::string &input : nodes_.parents(node)) {
        ensure_view(input);
        needed |= has(input);
    }
    if (!needed || !registry::node_exists(p_, node))
        return;
    const std::string name = new_name();
    const registry::compiled text = compile(*m);
    std::string statement = text.sql;
    try {
        statement = resolve(statement);
        const std::string sql =
            in_order(statement, pg::analyze_query(statement).columns, pg::columns_of(m->schema, m->relation()), true);
        statement = "CREATE VIEW " + pg::qualified(m->schema, name) + " AS\n" + sql + "\n";
        pg::project_sql_here(statement);
    } catch (const error &e) {
        registry::rethrow_for(e, "model \"" + node + "\"", m->file, statement,
                              statement.starts_with("CREATE VIEW ") ? 1 : 0, text.lines);
    }
    place(node, m->schema, name, 'v');
}

std::string workshop::in_order(const std::string &sql, const std::vector<pg::result_column> &result,
                               const std::vector<pg::table_column> &published, bool only) {
    std::vector<std::string> given, wanted;
    for (const pg::result_column &r : result)
        given.push_back(r.name);
    for (const pg::table_column &c : published)
        if (text::contains(given, c.name))
            wanted.push_back(c.name);
    if (!only)
        for (const std::string &name : given)
            if (!text::contains(wanted, name))
                wanted.push_back(name);
    if (wanted == given || wanted.empty())
        return sql;
    // On the line of the first word, so that lines keep their numbers.
    return "SELECT " + pg::column_list(wanted) + " FROM (" + sql + "\n) AS _baro_model";
}

std::string workshop::resolve(const std::string &query) {
    const std::string sql = registry::inline_ephemeral(p_, {query, {}}, how(false)).sql;
    const pg::parsed_query parsed = pg::parse_query(sql);
    for (const pg::mention &mention : parsed.mentions)
        ensure_view(registry::node_named(p_, mention.schema, mention.name));
    if (made_.empty())
        return sql;
    return pg::redirect(sql, parsed, [&](const pg::mention &mention) -> std::optional<std::string> {
        const made *found = find(registry::node_named(p_, mention.schema, mention.name));
        if (!found)
            return std::nullopt;
        return pg::qualified(found->schema, found->name);
    });
}

} // namespace barometre::model::transform
