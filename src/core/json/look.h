#pragma once

#include "core/json/dialect.h"

namespace barometre::json {

/// What the beginning of a file says of how it is written.
struct look {
    std::string fault;  ///< why it can't be read as the dialect says, as what follows its name; empty: nothing is known
    std::string remedy; ///< what to do then, as a sentence without its end
};

/// Looks at the beginning of a file: at its first two lines where each is to be a value. Throws bytes::unreadable.
look look_at(int descriptor, const dialect &how);

/// Whether a text may begin as JSON does: asked of each file, before anything else is read of it.
bool may_begin(std::string_view text);

/// The format by which a file can be read that was taken for another one: jsonl or json; empty: it is no JSON.
std::string seems(int descriptor, const bytes::coding &how);

} // namespace barometre::json
