#pragma once

#include "load/csv_format.h"

#include <string>
#include <vector>

namespace barometre::load {

/// Whether a file's header, the first record that was read, is one: throws contract when two names are equal, bad_file
/// when the line before it, which was passed over as a comment, rather is, or when it holds all the file's records,
/// which end in something else than lines. The file is open. `last_line`: where the header ends.
void check_header(const csv_format &format, const pg::data_file &file, const std::vector<std::string> &header,
                  const std::string &comment, std::uint64_t last_line);

} // namespace barometre::load
