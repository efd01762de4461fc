#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace barometre::singer {

/// How the lines of RECORD messages begin: a file's extraction writes them all alike, so that most of them tell their
/// stream without being parsed.
class record_lines {
public:
    /// Learns from a line: what is before the name of its stream, which follows its type; `stream`: the name, as it is
    /// written between its quotes.
    void learn(std::string_view line, std::string_view stream);
    /// The stream of a line that begins so; nothing: it is to be parsed.
    std::optional<std::string_view> stream_of(std::string_view line) const;

private:
    std::set<std::string> heads_; ///< up to the name: {"type": "RECORD", "stream": "
};

} // namespace barometre::singer
