#pragma once

#include "run/record.h"
#include "tap/purpose.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace barometre::tap {

/// The streams of a call that have nothing to be loaded. Most nights most streams are so, and a look at each by itself
/// would take nine statements: they are looked at together, hundreds at a time. What is not surely so is loaded as
/// ever.
class idle_streams {
public:
    /// `streams`: in the order in which they will be asked for, with null for what is loaded otherwise between them.
    /// They outlive this.
    idle_streams(std::vector<const project::stream *> streams, const purpose &why);

    /// The step of an idle stream, as its load would give it, with its lock; nothing: it is to be loaded.
    std::optional<run::step> find(const project::stream &stream);

private:
    void look_on();
    void look_at(const std::vector<const project::stream *> &streams);

    std::vector<const project::stream *> streams_;
    const purpose &why_;
    std::map<const project::stream *, std::int64_t> counts_; ///< of files, of those that may be idle
    std::size_t asked_ = 0, seen_ = 0;                       ///< of the streams: so many
    std::map<const project::stream *, run::step> found_;     ///< of those that were looked at last
};

} // namespace barometre::tap
