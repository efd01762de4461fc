#include "tap/load_stream.h"
#include "pg/claim.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "tap/passed_over.h"
#include "tap/settle.h"

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
    done.moved = merge(stream, why, done.found, done.read, rejects);
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
    } catch (const error &) {
        if (rejects.count() > 0)
            memory.keep_rejects(rejects.first_as_json());
        throw;
    }
    done.recorded.seconds = watch.seconds();
    if (done.recorded.read > 0)
        pg::notice(shown(stream) + ": " + closing_sentence(done.recorded));
    return done.recorded;
}

run::step load_stream(const project::stream &stream, bool full_refresh, run::record &memory) {
    const purpose why{.run = memory.id(), .full_refresh = full_refresh};
    return load_for(stream, why, memory,
                    [&](load::reject_log &rejects, stream_load &done) { carry_out(stream, why, rejects, done); });
}

} // namespace barometre::tap
