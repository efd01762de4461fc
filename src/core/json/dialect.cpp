#include "core/json/dialect.h"
#include "core/json/writer.h"
#include "core/text/ascii.h"

#include <algorithm>

namespace barometre::json {

std::optional<std::vector<step>> read_path(std::string_view path) {
    std::vector<step> steps;
    if (path.starts_with('$')) {
        path.remove_prefix(1);
        if (path.starts_with('.'))
            path.remove_prefix(1);
        else if (!path.empty() && path[0] != '[')
            return std::nullopt;
    }
    while (!path.empty()) {
        if (path.starts_with("[*]")) {
            steps.push_back({"", true});
            path.remove_prefix(3);
        } else if (path.starts_with("['") || path.starts_with("[\"")) {
            const std::string end{path[1], ']'};
            const std::size_t at = path.find(end, 2);
            if (at == std::string_view::npos)
                return std::nullopt;
            steps.push_back({std::string(path.substr(2, at - 2))});
            path.remove_prefix(at + 2);
        } else {
            const std::size_t size = std::min(path.find_first_of(".["), path.size());
            if (size == 0 || path.substr(0, size).find_first_of("]*\"'") != std::string_view::npos)
                return std::nullopt;
            steps.push_back({std::string(path.substr(0, size))});
            path.remove_prefix(size);
        }
        if (path.starts_with('.') && path.size() > 1 && path[1] != '[')
            path.remove_prefix(1);
        else if (!path.empty() && path[0] != '[')
            return std::nullopt;
    }
    while (!steps.empty() && steps.back().each)
        steps.pop_back();
    if (steps.size() > most_levels)
        return std::nullopt;
    return steps;
}

std::string shown_key(std::string_view key, bool is_first) {
    const bool is_plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return text::is_letter(c) || text::is_digit(c) || c == '_' || c == '-';
    });
    return is_plain ? (is_first ? "" : ".") + std::string(key) : "[" + quoted(key) + "]";
}

std::string shown(const std::vector<step> &path) {
    std::string out;
    for (const step &s : path)
        out += s.each ? "[*]" : shown_key(s.key, out.empty());
    return out;
}

} // namespace barometre::json
