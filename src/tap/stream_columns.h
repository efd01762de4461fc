#pragma once

#include "core/project/project.h"

#include <string>
#include <vector>

namespace barometre::tap {

/// A row of barometre_internal.stream_column: a field that files of the stream had, and the column that it became.
/// Hashes are text::hash(); what is not known, or has none, is empty.
struct stream_column {
    std::string column;     ///< of the table; empty: no column has the field
    std::string name;       ///< of the field before the map; empty: hidden, because its text says so alone
    std::string source;     ///< what the header says, trimmed; empty if the map hides it
    std::string text;       ///< hash of that; empty: not known
    std::string derived;    ///< hash of the name that is made from the text
    std::string header;     ///< of a field without text: hash of the header, under which alone it is found again
    bool unsettled = false; ///< the column has had no value so far, and is text until the first one says its type
    bool operator==(const stream_column &) const = default;
};

/// What is remembered of the stream, in the order in which it came.
std::vector<stream_column> read_stream_columns(const project::stream &stream);
std::vector<std::vector<stream_column>> read_stream_columns(const std::vector<const project::stream *> &streams);
/// Replaces all that is remembered of the stream.
void record_stream_columns(const project::stream &stream, const std::vector<stream_column> &columns);
/// Remembers that these columns are unsettled, and no others.
void record_unsettled(const project::stream &stream, const std::vector<std::string> &columns);

} // namespace barometre::tap
