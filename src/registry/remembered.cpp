#include "pg/identity.h"
#include "registry/registry.h"

namespace barometre::registry {

namespace {

/// The texts of a JSON array; NULL: none.
std::vector<std::string> names_in(const pg::cell &array) {
    const auto rows =
        pg::sql("SELECT n FROM pg_catalog.jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS e (n, place) "
                "ORDER BY e.place",
                {array});
    std::vector<std::string> out;
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
        out.push_back(rows.text(i, 0));
    return out;
}

} // namespace

std::optional<loaded_project> find_remembered_project() {
    const auto found = pg::as_extension([] {
        return pg::sql("SELECT owner::oid, name, schema, timezone, roles -> 'readers' AS readers, roles -> 'observers' "
                       "AS observers FROM barometre_internal.project");
    });
    if (found.empty())
        return std::nullopt;
    loaded_project out;
    out.owner = static_cast<pg::oid>(found.number(0, "owner"));
    if (pg::role_name(out.owner).empty() || !pg::has_privileges_of(pg::current_role(), out.owner))
        return std::nullopt;
    out.definition.name = found.text(0, "name");
    out.definition.schema = found.text(0, "schema");
    out.definition.timezone = found.text(0, "timezone");
    out.definition.roles.readers = names_in(found.at(0, "readers"));
    out.definition.roles.observers = names_in(found.at(0, "observers"));
    return out;
}

std::optional<remembered_job> find_remembered_job(const std::string &name) {
    std::optional<loaded_project> project = find_remembered_project();
    if (!project)
        return std::nullopt;
    const auto found = pg::as_extension([&] {
        return pg::sql("SELECT definition ->> 'interval' AS interval, definition ->> 'timezone' AS timezone, "
                       "definition -> 'enabled' AS enabled, (definition ->> 'start_date')::date - date '1970-01-01' AS "
                       "first_day, definition ->> 'on_failure_sql' AS on_failure_sql, definition -> 'page' ->> 'file' "
                       "AS page, definition -> 'page' ->> 'lang' AS lang, definition -> 'page' ->> 'audience' AS "
                       "audience FROM barometre_internal.job WHERE name = $1",
                       {name});
    });
    if (found.empty())
        return std::nullopt;
    remembered_job out{std::move(*project), {}};
    project::job &j = out.definition;
    j.name = name;
    j.interval = found.text(0, "interval");
    j.timezone = found.text(0, "timezone");
    j.enabled = found.text(0, "enabled") == "true";
    if (found.at(0, "first_day"))
        j.start_date = std::chrono::sys_days(std::chrono::days(found.number(0, "first_day")));
    j.on_failure_sql = found.text(0, "on_failure_sql");
    if (found.at(0, "page"))
        j.page = {found.text(0, "page"), found.text(0, "lang"), found.text(0, "audience")};
    return out;
}

} // namespace barometre::registry
