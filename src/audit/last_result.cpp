#include "audit/last_result.h"
#include "pg/identity.h"

namespace barometre::audit {

std::map<std::pair<std::string, std::string>, last_result>
last_results(const std::vector<std::pair<std::string, std::string>> &tests) {
    std::vector<std::string> targets, names;
    for (const auto &[target, name] : tests) {
        targets.push_back(target);
        names.push_back(name);
    }
    const auto found = pg::as_extension([&] {
        return pg::sql("SELECT DISTINCT ON (t.target, t.test) t.target, t.test, t.status, t.message, t.failures, "
                       "date_trunc('second', t.tested_at) AS tested_at FROM barometre.test_result t JOIN "
                       "unnest($1::text[], $2::text[]) AS x(target, test) ON x.target = t.target AND x.test = t.test "
                       "ORDER BY t.target, t.test, t.run DESC",
                       {pg::array_literal(targets), pg::array_literal(names)});
    });
    std::map<std::pair<std::string, std::string>, last_result> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out[{found.text(i, "target"), found.text(i, "test")}] = {found.text(i, "status"), found.text(i, "message"),
                                                                 found.at(i, 4), found.at(i, 5)};
    return out;
}

} // namespace barometre::audit
