#include "tap/check.h"
#include "core/text/text.h"
#include "pg/files.h"
#include "pg/identity.h"
#include "pg/transaction.h"
#include "tap/columns.h"
#include "tap/load_stream.h"
#include "tap/passed_over.h"
#include "tap/shared_load.h"

#include <algorithm>
#include <functional>

namespace barometre::tap {

namespace {

std::string figures(const run::step &done) {
    auto part = [](std::int64_t n, const char *what) { return std::to_string(n) + what; };
    return part(done.records, ": ") + part(done.inserted, " to insert, ") + part(done.updated, " to update, ") +
           part(done.unchanged, " unchanged, ") + part(done.rejected, " rejected, ") +
           part(done.superseded, " superseded") + (done.deleted ? ", " + part(done.deleted, " rows to delete") : "");
}

/// The columns of the table, as far as they are known.
const std::vector<load::planned_column> &known_columns(const stream_load &done) {
    return done.read.columns.empty() ? done.planned.columns : done.read.columns;
}

/// The first three, by name.
std::string listed(const std::vector<pg::data_file> &files) {
    std::vector<std::string> names;
    for (const pg::data_file &f : files)
        names.push_back(text::quoted(f.name));
    return text::first_of(names, 3);
}

/// What the pattern of the stream matches; if it is nothing, what there is.
std::string matched(const project::stream &stream) {
    const pg::oid owner = pg::current_role();
    const pg::listing found = pg::list_files(stream.path, stream.pattern, owner);
    const std::string others = no_data(found.no_data);
    if (!found.files.empty())
        return "matches " + std::to_string(found.files.size()) + (found.files.size() == 1 ? " file: " : " files: ") +
               listed(found.files) + (others.empty() ? "" : "; " + others);
    std::string there;
    try {
        there = listed(pg::list_files(stream.path, ".*", owner).files);
    } catch (const error &e) { // of what no stream may read
        if (e.is_intervention())
            throw;
    }
    return "matches no file in \"" + stream.path + "\"" + (there.empty() ? "" : ", where there is " + there) +
           (others.empty() ? "" : "; " + others);
}

pg::row row_of(const error &e, bool shows_detail) {
    return {"error", e.sqlstate,
            e.message + (e.detail.empty() || !shows_detail ? "" : ": " + e.detail) +
                (e.hint.empty() ? "" : " (" + e.hint + ")")};
}

/// `work`: carries a trial out.
std::vector<pg::row> check(const project::stream &stream,
                           const std::function<void(load::reject_log &, stream_load &)> &work) {
    std::vector<pg::row> rows;
    auto row = [&](const char *kind, const std::string &name, const std::string &detail) {
        rows.push_back({kind, name, detail});
    };
    load::reject_log rejects = rejects_for(stream, purpose());
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
        for (const load::reject_log::cause &c : rejects.causes()) {
            const pg::reject &r = c.example.rejected;
            row("reject", text::join(c.places) + (c.count > 3 ? ", ..." : ""),
                (r.column_name.empty() || r.in_key ? "" : "column \"" + r.column_name + "\": ") + r.reason +
                    (c.count > 1 ? " (" + std::to_string(c.count) + " such records)" : ""));
        }
        if (rejects.of_other_causes() > 0)
            row("reject", "...", "other causes (" + std::to_string(rejects.of_other_causes()) + " records)");
    };
    try {
        row("pattern", stream.pattern, matched(stream));
        pg::rolled_back([&] {
            work(rejects, done);
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
        // What its DETAIL says of rejects has rows of its own.
        rows.push_back(row_of(e, rejects.count() == 0));
        tell();
    }
    return rows;
}

bool is_named(const chosen &what, const std::string &stream) {
    return std::any_of(what.streams.begin(), what.streams.end(),
                       [&](const project::stream *s) { return s->name == stream; });
}

} // namespace

std::vector<checked> check_tap(const chosen &what) {
    const purpose trial;
    std::vector<checked> out;
    if (!what.tap->shares_files()) {
        for (const project::stream *s : what.streams)
            out.push_back({s->name, check(*s, [&](load::reject_log &rejects, stream_load &done) {
                               carry_out(*s, trial, rejects, done);
                           })});
        return out;
    }
    try {
        pg::rolled_back([&] {
            const shared_load whole(*what.tap, trial);
            for (const stream_part &part : whole.parts())
                if (!what.is_part || is_named(what, part.stream.name))
                    out.push_back(
                        {part.stream.name, check(part.stream, [&](load::reject_log &rejects, stream_load &done) {
                             whole.carry_out(part, rejects, done);
                         })});
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        out.push_back({"", {row_of(e, true)}});
    }
    return out;
}

} // namespace barometre::tap
