#pragma once

#include "core/bytes/content.h"
#include "core/bytes/decoder.h"
#include "core/singer/record_lines.h"
#include "core/singer/schema.h"

#include <cstdint>
#include <functional>
#include <set>
#include <utility>

namespace barometre::singer {

/// What a file holds of one stream.
struct stream_content {
    std::string name;                 ///< as the messages have it
    std::vector<property> properties; ///< of all its SCHEMA messages, in order; none: it has no columns
    std::vector<std::string> key;     ///< names of properties
    /// Where its SCHEMA messages do not all have the same properties: from which line on it has which, in order.
    std::vector<std::pair<std::uint64_t, std::set<std::string>>> in_force;
    std::int64_t schema_line = 0;
    std::int64_t records = 0;
    std::optional<std::int64_t> active_version; ///< of its last ACTIVATE_VERSION
};

/// What a file of Singer messages holds, but for its records.
struct content {
    bytes::coding coding{};
    std::vector<stream_content> streams; ///< in the order of their first SCHEMA
    std::optional<std::string> state;    ///< the last STATE's value, as JSON
    record_lines lines;
    std::int64_t bytes = 0;
    bytes::content_hash hash{}, unpacked{};

    const stream_content *find(const std::string &name) const;
};

/// Reads a whole file, and whatever is in it but the records of the streams that `reads` names: those are parsed by who
/// reads them. Throws bytes::unreadable for what makes no sense as a whole: a line that is no message, a RECORD before
/// its SCHEMA, a last line that is not complete.
content read_content(int descriptor, const bytes::coding &how, std::size_t flatten,
                     const std::function<bool(const std::string &stream)> &reads);

/// What is wrong in a line, for pg::reading() to name the file.
bytes::unreadable fault_in_line(std::uint64_t line, const std::string &clause, const std::string &remedy = {});

} // namespace barometre::singer
