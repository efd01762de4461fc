#include "tap/check.h"
#include "pg/transaction.h"
#include "tap/columns.h"
#include "tap/load_stream.h"

namespace barometre::tap {

namespace {

std::string figures(const run::step &done) {
    auto part = [](std::int64_t n, const char *what) { return std::to_string(n) + what; };
    return part(done.records, ": ") + part(done.inserted, " to insert, ") + part(done.updated, " to update, ") +
           part(done.unchanged, " unchanged, ") + part(done.rejected, " rejected, ") +
           part(done.superseded, " superseded");
}

/// The columns of the table, as far as they are known.
const std::vector<load::planned_column> &known_columns(const stream_load &done) {
    return done.read.columns.empty() ? done.planned.columns : done.read.columns;
}

} // namespace

std::vector<pg::row> check_stream(const project::stream &stream) {
    std::vector<pg::row> rows;
    auto row = [&](const char *kind, const std::string &name, const std::string &detail) {
        rows.push_back({kind, name, detail});
    };
    const purpose trial;
    load::reject_log rejects = rejects_for(stream, trial);
    stream_load done;
    auto tell = [&] {
        for (const load::planned_column &c : known_columns(done))
            row("column", c.name, c.type);
        for (const std::string &change : done.read.columns.empty() ? done.planned.changes : done.read.changes)
            row("change", "", change);
        if (!done.read.ddl.empty())
            row("ddl", "", done.read.ddl + ";");
        for (const std::string &sql : done.moved.ddl)
            row("ddl", "", sql + ";");
        for (const auto &e : rejects.first())
            row("reject", e.file + ":" + std::to_string(e.rejected.line),
                (e.rejected.column_name.empty() || e.rejected.in_key ? ""
                                                                     : "column \"" + e.rejected.column_name + "\": ") +
                    e.rejected.reason);
    };
    try {
        pg::rolled_back([&] {
            carry_out(stream, trial, rejects, done);
            const run::step &step = done.recorded;
            row("files", "", std::to_string(step.read) + " of " + std::to_string(step.files) + " to be read");
            row("records", "", figures(step));
            try {
                rejects.judge(step.records, stream.max_rejects);
            } catch (const error &e) {
                row("error", e.sqlstate, e.message);
            }
            tell();
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        row("error", e.sqlstate, e.message + (e.hint.empty() ? "" : " (" + e.hint + ")"));
        tell();
    }
    return rows;
}

} // namespace barometre::tap
