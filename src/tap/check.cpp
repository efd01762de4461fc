#include "tap/check.h"
#include "tap/stream_load.h"

namespace barometre::tap {

std::vector<std::vector<pg::cell>> check_stream(const project::stream &stream) {
    std::vector<std::vector<pg::cell>> rows;
    auto row = [&](const char *kind, const std::string &name, const std::string &detail) { rows.push_back({kind, name, detail}); };
    stream_load load(stream, false, nullptr);
    auto tell = [&] {
        for (const load::planned_column &c : load.columns())
            if (!c.type.empty())
                row("column", c.name, c.type);
        for (const std::string &change : load.changes())
            row("change", "", change);
        for (const std::string &sql : load.ddl())
            row("ddl", "", sql + ";");
        for (const auto &e : load.rejects().first())
            row("reject", e.file + ":" + std::to_string(e.rejected.line),
                (e.rejected.column_name.empty() || e.rejected.in_key ? "" : "column \"" + e.rejected.column_name + "\": ") + e.rejected.reason);
    };
    try {
        pg::rolled_back([&] {
            const run::step done = load.work();
            row("files", "", std::to_string(done.read) + " of " + std::to_string(done.files) + " to be read");
            row("records", "", std::to_string(done.records) + ": " + std::to_string(done.inserted) + " to insert, " + std::to_string(done.updated) +
                                   " to update, " + std::to_string(done.unchanged) + " unchanged, " + std::to_string(done.rejected) + " rejected, " +
                                   std::to_string(done.superseded) + " superseded");
            try {
                load.rejects().judge(done.records, stream.max_rejects);
            } catch (const error &e) {
                row("error", e.sqlstate, e.message);
            }
            tell();
        });
    } catch (const error &e) {
        if (e.sqlstate.starts_with("57")) // a cancel
            throw;
        row("error", e.sqlstate, e.message + (e.hint.empty() ? "" : " (" + e.hint + ")"));
        tell();
    }
    return rows;
}

std::vector<std::vector<pg::cell>> preview_stream(const project::stream &stream, std::int64_t most) {
    std::vector<std::vector<pg::cell>> rows;
    pg::rolled_back([&] { rows = stream_load(stream, false, nullptr).preview(most); });
    return rows;
}

} // namespace barometre::tap
