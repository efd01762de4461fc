#include "core/project/export.h"
#include "pg/entry.h"
#include "registry/registration.h"
#include "registry/registry.h"

namespace barometre::entry {

namespace {

std::string required(const pg::arguments &given, int n, const std::string &call, const std::string &example) {
    if (given.is_null(n))
        throw error("22004", call + " wants no NULL", "", "For example: SELECT * FROM " + example + ";");
    return given.text(n);
}

/// One row: what the call was about, and what became of it.
pg::table add(const project::registration &r) { return {{r.kind, r.name, registry::register_thing(r)}}; }

pg::table add_stream(const pg::arguments &given) {
    const std::string call = "baro_register_stream",
                      example = call + "('a_tap', 'a_stream', '{\"path\": \"folder\", \"pattern\": \".*[.]csv\"}')";
    const std::string tap = required(given, 0, call, example) + ".", stream = required(given, 1, call, example);
    return add({"stream", stream.starts_with(tap) ? stream : tap + stream, "", given.json(2, "{}")});
}

/// Models and tests: a name, a query and options.
pg::table add_query(const pg::arguments &given, const std::string &kind) {
    const std::string call = "baro_register_" + kind,
                      example = call + "('a_name', $$SELECT ...$$, '{\"description\": \"...\"}')";
    return add({kind, required(given, 0, call, example), required(given, 1, call, example), given.json(2, "{}")});
}
pg::table add_model(const pg::arguments &given) { return add_query(given, "model"); }
pg::table add_test(const pg::arguments &given) { return add_query(given, "test"); }

pg::table remove(const pg::arguments &given) {
    const std::string example = "baro_unregister('model', 'a_name')";
    const std::string kind = required(given, 0, "baro_unregister", example),
                      name = required(given, 1, "baro_unregister", example);
    if (kind != "stream" && kind != "model" && kind != "test")
        throw error("22023", "kind can't be \"" + kind + "\"", "", "Valid values are stream, model and test.");
    registry::unregister_thing(kind, name);
    return {{kind, name, "removed"}};
}

pg::table export_files(const pg::arguments &) {
    const auto loaded = registry::load_project();
    pg::table rows;
    for (const auto &file : project::export_registered(loaded.definition, loaded.registered))
        rows.push_back({file.path, file.text});
    return rows;
}

} // namespace

BARO_WRITES(barometre_register_stream, add_stream)
BARO_WRITES(barometre_register_model, add_model)
BARO_WRITES(barometre_register_test, add_test)
BARO_WRITES(barometre_unregister, remove)
BARO_ROWS(barometre_export, export_files)

} // namespace barometre::entry
