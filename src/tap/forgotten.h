#pragma once

#include "tap/discover.h"

/// Contents that baro_forget() took away, and that no load takes before a full refresh.
namespace barometre::tap {

/// Takes those of the listed files out of `files` whose content was forgotten, whatever they are called, and however
/// they are packed; but for one that was loaded itself, with the content of one that was forgotten.
std::vector<seen_file> take_forgotten(const project::stream &stream, const discovered &found,
                                      const std::vector<pg::data_file> &listed, std::vector<pg::data_file> &files);

/// Writes how those are seen now, so that the next load need not look into them.
void record_forgotten(const project::stream &stream, const discovered &found);

} // namespace barometre::tap
