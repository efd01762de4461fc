#pragma once

#include <string>

/// What the server tells people.
namespace barometre::pg {

/// A message to the client that is no error.
void notice(const std::string &message, const std::string &hint = {});
void warning(const std::string &message, const std::string &hint = {}, const std::string &detail = {});
void log_warning(const std::string &message); ///< for the server's log alone

} // namespace barometre::pg
