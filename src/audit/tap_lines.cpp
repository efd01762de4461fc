#include "audit/tap_lines.h"
#include "audit/unit_test.h"

namespace barometre::audit {

std::vector<std::string> tap_lines(int number, const data_test &t, const outcome &o) {
    const bool is_ok = !o.bad() && o.status != "warn";
    const std::string directive = o.status == "skip"   ? " # SKIP " + o.message
                                  : o.status == "warn" ? " # TODO warning only"
                                                       : "";
    std::vector<std::string> lines{(is_ok ? "ok " : "not ok ") + std::to_string(number) + " - " + t.target + " " +
                                   t.name + directive};
    if (o.status == "error")
        lines.push_back("# " + o.message);
    else if (o.failures)
        lines.push_back("# " + (o.message.empty() ? counted(t, o.failures) : o.message) +
                        "; samples are in barometre.test_result");
    for (const std::string &line : differing_rows(o))
        lines.push_back("#   " + line);
    return lines;
}

} // namespace barometre::audit
