#pragma once

#include "tap/discover.h"

/// Contents that baro_forget() took away, and that no load takes before a full refresh.
namespace barometre::tap {

/// Takes the files out of the list whose content was forgotten, whatever they are called, and however they are packed.
std::vector<seen_file> take_forgotten(const project::stream &stream, const discovered &found,
                                      std::vector<pg::data_file> &files);

/// Writes how those are seen now, so that the next load need not look into them.
void record_forgotten(const project::stream &stream, const discovered &found);

} // namespace barometre::tap
