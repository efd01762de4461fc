// What is written as JSON is read as the same text.

#include "targets.h"

#include "core/json/writer.h"
#include "core/text/utf8.h"

namespace barometre::fuzz {

void json(std::string_view input) {
    if (!text::is_utf8(input) || input.find('\0') != input.npos)
        return;
    const std::string quoted = json::quoted(input);
    require(text::is_utf8(quoted) && quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"',
            "no JSON string");
    std::string back;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        const auto c = static_cast<unsigned char>(quoted[i]);
        require(c >= 0x20 && c != '"', "a control character or a quote: " + shown(quoted));
        if (c != '\\') {
            back += quoted[i];
            continue;
        }
        const char what = quoted[++i];
        require(i + 1 < quoted.size(), "an escape of nothing");
        if (what == 'u') {
            const int code = std::stoi(quoted.substr(i + 1, 4), nullptr, 16);
            require(code < 0x80, "more than is needed is escaped: " + shown(quoted));
            back += static_cast<char>(code);
            i += 4;
        } else {
            const std::size_t at = std::string_view("\"\\/bfnrt").find(what);
            require(at != std::string_view::npos, "no escape of JSON: " + shown(quoted));
            back += "\"\\/\b\f\n\r\t"[at];
        }
    }
    require(back == input, shown(quoted) + " is read as " + shown(back));
    json::object object;
    object.add(input, input).add_some("some", input).add_or_null("null", input);
    require(object.text().starts_with("{" + quoted + ":"), "the first member is another");
}

} // namespace barometre::fuzz
