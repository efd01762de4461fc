#include "tap/preview.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "pg/transaction.h"
#include "tap/passed_over.h"
#include "tap/shared_load.h"
#include "tap/stage.h"

#include <functional>

namespace barometre::tap {

namespace {

std::vector<pg::row> first_records(const project::stream &stream, const purpose &why,
                                   const std::function<discovered()> &find) {
    std::vector<pg::row> rows;
    pg::rolled_back([&] {
        load::reject_log rejects = rejects_for(stream, why);
        const discovered found = find();
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

} // namespace

std::vector<pg::row> preview_stream(const project::stream &stream, std::int64_t most) {
    const purpose why{.most_records = most};
    return first_records(stream, why, [&] {
        discovered found = discover(stream, why);
        tell_passed_over(stream, why, found);
        leave_next_file(found);
        return found;
    });
}

std::vector<pg::row> preview_shared(const project::tap &tap, const std::string &stream, std::int64_t most) {
    const purpose why{.most_records = most};
    std::vector<pg::row> rows;
    pg::rolled_back([&] {
        const shared_load whole(tap, why);
        std::vector<std::string> known;
        for (const stream_part &part : whole.parts()) {
            known.push_back(part.stream.name);
            if (part.stream.name == stream)
                rows = first_records(part.stream, why, [&] { return part.found; });
        }
        if (!text::contains(known, stream) && !tap.stream_called(stream))
            throw name::unknown("stream", stream, known);
    });
    return rows;
}

} // namespace barometre::tap
