#include "tap/preview.h"
#include "pg/transaction.h"
#include "tap/passed_over.h"
#include "tap/stage.h"

#include <algorithm>

namespace barometre::tap {

namespace {

/// Leaves the one file whose records are shown.
void choose_file(discovered &found) {
    auto is_due = [](const file_plan &f) { return f.action == file_action::parse; };
    if (std::any_of(found.files.begin(), found.files.end(), is_due))
        std::erase_if(found.files, [&](const file_plan &f) { return !is_due(f); });
    std::erase_if(found.files, [](const file_plan &f) { return f.file.state.size == 0; });
    if (found.files.empty())
        return;
    found.files.resize(1);
    found.files.front().action = file_action::parse;
}

} // namespace

std::vector<pg::row> preview_stream(const project::stream &stream, std::int64_t most) {
    std::vector<pg::row> rows;
    pg::rolled_back([&] {
        const purpose why{.most_records = most};
        load::reject_log rejects = rejects_for(stream, why);
        discovered found = discover(stream, why);
        tell_passed_over(stream, why, found);
        choose_file(found);
        const shape planned = shaping(stream, why, found).settle();
        if (planned.columns.empty())
            return;
        const staged read = stage(stream, why, found, planned, rejects);
        judge(read, rejects);
        const auto records = pg::sql("SELECT s._baro_seq AS record, s._baro_line AS line, to_jsonb(s) - "
                                     "'{_baro_file,_baro_line,_baro_seq}'::text[] AS content FROM " +
                                     read.table + " AS s ORDER BY s._baro_seq");
        for (std::size_t i = 0; i < records.rows.size(); ++i)
            rows.push_back({records.at(i, "record"), records.at(i, "line"), records.at(i, "content")});
    });
    return rows;
}

} // namespace barometre::tap
