#include "call/calls.h"
#include "call/show.h"
#include "core/text/text.h"
#include "model/list.h"
#include "model/transform/diff.h"
#include "model/transform/plan.h"
#include "pg/entry.h"
#include "registry/change.h"
#include "registry/compile.h"
#include "registry/stamping.h"

namespace barometre::entry {

namespace {

pg::table seed(const pg::arguments &given) {
    const auto loaded = registry::load_project();
    pg::table rows;
    for (const auto &[state, done] : call::seed(call::transactions::current(), loaded, given.texts(0)))
        rows.push_back({done.name, model::transform::seed_state_name(state), std::to_string(done.records),
                        text::format_seconds(done.seconds)});
    return rows;
}

void transform(pg::spi &connection, const pg::arguments &given) {
    model::transform::options options;
    options.selection = given.text(0, "*");
    options.exclude = given.text(1);
    options.full_refresh = given.yes(2);
    options.skip_failures = call::skips_failures(given.text(3, "stop"));
    // Inside a transaction block the block decides.
    call::transform(given.may_commit() ? call::transactions::own(connection) : call::transactions::current(),
                    registry::load_project(), options);
}

std::string compile(const pg::arguments &given) { return call::compile(registry::load_project(), given.text(0)); }

pg::table show(const pg::arguments &given) {
    const std::string query = given.text(0);
    const std::int64_t most = given.integer(1, 0);
    if (query.empty() || most < 1)
        throw error("22023", "baro_show wants a query or a name, and a positive number of rows", "",
                    "For example: SELECT * FROM baro_show('select * from {{ ref(''model'') }}');");
    pg::table rows;
    for (std::string &content : call::show(registry::load_project(), query, most))
        rows.push_back({std::move(content)});
    return rows;
}

pg::table diff(const pg::arguments &given) {
    const std::string name = given.text(0);
    const std::int64_t samples = given.integer(1, 10);
    if (name.empty() || samples < 0)
        throw error("22023", "baro_diff wants the name of a model, and how many examples at most", "",
                    "For example: SELECT * FROM baro_diff('model');");
    const auto loaded = registry::load_project();
    return call::as_owner(loaded, [&] { return model::transform::diff_node(loaded.definition, name, samples); });
}

/// baro_ls and baro_plan.
pg::table list(const pg::arguments &given, pg::table (*nodes)(const project::project &, const std::string &)) {
    const auto loaded = registry::load_project();
    pg::table rows = call::as_owner(loaded, [&] { return nodes(loaded.definition, given.text(0, "*")); });
    for (pg::row &r : rows)
        if (pg::cell &reason = r.at(4)) {
            const std::size_t sql = std::min(reason->find("\nSELECT "), reason->size()); // names stay whole in it
            reason = text::fold(reason->substr(0, sql), 40) + text::fold(reason->substr(sql), 40, true);
        }
    return rows;
}
pg::table ls(const pg::arguments &given) { return list(given, model::list_nodes); }
pg::table plan(const pg::arguments &given) { return list(given, model::transform::plan_nodes); }

pg::table stamp_sources(const pg::arguments &) {
    pg::table rows;
    for (const registry::stamping &one : registry::stamp_sources(registry::load_project().definition))
        rows.push_back({text::fold(one.relation, 48), text::fold(one.change, 46)});
    return rows;
}

void stamp(const pg::arguments &given) { registry::stamp_change(given.trigger_table()); }

} // namespace

BARO_WRITES(barometre_seed, seed)
BARO_PROCEDURE(barometre_transform, transform)
BARO_TEXT(barometre_compile, compile)
BARO_ROWS(barometre_show, show)
BARO_WRITES(barometre_diff, diff)
BARO_ROWS(barometre_ls, ls)
BARO_WRITES(barometre_plan, plan)
BARO_WRITES(barometre_stamp_sources, stamp_sources)
BARO_TRIGGER(barometre_stamp, stamp)

} // namespace barometre::entry
