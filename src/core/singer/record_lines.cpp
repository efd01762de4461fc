#include "core/singer/record_lines.h"

namespace barometre::singer {

namespace {

/// Different ones in a file: more are no habit.
constexpr std::size_t most_heads = 16;

} // namespace

void record_lines::learn(std::string_view line, std::string_view stream) {
    if (heads_.size() < most_heads)
        heads_.emplace(line.substr(0, static_cast<std::size_t>(stream.data() - line.data())));
}

std::optional<std::string_view> record_lines::stream_of(std::string_view line) const {
    for (const std::string &head : heads_) {
        if (!line.starts_with(head))
            continue;
        const std::string_view rest = line.substr(head.size());
        const std::size_t end = rest.find_first_of("\"\\");
        if (end != std::string_view::npos && rest[end] == '"')
            return rest.substr(0, end);
    }
    return std::nullopt;
}

} // namespace barometre::singer
