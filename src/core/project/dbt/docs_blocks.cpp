#include "core/project/dbt/docs_blocks.h"
#include "core/error.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <string_view>

namespace barometre::project::dbt {

namespace {

constexpr std::string_view spaces = " \t\r\n";

std::string stripped(const std::string &text) {
    const std::size_t first = text.find_first_not_of(spaces);
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(spaces) + 1 - first);
}

/// A tag {% ... %}: what stands in it, and where it begins and ends. Without an end: there is none any more.
struct tag {
    std::string inside;
    std::size_t begin = std::string::npos, end = std::string::npos;
};

tag next_tag(const std::string &text, std::size_t from) {
    tag out;
    out.begin = text.find("{%", from);
    if (out.begin == std::string::npos)
        return out;
    const std::size_t close = text.find("%}", out.begin + 2);
    if (close == std::string::npos)
        return out;
    out.inside = text.substr(out.begin + 2, close - out.begin - 2);
    if (out.inside.starts_with('-'))
        out.inside.erase(0, 1);
    if (out.inside.ends_with('-'))
        out.inside.pop_back();
    out.inside = stripped(out.inside);
    out.end = close + 2;
    return out;
}

} // namespace

void read_docs_blocks(const std::string &text, const std::string &file, const std::string &package,
                      std::map<std::string, std::string> &into) {
    for (tag open = next_tag(text, 0); open.end != std::string::npos; open = next_tag(text, open.end)) {
        if (!open.inside.starts_with("docs") || open.inside.size() < 6 ||
            spaces.find(open.inside[4]) == std::string::npos)
            continue;
        const std::string name = stripped(open.inside.substr(5));
        const std::string at = file + ":" + std::to_string(text::spot_of(text, open.begin).line);
        tag close = next_tag(text, open.end);
        while (close.end != std::string::npos && close.inside != "enddocs")
            close = next_tag(text, close.end);
        if (close.end == std::string::npos)
            throw error(sqlstate::project_invalid, at + ": the block of documentation \"" + name + "\" does not end",
                        "", "End it with {% enddocs %}.");
        if (!into.emplace(package.empty() ? name : package + "." + name,
                          stripped(text.substr(open.end, close.begin - open.end)))
                 .second)
            throw error(sqlstate::project_invalid, at + ": the block of documentation \"" + name + "\" is there twice",
                        "", "Rename or remove one of them.");
        open.end = close.end;
    }
}

} // namespace barometre::project::dbt
