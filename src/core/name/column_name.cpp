#include "core/name/column_name.h"
#include "core/error.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <set>

namespace barometre::name {

namespace {

void check(UErrorCode code, const char *what) {
    if (U_FAILURE(code) && code != U_BUFFER_OVERFLOW_ERROR)
        throw error(sqlstate::internal, std::string("ICU could not ") + what + ": " + u_errorName(code));
}

std::u16string to_utf16(std::string_view text) {
    UErrorCode code = U_ZERO_ERROR;
    std::u16string out(text.size(), u'\0'); // never more units than bytes
    std::int32_t size = 0;
    u_strFromUTF8(out.data(), static_cast<std::int32_t>(out.size()), &size, text.data(),
                  static_cast<std::int32_t>(text.size()), &code);
    check(code, "read UTF-8");
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::string to_utf8(const std::u16string &text) {
    UErrorCode code = U_ZERO_ERROR;
    std::string out(text.size() * 3, '\0');
    std::int32_t size = 0;
    u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &size, text.data(),
                static_cast<std::int32_t>(text.size()), &code);
    check(code, "write UTF-8");
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::u16string normalized(const std::u16string &text, const UNormalizer2 *(*form)(UErrorCode *)) {
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = form(&code);
    check(code, "load its normalization data");
    std::u16string out(text.size() * 4 + 1, u'\0'); // so much a character may become at most
    std::int32_t size = unorm2_normalize(normalizer, text.data(), static_cast<std::int32_t>(text.size()), out.data(),
                                         static_cast<std::int32_t>(out.size()), &code);
    check(code, "normalize a name");
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::u16string lower(const std::u16string &text) {
    UErrorCode code = U_ZERO_ERROR;
    std::u16string out(text.size() * 3 + 1, u'\0');
    std::int32_t size = u_strToLower(out.data(), static_cast<std::int32_t>(out.size()), text.data(),
                                     static_cast<std::int32_t>(text.size()), "", &code);
    check(code, "put a name in lower case");
    out.resize(static_cast<std::size_t>(size));
    return out;
}

bool is_space(UChar32 c) { return u_isspace(c) || u_isUWhiteSpace(c); }

bool is_word(UChar32 c) { return c == '_' || (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0; }

std::string with_suffix(const std::string &name, const std::string &suffix) {
    return std::string(text::cut(name, longest_name - suffix.size())) + suffix;
}

} // namespace

std::string folded(std::string_view name) {
    if (!text::is_utf8(name))
        return std::string(name);
    std::u16string out = lower(normalized(to_utf16(name), unorm2_getNFDInstance));
    std::erase_if(out, [](char16_t c) { return (U_GET_GC_MASK(c) & U_GC_MN_MASK) != 0; });
    return to_utf8(out);
}

std::string column_name(std::string_view header) {
    const std::u16string given = normalized(to_utf16(header), unorm2_getNFCInstance);
    std::u16string kept;
    bool in_space = false;
    for (std::int32_t i = 0, size = static_cast<std::int32_t>(given.size()); i < size;) {
        UChar32 c;
        U16_NEXT(given.data(), i, size, c);
        if (is_space(c)) {
            if (!in_space)
                kept += u'_';
            in_space = true;
        } else if (is_word(c)) {
            if (c > 0xFFFF) {
                kept += static_cast<char16_t>(U16_LEAD(c));
                kept += static_cast<char16_t>(U16_TRAIL(c));
            } else {
                kept += static_cast<char16_t>(c);
            }
            in_space = false;
        } // else dropped; white space on both sides of it is one run
    }
    return to_utf8(lower(kept));
}

std::string key_name(std::string_view key) { return to_utf8(lower(to_utf16(key))); }

std::string trimmed(std::string_view header) {
    const std::u16string given = to_utf16(header);
    std::size_t first = 0, last = 0; // what is between has text at both ends
    for (std::int32_t i = 0, size = static_cast<std::int32_t>(given.size()); i < size;) {
        const auto at = static_cast<std::size_t>(i);
        UChar32 c;
        U16_NEXT(given.data(), i, size, c);
        if (is_space(c))
            continue;
        if (last == 0)
            first = at;
        last = static_cast<std::size_t>(i);
    }
    return to_utf8(given.substr(first, last - first));
}

std::vector<std::string> names_by_place(const std::vector<std::string> &header,
                                        const std::vector<std::string> &reserved) {
    std::vector<std::string> names;
    std::set<std::string> taken(reserved.begin(), reserved.end());
    for (std::size_t i = 0; i < header.size(); ++i) {
        const std::string position = std::to_string(i + 1);
        const std::string plain = column_name(header[i]);
        std::string name = plain;
        if (name.empty())
            name = "column_" + position;
        else if (name.size() > longest_name)
            name = with_suffix(name, "_" + position);
        if (taken.count(name)) {
            const std::string base = with_suffix(plain.empty() ? "column" : plain, "_" + position);
            name = base;
            for (int n = 2; taken.count(name); ++n)
                name = with_suffix(base, "_" + std::to_string(n));
        }
        taken.insert(name);
        names.push_back(name);
    }
    return names;
}

} // namespace barometre::name
