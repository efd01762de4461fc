#pragma once

#include "core/json/fault.h"
#include "core/json/padding.h"
#include "core/record/field.h"

// What is compiled here is On-Demand for any processor; its first pass, and with it most of the speed, the library
// chooses when it runs. Without this the header has each of these a second time.
#define SIMDJSON_IMPLEMENTATION_ICELAKE 0
#define SIMDJSON_IMPLEMENTATION_HASWELL 0
#define SIMDJSON_IMPLEMENTATION_WESTMERE 0
#define SIMDJSON_IMPLEMENTATION_FALLBACK 1
#include <simdjson.h>

#include <cstring>

/// What reads JSON texts by simdjson's On-Demand has in common; for this folder alone.
namespace barometre::json {

namespace od = simdjson::ondemand;

inline constexpr char bad_escape[] = "22P05";

std::string_view trimmed(std::string_view token); ///< without blanks at its end
const char *past_blanks(const char *at, const char *end);

/// Where the object or array that begins at `at` ends, as far as its brackets and quotes say; npos: it does not.
std::size_t end_of_nested(std::string_view text, std::size_t at);

/// A text of JSON from after its first quote up to its last one, which the structure of what was parsed vouches for.
std::string_view between_quotes(const char *raw);
inline bool is_escaped(std::string_view raw) { return raw.find('\\') != std::string_view::npos; }

/// simdjson's parser, and what was wrong with what it was given last. What fails gives false.
struct parsing {
    od::parser parser;
    fault bad;
    bool is_structure = false; ///< the fault: of commas, colons and brackets

    bool fail(std::string reason, const char *sqlstate = sqlstate::bad_record, const char *hidden = "");
    bool fail_token(std::string_view token); ///< that is no JSON
    bool fail_escape(std::string_view raw);  ///< of a text between its quotes
    bool fail(simdjson::error_code code);    ///< what the parser says of a whole text
    bool within(const std::string &part);    ///< the fault lies in that member or element
    bool within_key(std::string_view key);
    /// The fault in a whole text. What breaks off is told as such.
    fault fault_of(std::string_view text);
    /// The value in a text that is no scalar; the text has padding. `document` is for this alone.
    bool root_of(std::string_view text, od::document &document, od::value &root);
    /// That nothing follows a value that ended at `after`.
    bool ends(const char *after, const char *end);
};

/// The looks into one text that was parsed. What fails gives false, and parsing::bad says why.
struct value_walk {
    parsing &s;
    const char *end; ///< of the text

    /// The text of a scalar; of an object or array its first character. Nothing where the text has ended: simdjson does
    /// not look for that, and has no length for what it takes for a value there.
    std::string_view token_of(od::value &v) const;
    bool text_of(od::value &v, std::string_view token, std::string_view &to); ///< of a text with that token
    bool scalar(od::value &v, std::string_view token, record::field &f);      ///< that is neither object nor array
    bool key_of(od::field &member, std::string_view &key);                    ///< unescaped
    /// Looks through an object or array, which has so many others around it; `after`: where it ends.
    bool nested(od::value &v, std::string_view token, int depth, const char *&after);
    bool inner(od::value &v, int depth, const char *&after); ///< the same of any value
    /// Any value as a field: objects and arrays are the text that they are.
    bool any(od::value &v, std::string_view token, record::field &f, const char *&after);
    bool closed(char bracket, const char *&after); ///< that it ends now; `after`: behind that

    /// Hands each member of an object, or each element of an array, to `take`, until that fails.
    template <class Take> bool each_member(od::value &v, Take &&take) {
        od::object object;
        if (const auto error = v.get_object().get(object))
            return s.fail(error);
        for (auto got : object) {
            od::field member;
            if (const auto error = std::move(got).get(member))
                return s.fail(error);
            if (!take(member))
                return false;
        }
        return true;
    }
    /// The same of the members of an object that begins with `token`, with their keys, up to its bracket; `after`:
    /// behind that, and, for `take` to move on, behind each value.
    template <class Take> bool each_keyed(od::value &v, std::string_view token, const char *&after, Take &&take) {
        after = token.data() + 1;
        return each_member(v,
                           [&](od::field &found) {
                               std::string_view key;
                               if (!key_of(found, key))
                                   return false;
                               od::value value = found.value();
                               return take(key, value);
                           }) &&
               closed('}', after);
    }
    template <class Take> bool each_element(od::value &v, Take &&take) {
        od::array array;
        if (const auto error = v.get_array().get(array))
            return s.fail(error);
        for (auto got : array) {
            od::value element;
            if (const auto error = std::move(got).get(element))
                return s.fail(error);
            if (!take(element))
                return false;
        }
        return true;
    }
};

static_assert(padding >= simdjson::SIMDJSON_PADDING);

} // namespace barometre::json
