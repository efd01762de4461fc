#include "core/json/look.h"
#include "core/json/line_source.h"
#include "core/json/record_places.h"

namespace barometre::json {

namespace {

constexpr char is_csv[] =
    "If it is CSV, say  format: csv  in barometre.yml; else correct it, or the key \"pattern\" of "
    "the stream";
constexpr char is_document[] = "Say  format: json  in barometre.yml";

/// A line, as far as it matters here.
struct kind {
    char first = '\0', second = '\0'; ///< but for blanks
    bool is_whole = false;            ///< it is an object or array, as far as it was parsed
};

std::optional<kind> next_kind(line_source &in, bool parses = true) {
    while (in.next()) {
        const std::size_t at = in.text().find_first_not_of(blanks);
        if (at == std::string_view::npos)
            continue;
        const std::size_t next = in.text().find_first_not_of(blanks, at + 1);
        kind out{in.text()[at], next == std::string_view::npos ? '\0' : in.text()[next]};
        if (parses && !in.is_too_long() && (out.first == '{' || out.first == '[')) {
            value_records ignored;
            out.is_whole = !place_finder({}).find(in.text(), ignored);
        }
        return out;
    }
    return std::nullopt;
}

} // namespace

look look_at(int descriptor, const dialect &how) {
    line_source in(descriptor, how.coding, std::make_shared<bytes::read_progress>(), 0);
    const auto first = next_kind(in, how.lines); // a document may be one line, and is parsed when it is read
    if (!first)
        return {};
    const bool begins = first->first == '{' || first->first == '[';
    if (!how.lines)
        return begins ? look{} : look{"is no JSON document: it begins with neither { nor [", is_csv};
    if (first->is_whole && first->first == '{')
        return {};
    const auto second = next_kind(in);
    if (second && second->first == '{' && second->is_whole)
        return {}; // a bad line among good ones
    if (!begins)
        return {"is no file of JSON lines: its first line is no JSON object", is_csv};
    if (first->is_whole && !second)
        return {"is one JSON array, and not a JSON object each line", is_document};
    if (!first->is_whole && second)
        return {"is a JSON document over several lines, and not a JSON object each line", is_document};
    return {};
}

bool may_begin(std::string_view text) {
    while (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    const std::size_t at = text.find_first_not_of(blanks);
    return at != std::string_view::npos && (text[at] == '{' || text[at] == '[');
}

std::string seems(int descriptor, const bytes::coding &how) {
    line_source in(descriptor, how, std::make_shared<bytes::read_progress>(), 0);
    const auto line = next_kind(in);
    if (!line || (line->first != '{' && line->first != '['))
        return {};
    if (line->is_whole)
        return line->first == '{' ? "jsonl" : "json";
    // No header begins so, and nothing in it is quoted so.
    return std::string_view("\"{[").find(line->second) != std::string_view::npos || line->second == '\0' ? "json" : "";
}

} // namespace barometre::json
