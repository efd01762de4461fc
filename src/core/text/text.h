#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

/// Small texts that everybody writes: lists, cuts, figures. Texts are UTF-8.
namespace barometre::text {

/// What `shown` gives of each item, with `separator` between them.
template <class Items, class Shown> std::string join(const Items &items, std::string_view separator, Shown &&shown) {
    std::string out;
    bool first = true;
    for (const auto &item : items) {
        if (!first)
            out += separator;
        first = false;
        out += shown(item);
    }
    return out;
}
template <class Items> std::string join(const Items &items, std::string_view separator = ", ") {
    return join(
        items, separator, [](const auto &item) -> const auto & { return item; });
}

template <class Items, class Item> bool contains(const Items &items, const Item &wanted) {
    return std::find(std::begin(items), std::end(items), wanted) != std::end(items);
}

/// The first of many, for a message: a, b and 3 more.
template <class Items> std::string first_of(const Items &items, std::size_t most) {
    const std::size_t shown = std::min(most, std::size(items)), more = std::size(items) - shown;
    const auto end = std::next(std::begin(items), static_cast<std::ptrdiff_t>(shown));
    std::string out;
    for (auto at = std::begin(items); at != end; ++at)
        out += (out.empty() ? "" : ", ") + *at;
    return out + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

/// Puts `more` behind what is there, after `separator` unless it is the first.
void append(std::string &list, std::string_view more, std::string_view separator = ", ");

/// The beginning of a text, of `most` bytes at most: no character is cut in two.
std::string_view cut(std::string_view text, std::size_t most);
/// The same with "..." in the place of what does not fit, in `most` bytes in all.
std::string shortened(std::string_view text, std::size_t most);

/// A text in lines of at most `width` characters, at least 1. A line ends at a space if it has one, else behind one of
/// . _ - / , : ; or in the middle of a word; `whole_words`: not there, as in SQL, which may then be wider. Control
/// characters become spaces.
std::string fold(std::string_view text, std::size_t width, bool whole_words = false);

bool begins_character(char byte); ///< a byte of UTF-8; false: it goes on with one

std::string hex(std::string_view bytes); ///< two lower-case digits each

std::string quoted(std::string_view name); ///< "name", for messages
/// What others worded, as a sentence: with a full stop, unless it ends already.
std::string sentence(std::string words);

std::string format_seconds(double seconds);    ///< "0.123", for numeric columns
std::string format_count(std::int64_t number); ///< "1 234 567", for people

} // namespace barometre::text
