#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// What the server tells people.
namespace barometre::pg {

/// A message to the client that is no error.
void notice(const std::string &message, const std::string &hint = {});
void warning(const std::string &message, const std::string &hint = {}, const std::string &detail = {});
/// What counts as a warning, but is told by what the call gives: only those who hear it learn of it.
void note_warning(const std::string &message, const std::string &hint = {});
void log_warning(const std::string &message); ///< for the server's log alone

struct told_warning {
    std::string message, detail, hint;
};

/// Hears the warnings that this session is told while it lives, so that they can be kept. What one within it hears,
/// it hears as well.
class heard_warnings {
public:
    heard_warnings();
    ~heard_warnings();
    heard_warnings(const heard_warnings &) = delete;
    heard_warnings &operator=(const heard_warnings &) = delete;

    /// The first hundred; how many more there were is one of its own.
    std::vector<told_warning> all() const;

private:
    friend void hear(const told_warning &w);
    heard_warnings *outer_;
    std::vector<told_warning> first_;
    std::size_t more_ = 0;
};

} // namespace barometre::pg
