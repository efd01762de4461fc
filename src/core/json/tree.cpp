#include "core/json/tree.h"
#include "core/json/parsing.h"

namespace barometre::json {

namespace {

using record::found_type;

/// Also a number for which numeric has no room is a number.
tree::kinds kind_of(std::string_view token, const record::field &f) {
    return token.starts_with('"')          ? tree::kinds::text
           : f.is_null                     ? tree::kinds::null
           : f.said == found_type::boolean ? tree::kinds::boolean
                                           : tree::kinds::number;
}

/// What says what others mean is short: more values are something else.
constexpr std::size_t most_values = 1000000;

struct tree_walk : value_walk {
    std::size_t values = 0;

    bool read(od::value &v, std::string_view token, int levels, int depth, tree &to, const char *&after) {
        if (++values > most_values)
            return s.fail("it has more than a million values");
        const bool is_object = token.starts_with('{'), is_array = token.starts_with('[');
        if (!is_object && !is_array) {
            record::field f;
            after = token.data() + token.size();
            if (!scalar(v, token, f))
                return false;
            to.kind = kind_of(token, f);
            to.raw = token;
            if (to.is(tree::kinds::text))
                to.text = f.text;
            return true;
        }
        to.kind = is_object ? tree::kinds::object : tree::kinds::array;
        if (levels == 0) {
            if (!nested(v, token, depth + 1, after))
                return false;
        } else if (!(is_object ? object(v, token, levels, depth + 1, to, after)
                               : array(v, token, levels, depth + 1, to, after))) {
            return false;
        }
        to.raw = {token.data(), static_cast<std::size_t>(after - token.data())};
        return true;
    }

    bool object(od::value &v, std::string_view token, int levels, int depth, tree &to, const char *&after) {
        if (depth > deepest)
            return s.fail("nested deeper than " + std::to_string(deepest) + " levels");
        return each_keyed(v, token, after, [&](std::string_view key, od::value &value) {
            to.members.push_back({std::string(key), {}});
            auto &[name, inner] = to.members.back();
            return read(value, token_of(value), levels - 1, depth, inner, after) || s.within_key(name);
        });
    }

    bool array(od::value &v, std::string_view token, int levels, int depth, tree &to, const char *&after) {
        if (depth > deepest)
            return s.fail("nested deeper than " + std::to_string(deepest) + " levels");
        after = token.data() + 1;
        return each_element(v,
                            [&](od::value &element) {
                                tree &inner = to.elements.emplace_back();
                                return read(element, token_of(element), levels - 1, depth, inner, after) ||
                                       s.within("[" + std::to_string(to.elements.size() - 1) + "]");
                            }) &&
               closed(']', after);
    }
};

} // namespace

const tree *tree::find(std::string_view key) const {
    for (auto member = members.rbegin(); member != members.rend(); ++member)
        if (member->key == key)
            return &member->value;
    return nullptr;
}

tree_reader::tree_reader() : s_(std::make_unique<parsing>()) {}
tree_reader::~tree_reader() = default;

std::optional<fault> tree_reader::read(std::string_view text, int levels, tree &to) {
    parsing &s = *s_;
    s.bad = {};
    to = {};
    const char *const end = text.data() + text.size(), *const first = past_blanks(text.data(), end);
    if (first == end || (*first != '{' && *first != '[')) {
        s.fail("it is neither an object nor an array");
        return s.fault_of(text);
    }
    tree_walk w{{s, end}, 0};
    od::document document;
    od::value root;
    const char *after = nullptr;
    if (s.root_of(text, document, root) && w.read(root, {first, 1}, levels, 0, to, after) && s.ends(after, end))
        return std::nullopt;
    return s.fault_of(text);
}

} // namespace barometre::json
