#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

/// JSON that is written.
namespace barometre::json {

std::string quoted(std::string_view text); ///< a JSON string, with its quotes

/// An object on its way, with its members in the order in which they are added.
class object {
public:
    object &add(std::string_view key, std::string_view text) { return raw(key, quoted(text)); }
    object &add(std::string_view key, const char *text) { return add(key, std::string_view(text)); }
    object &add(std::string_view key, bool yes) { return raw(key, yes ? "true" : "false"); }
    template <std::integral Number> object &add(std::string_view key, Number n) { return raw(key, std::to_string(n)); }
    /// Nothing where the text is empty.
    object &add_some(std::string_view key, std::string_view text) { return text.empty() ? *this : add(key, text); }
    object &add_or_null(std::string_view key, std::string_view text) {
        return raw(key, text.empty() ? "null" : quoted(text));
    }
    object &raw(std::string_view key, std::string_view json); ///< a value that is JSON already
    bool empty() const { return members_.empty(); }
    std::string text() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

class array {
public:
    array &add(std::string_view text) { return raw(quoted(text)); }
    array &raw(std::string_view json);
    bool empty() const { return items_.empty(); }
    std::string text() const { return "[" + items_ + "]"; }

private:
    std::string items_;
};

/// An array of texts.
template <class Items> std::string texts(const Items &items) {
    array out;
    for (const auto &item : items)
        out.add(item);
    return out.text();
}

} // namespace barometre::json
