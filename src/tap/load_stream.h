#pragma once

#include "tap/record.h"

#include <functional>

namespace barometre::tap {

/// One load of one stream: five values, each made from those before it. Less of them when it failed on its way.
struct stream_load {
    discovered found;
    shape planned;
    staged read;
    merged moved;
    run::step recorded;
};

/// Takes the stream's lock, and makes one value after the other. A trial is for the caller to roll back.
void carry_out(const project::stream &stream, const purpose &why, load::reject_log &rejects, stream_load &done);

/// The same from done.found on. `merged`: called once its rows are in the table, before anything is kept of that.
void carry_on(const project::stream &stream, const purpose &why, load::reject_log &rejects, stream_load &done,
              const std::function<void(stream_load &)> &merged = {});

/// Does a load of a stream, `work`, for a run: its rejects are kept if it fails, and what it did is told.
run::step load_for(const project::stream &stream, const purpose &why, run::record &memory,
                   const std::function<void(load::reject_log &, stream_load &)> &work);

/// Loads the new and changed files of one stream into its table, in the current
/// transaction and as the current role (the owner of the project): rows, ledger
/// and bookmark commit together or not at all. See doc/taps.md for what happens
/// to a file that is touched, renamed, late, or gone. `skips`: unless the stream says otherwise, files that can't be
/// loaded are left out. Gives its step, and a failed one for each of those.
std::vector<run::step> load_stream(const project::stream &stream, const purpose &why, bool skips, run::record &memory);

} // namespace barometre::tap
