#include "core/json/writer.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

namespace barometre::json {

std::string quoted(std::string_view text) {
    if (text.find('\0') != std::string_view::npos || !text::is_utf8(text))
        return json::quoted(text::legible(text)); // the server would keep what JSON can't hold
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < ' ')
                out += "\\u00" + text::hex(std::string_view(&c, 1));
            else
                out += c;
        }
    }
    return out + '"';
}

object &object::raw(std::string_view key, std::string_view json) {
    text::append(members_, json::quoted(key) + ": " + std::string(json));
    return *this;
}

array &array::raw(std::string_view json) {
    text::append(items_, json);
    return *this;
}

} // namespace barometre::json
