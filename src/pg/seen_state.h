#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <vector>

namespace barometre::pg {

/// What was committed at one moment, to find out later in the same transaction whether other sessions wrote into a
/// table since.
class seen_state {
public:
    seen_state() : seen_state(false) {} ///< now
    /// What the transaction sees, if it works with one snapshot; else now.
    static seen_state of_transaction() { return seen_state(true); }

    /// Whether somebody else inserted, changed or deleted rows of a plain heap table since, committed or not yet. Looks
    /// only at pages that somebody wrote on since they were vacuumed.
    bool others_wrote(oid table) const;

private:
    explicit seen_state(bool of_transaction);

    // A copy of the snapshot's lists, so that it may outlive everything.
    std::uint32_t xmin_, xmax_;
    std::vector<std::uint32_t> running_, running_below_;
    bool overflowed_, recovery_;
};

} // namespace barometre::pg
