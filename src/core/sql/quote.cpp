#include "core/sql/quote.h"

namespace barometre::sql {

std::string quote_name(const std::string &name) {
    std::string out = "\"";
    for (char c : name)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

std::string quote_text(const std::string &text) {
    std::string out = text.find('\\') == std::string::npos ? "'" : "E'";
    for (char c : text)
        out += c == '\'' || c == '\\' ? std::string(2, c) : std::string(1, c);
    return out + '\'';
}

} // namespace barometre::sql
