#include "call/show.h"
#include "audit/data_test.h"
#include "call/call.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "model/seed.h"
#include "pg/claim.h"
#include "pg/query.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/blocked.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::call {

namespace {

/// The tests of that name. Throws unknown_name where there is none, as for a name that nothing has.
std::vector<audit::data_test> tests_called(const project::project &p, const std::string &name) {
    registry::refuse_blocked(p, name);
    if (p.find_disabled(name))
        throw error(sqlstate::unknown_name,
                    (p.find_disabled_seed(name) ? "seed \"" : "model \"") + name + "\" is disabled", "",
                    "Set enabled: true  where it was said, in the project file, its properties or its config().");
    std::vector<audit::data_test> tests = audit::select_tests(p, "*");
    std::vector<std::string> known = p.referable();
    for (const audit::data_test &t : tests)
        known.push_back(t.node);
    std::erase_if(tests, [&](const audit::data_test &t) { return t.node != name; });
    if (tests.empty())
        throw name::unknown("model, seed or test", name, known);
    return tests;
}

/// A query, with where its lines are from.
struct shown {
    registry::compiled text;
    std::string what, file; ///< for messages; no file: its SQL is ours
};

std::vector<shown> test_queries(const project::project &p, const std::string &name) {
    std::vector<shown> out;
    for (const audit::data_test &t : tests_called(p, name))
        out.push_back(
            {{audit::query_of(t, audit::published(p)), t.lines, t.said}, "test \"" + name + "\"", t.source_file});
    return out;
}

std::vector<shown> queries_of(const project::project &p, const std::string &query) {
    if (query.find_first_of(" \t\r\n\f\v") != std::string::npos)
        return {{registry::compile_lines(p, query, "query"), "the query", "query"}};
    if (const project::model *m = p.find_model(query))
        return {{registry::compile_lines(p, m->source, m->file), m->kind() + " \"" + m->name + "\"", m->file}};
    const std::size_t dot = query.find('.');
    const project::tap *tap = dot == std::string::npos ? nullptr : p.find_tap(query.substr(0, dot));
    if (p.find_seed(query) || p.find_source(query) || (tap && tap->stream_called(query.substr(dot + 1))))
        return {{{"SELECT * FROM " + registry::relation_of(p, query), {}}, "\"" + query + "\"", ""}};
    return test_queries(p, query);
}

std::string spoken(const shown &one) {
    registry::speak(one.text.said);
    return one.text.sql;
}

/// The first rows of one, at most so many.
void take_rows(const project::project &p, const shown &one, std::int64_t most, std::vector<std::string> &out) {
    const std::string statement = "SELECT pg_catalog.to_jsonb(_baro_row.*) FROM (\n" + one.text.sql +
                                  "\n) AS _baro_row LIMIT " + std::to_string(most);
    try {
        pg::parse_query(spoken(one)); // one SELECT
        for (const std::string &node : registry::nodes_read(p, one.text.sql)) {
            const auto [schema, name] = registry::place_of(p, node);
            pg::check_reading(schema, name);
        }
        for (pg::row &row : pg::project_sql(statement).rows)
            out.push_back(row.at(0).value_or("null"));
    } catch (error &e) {
        if (e.is_intervention())
            throw;
        if (one.file.empty()) {
            e.message = one.what + ": " + e.message;
            throw;
        }
        registry::rethrow_for(e, one.what, one.file, statement, 1, one.text.lines);
    }
}

} // namespace

std::string compile(const registry::loaded_project &loaded, const std::string &name) {
    const project::project &p = loaded.definition;
    if (const project::model *m = p.find_model(name))
        return spoken({registry::compile_lines(p, m->source, m->file), "", ""});
    if (p.find_blocked(name)) // by a test, say: its SQL can be looked at
        try {
            const project::project all = p.with_blocked();
            if (const project::model *m = all.find_model(name))
                return registry::compile(all, m->source, m->file);
        } catch (const error &e) {
            if (e.is_intervention())
                throw; // else it is the reason, which is told below
        }
    return as_owner(loaded, [&] {
        if (const project::seed *s = p.find_seed(name))
            return model::seed_definition(p, *s);
        return text::join(test_queries(p, name), ";\n\n", spoken);
    });
}

std::vector<std::string> show(const registry::loaded_project &loaded, const std::string &query, std::int64_t most) {
    const project::project &p = loaded.definition;
    return as_owner(loaded, [&] {
        std::vector<std::string> out;
        for (const shown &one : queries_of(p, query))
            if (const std::int64_t left = most - static_cast<std::int64_t>(out.size()); left > 0)
                pg::reading_only([&] { take_rows(p, one, left, out); });
        return out;
    });
}

} // namespace barometre::call
