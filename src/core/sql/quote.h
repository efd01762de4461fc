#pragma once

#include <string>

namespace barometre::sql {

/// A name as SQL takes it in any case: "Place".
std::string quote_name(const std::string &name);

/// A text as an SQL literal, which means the same however standard_conforming_strings is set.
std::string quote_text(const std::string &text);

} // namespace barometre::sql
