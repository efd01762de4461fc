#pragma once

#include "audit/data_test.h"
#include "model/transform/omissions.h"

#include <string>
#include <vector>

namespace barometre::model::transform {

/// Where tests read: what was built, and else what is published.
audit::reading private_reading(work &w, const omissions &out);

/// What tests found that keeps something from being published.
class verdict {
public:
    explicit verdict(work &w) : w_(w) {}

    /// Tells what a test found that does not pass. Whether that forbids to publish what it tests; `what` says it,
    /// without a value of the data.
    bool hear(const audit::data_test &t, const audit::outcome &o, std::string &what);
    bool forbids() const { return units_ + guards_ + data_ > 0; }
    [[noreturn]] void fail() const; ///< ends the call

private:
    work &w_;
    std::string failing_;
    std::vector<std::string> names_;                ///< of the first three
    std::size_t units_ = 0, guards_ = 0, data_ = 0; ///< that forbid it, by what they are
};

} // namespace barometre::model::transform
