#include "audit/tap_lines.h"
#include "audit/unit_test.h"
#include "call/calls.h"
#include "core/text/text.h"
#include "pg/entry.h"
#include "pg/messages.h"

namespace barometre::entry {

namespace {

std::vector<call::tested> run_tests(const pg::arguments &given) {
    return call::test(call::transactions::current(), registry::load_project(), given.text(0, "*"));
}

pg::table test(const pg::arguments &given) {
    pg::table rows;
    for (const auto &[t, o] : run_tests(given)) {
        if (const auto differing = audit::differing_rows(o); !differing.empty())
            pg::notice("unit test " + t.name + " of " + t.target + ": " + audit::counted(t, o.failures) + "\n" +
                       text::join(differing, "\n"));
        rows.push_back({text::fold(t.target, 36), text::fold(t.name, 18), t.config.severity_name(), o.status,
                        o.was_run() ? pg::cell(std::to_string(o.failures)) : pg::cell(),
                        text::format_seconds(o.seconds)});
    }
    return rows;
}

pg::table test_tap(const pg::arguments &given) {
    const auto results = run_tests(given);
    pg::table rows{{"1.." + std::to_string(results.size())}};
    int number = 0;
    for (const auto &[t, o] : results)
        for (const std::string &line : audit::tap_lines(++number, t, o))
            rows.push_back({line});
    return rows;
}

} // namespace

BARO_WRITES(barometre_test, test)
BARO_WRITES(barometre_test_tap, test_tap)

} // namespace barometre::entry
