#include "model/transform/notices.h"
#include "core/text/text.h"

#include <cstddef>
#include <cstdint>

namespace barometre::model::transform {

std::string told(const relation::candidate &c) {
    if (c.kind == 'v')
        return "view " + c.node + ": built";
    const relation::column_change &columns = c.difference.columns;
    std::string rows = text::format_count(c.done.inserted) + " added, " + text::format_count(c.done.deleted) +
                       " removed, " + text::format_count(c.done.unchanged) + " unchanged";
    if (c.model && c.model->is_snapshot() && c.is_delta)
        rows = "versions: " + text::format_count(c.done.inserted - c.done.deleted) + " began, " +
               text::format_count(c.done.deleted) + " ended";
    if (columns.any()) // then rows are compared when the table has its new columns
        rows = (c.is_delta ? rows + "; " : "") + "columns: " + columns.text();
    const bool increment = c.is_delta && c.goes_on;
    return c.done.kind + " " + c.node + (increment ? ": built incrementally, " : ": built, ") +
           text::format_count(c.done.records) + " rows (" + rows + "), " + text::format_seconds(c.done.seconds) + " s";
}

std::string summary(const built &b, const audited &a, const published &done) {
    std::int64_t rows_added = 0, rows_removed = 0, models = 0;
    for (const relation::candidate &c : done.candidates)
        if (c.model) {
            ++models;
            rows_added += c.done.inserted;
            rows_removed += c.done.deleted;
        }
    const std::size_t failed = done.omitted.count_failed();
    return "transform: " + std::to_string(models) + " models built, " + std::to_string(b.unchanged) + " unchanged, " +
           std::to_string(done.omitted.why.size() - failed) + " skipped, " + std::to_string(failed) + " failed; " +
           text::format_count(rows_added) + " rows added, " + text::format_count(rows_removed) + " removed; " +
           std::to_string(a.tests) + " tests" + (a.skipped ? ", " + std::to_string(a.skipped) + " skipped" : "");
}

} // namespace barometre::model::transform
