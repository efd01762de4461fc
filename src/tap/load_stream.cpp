#include "tap/load_stream.h"
#include "core/text/text.h"
#include "load/withheld.h"
#include "pg/claim.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/own_heap.h"
#include "pg/point.h"
#include "tap/passed_over.h"
#include "tap/settle.h"
#include "tap/skipping.h"
#include "tap/spread.h"

#include <cstdio>

namespace barometre::tap {

namespace {

std::string closing_sentence(const run::step &step) {
    char figures[80];
    const double megabytes = static_cast<double>(step.bytes) / 1e6;
    std::snprintf(figures, sizeof figures, "%.1f MB in %.2f s (%.0f MB/s)", megabytes, step.seconds,
                  step.seconds > 0 ? megabytes / step.seconds : 0.0);
    return std::to_string(step.records) + (step.records == 1 ? " record" : " records") + " of " +
           std::to_string(step.read) + (step.read == 1 ? " file, " : " files, ") + figures;
}

} // namespace

void carry_out(const project::stream &stream, const purpose &why, load::reject_log &rejects, stream_load &done) {
    check_spread(stream);
    pg::lock_name("stream", name_of(stream));
    pg::claim_relation(stream.tap, stream.name, pg::claim_lock::none); // before anything reads it
    done.found = discover(stream, why);
    pg::point("load.discovered");
    tell_passed_over(stream, why, done.found);
    carry_on(stream, why, rejects, done);
}

void carry_on(const project::stream &stream, const purpose &why, load::reject_log &rejects, stream_load &done,
              const std::function<void(stream_load &)> &merged) {
    shaping columns(stream, why, done.found);
    done.planned = columns.settle();
    pg::point("load.shaped");
    done.read = stage(stream, why, done.found, done.planned, rejects);
    if (!done.read.grown.empty()) {
        done.planned = columns.settle(done.read.grown);
        done.read = stage(stream, why, done.found, done.planned, rejects);
    }
    judge(done.read, rejects);
    pg::point("load.staged");
    settle_columns(stream, why, done.read);
    const bool is_written = done.found.table_exists && !done.read.table.empty();
    const std::string elsewhere = is_written ? pg::rows_elsewhere(pg::oid_of(table_of(stream))) : "";
    try {
        done.moved = merge(stream, why, done.found, done.read, rejects);
    } catch (const error &e) {
        load::refuse_unwritable(shown(stream) + ": " + table_of(stream), elsewhere, e);
        throw;
    }
    pg::point("load.merged");
    if (merged)
        merged(done);
    done.recorded = record(stream, why, done.found, done.planned, done.read, done.moved, rejects);
}

run::step load_for(const project::stream &stream, const purpose &why, run::record &memory,
                   const std::function<void(load::reject_log &, stream_load &)> &work) {
    stopwatch watch;
    load::reject_log rejects = rejects_for(stream, why);
    stream_load done;
    try {
        work(rejects, done);
    } catch (const load::too_many_rejects &) {
        if (!why.skips) {
            memory.keep_rejects(rejects.first_as_json());
            throw;
        }
        const std::vector<load::bad_file> worst = rejects.worst_files();
        why.skips->keep_rejects(rejects.first_as_json(worst));
        throw bad_files(worst);
    } catch (const bad_files &) {
        throw;
    } catch (const error &) {
        if (rejects.count() > 0 && !why.is_attempt)
            memory.keep_rejects(rejects.first_as_json());
        throw;
    }
    done.recorded.seconds = watch.seconds();
    if (done.recorded.read > 0)
        pg::notice(shown(stream) + ": " + closing_sentence(done.recorded));
    return done.recorded;
}

namespace {

/// Where many files are to be read again because of some that were left out before: tries whether those can be loaded
/// by now, with them alone.
void try_left_out(const project::stream &stream, const purpose &why, run::record &memory) {
    purpose how = why;
    how.is_attempt = true;
    load_for(stream, how, memory, [&](load::reject_log &rejects, stream_load &done) {
        done.found = discover(stream, how);
        if (done.found.read_again == 0)
            return;
        std::erase_if(done.found.files,
                      [&](const file_plan &plan) { return !text::contains(done.found.retried, plan.file.name); });
        carry_on(stream, how, rejects, done);
        done.recorded.read = 0;
    });
}

} // namespace

std::vector<run::step> load_stream(const project::stream &stream, const purpose &why, bool skips, run::record &memory) {
    const stopwatch watch;
    run::step done;
    const auto load = [&](const purpose &how) {
        done = load_for(stream, how, memory,
                        [&](load::reject_log &rejects, stream_load &of) { carry_out(stream, how, rejects, of); });
    };
    std::vector<run::step> out;
    if (stream.skips_failures.value_or(skips))
        out = without_bad_files(stream, why, memory, load,
                                [&](const purpose &how) { try_left_out(stream, how, memory); });
    else
        load(why);
    done.seconds = watch.seconds(); // of all attempts
    out.insert(out.begin(), done);
    return out;
}

} // namespace barometre::tap
