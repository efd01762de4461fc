#pragma once

#include "core/project/project.h"

#include <string>

namespace barometre::tap {

/// All that makes rows of a file's records: of the stream's keys those that change a value or where it goes, and the
/// project's time zone and date order where a declared type depends on them.
class reading {
public:
    explicit reading(const project::stream &stream);

    /// Hash of it for a file with this delimiter, which counts where the stream declares none. Two files with the same
    /// one are read in the same way.
    std::string of(const std::string &delimiter) const;

private:
    std::string delimiter_; ///< as declared
    std::string rest_;
};

} // namespace barometre::tap
