#include "core/json/parsing.h"
#include "core/interrupts.h"
#include "core/json/dialect.h"
#include "core/json/scalar.h"
#include "core/text/text.h"

#include <algorithm>
#include <new>

namespace barometre::json {

using record::found_type;

std::string_view trimmed(std::string_view token) {
    while (!token.empty() && blanks.find(token.back()) != std::string_view::npos)
        token.remove_suffix(1);
    return token;
}

const char *past_blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        ++at;
    return at;
}

std::size_t end_of_nested(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    for (std::size_t asked = at; at < text.size(); ++at) {
        if (at - asked > (1 << 20)) {
            check_interrupts();
            asked = at;
        }
        switch (text[at]) {
        case '{':
        case '[':
            ++depth;
            break;
        case '}':
        case ']':
            if (--depth == 0)
                return at + 1;
            break;
        case '"':
            for (++at; at < text.size() && text[at] != '"'; ++at)
                at += text[at] == '\\';
            break;
        default:
            break;
        }
    }
    return std::string_view::npos;
}

std::string_view between_quotes(const char *raw) {
    const char *end = std::strchr(raw, '"');
    for (const char *at = raw;
         (at = static_cast<const char *>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) != nullptr;) {
        at += 2; // what is escaped, be it a quote or another backslash
        if (at > end)
            end = std::strchr(at, '"');
    }
    return {raw, static_cast<std::size_t>(end - raw)};
}

bool parsing::fail(std::string reason, const char *sqlstate, const char *hidden) {
    bad = {std::move(reason), hidden, "", sqlstate, fault::no_field, false};
    is_structure = false;
    return false;
}
bool parsing::fail(simdjson::error_code code) {
    switch (code) {
    case simdjson::MEMALLOC:
        throw std::bad_alloc();
    case simdjson::UTF8_ERROR:
        return fail("invalid byte sequence for the file's encoding", "22021");
    case simdjson::UNESCAPED_CHARS:
        return fail("a control character inside a text, where JSON has an escape");
    case simdjson::UNCLOSED_STRING:
        return fail("a text is never closed: it is not complete");
    case simdjson::CAPACITY:
        return fail("it is longer than 4 GiB");
    case simdjson::EMPTY:
        return fail("there is no value");
    default:
        fail(code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT
                 ? "it is not complete, or its brackets do not match"
                 : "it is no JSON: a comma, a colon, a quote or a bracket is missing or too much");
        is_structure = true;
        return false;
    }
}
fault parsing::fault_of(std::string_view text) {
    const std::string_view all = trimmed(text);
    if (is_structure && !all.ends_with('}') && !all.ends_with(']'))
        fail("it is not complete: it does not end with a bracket");
    return bad;
}
bool parsing::fail_token(std::string_view token) {
    fail(describe_token(token), sqlstate::bad_record, "what stands there is no JSON value");
    bad.of_value = token == "NaN" || token == "Infinity" || token == "-Infinity";
    return false;
}

bool parsing::fail_escape(std::string_view raw) {
    fail(describe_escapes(raw), bad_escape, "a text has an escape that can't be read");
    bad.of_value = true;
    return false;
}

bool parsing::within(const std::string &part) {
    if (bad.path.size() > 100) // of something very deep
        bad.path = std::string(text::cut(bad.path, 97)) + "...";
    bad.path = part + (bad.path.empty() || bad.path[0] == '[' ? "" : ".") + bad.path;
    return false;
}
bool parsing::within_key(std::string_view key) { return within(shown_key(text::shortened(key, 100), true)); }

bool parsing::root_of(std::string_view text, od::document &document, od::value &root) {
    if (const auto error = parser.iterate(text.data(), text.size(), text.size() + padding).get(document))
        return fail(error);
    if (const auto error = document.get_value().get(root))
        return fail(error);
    return true;
}

bool parsing::ends(const char *after, const char *end) {
    return past_blanks(after, end) == end || fail("something follows the value");
}

std::string_view value_walk::token_of(od::value &v) const {
    const std::string_view token = v.raw_json_token();
    const std::size_t left = token.data() < end ? static_cast<std::size_t>(end - token.data()) : 0;
    return trimmed({token.data(), std::min(token.size(), left)});
}

bool value_walk::text_of(od::value &v, std::string_view token, std::string_view &to) {
    if (token.size() < 2 || token.back() != '"')
        return s.fail("it is no JSON: something follows a text");
    to = token.substr(1, token.size() - 2);
    if (!is_escaped(to)) {
        // simdjson passes over a text that nobody took as if it were a key, if a colon follows: and over its brackets.
        od::raw_json_string ignored;
        const auto error = v.get_raw_json_string().get(ignored);
        return !error || s.fail(error);
    }
    const std::string_view raw = to;
    if (v.get_string().get(to) || to.find('\0') != std::string_view::npos)
        return s.fail_escape(raw);
    return true;
}

bool value_walk::scalar(od::value &v, std::string_view token, record::field &f) {
    f = {};
    if (token.starts_with('"')) {
        f.said = found_type::text;
        return text_of(v, token, f.text);
    }
    const auto kind = kind_of(token);
    if (!kind)
        return s.fail_token(token);
    f.said = *kind;
    f.is_null = *kind == found_type::none;
    if (!f.is_null)
        f.text = token;
    return true;
}

bool value_walk::key_of(od::field &member, std::string_view &key) {
    const std::string_view raw = between_quotes(member.key().raw());
    key = raw;
    if (!is_escaped(raw) || (!member.unescaped_key().get(key) && key.find('\0') == std::string_view::npos))
        return true;
    s.fail("in a key: " + describe_escapes(raw), bad_escape, "a key has an escape that can't be read");
    s.bad.of_value = true;
    return false;
}

bool value_walk::nested(od::value &v, std::string_view token, int depth, const char *&after) {
    if (depth > deepest)
        return s.fail("nested deeper than " + std::to_string(deepest) + " levels");
    if (token[0] == '{')
        return each_keyed(v, token, after, [&](std::string_view key, od::value &value) {
            return inner(value, depth, after) || s.within_key(key);
        });
    after = token.data() + 1;
    std::size_t i = 0;
    return each_element(v,
                        [&](od::value &element) {
                            const bool is_good = inner(element, depth, after);
                            return is_good ? (++i, true) : s.within("[" + std::to_string(i) + "]");
                        }) &&
           closed(']', after);
}

bool value_walk::inner(od::value &v, int depth, const char *&after) {
    const std::string_view token = token_of(v);
    if (token.starts_with('{') || token.starts_with('['))
        return nested(v, token, depth + 1, after);
    record::field ignored;
    after = token.data() + token.size();
    return scalar(v, token, ignored);
}

bool value_walk::any(od::value &v, std::string_view token, record::field &f, const char *&after) {
    if (!token.starts_with('{') && !token.starts_with('[')) {
        after = token.data() + token.size();
        return scalar(v, token, f);
    }
    if (!nested(v, token, 1, after))
        return false;
    f = {{token.data(), static_cast<std::size_t>(after - token.data())}, false, found_type::jsonb};
    return true;
}

bool value_walk::closed(char bracket, const char *&after) {
    after = past_blanks(after, end);
    if (after >= end || *after != bracket)
        return s.fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
    ++after;
    return true;
}

} // namespace barometre::json
