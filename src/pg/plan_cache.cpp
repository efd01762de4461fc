#include "pg/plan_cache.h"
#include "pg/guard.h"

namespace barometre::pg {

plan_cache::use plan_cache::plan_of(const std::string &statement, std::vector<Oid> &types) {
    if (const auto known = by_text_.find(statement); known != by_text_.end()) {
        entries_.splice(entries_.begin(), entries_, known->second);
        return use(&entries_.front());
    }
    if (types.empty())
        return {};
    const char *text = statement.c_str();
    SPIPlanPtr plan = call([&] {
        SPIPlanPtr made =
            SPI_prepare_cursor(text, static_cast<int>(types.size()), types.data(), CURSOR_OPT_PARALLEL_OK);
        if (!made)
            elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
        SPI_keepplan(made);
        return made;
    });
    make_room();
    entries_.push_front({statement, plan, 0});
    by_text_.emplace(entries_.front().statement, entries_.begin());
    return use(&entries_.front());
}

void plan_cache::make_room() {
    for (auto at = entries_.end(); entries_.size() >= most && at != entries_.begin();) {
        if ((--at)->users > 0)
            continue;
        SPIPlanPtr plan = at->plan;
        by_text_.erase(at->statement);
        at = entries_.erase(at);
        call([&] { SPI_freeplan(plan); });
    }
}

} // namespace barometre::pg
