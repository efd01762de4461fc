#include "core/bytes/encoding.h"
#include "core/text/ascii.h"

#include <iconv.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace barometre::bytes {

void iconv_closer::operator()(void *iconv) const { ::iconv_close(iconv); }

namespace {

using std::string_view_literals::operator""sv;

/// In lower case, without hyphens and underscores.
std::string folded(std::string_view name) {
    std::string out(name);
    std::erase_if(out, [](char c) { return c == '-' || c == '_'; });
    std::transform(out.begin(), out.end(), out.begin(), text::lower);
    return out;
}

iconv_handle open_as_named(const std::string &name) {
    const iconv_t got = ::iconv_open("UTF-8", name.c_str());
    return iconv_handle(got == reinterpret_cast<iconv_t>(-1) ? nullptr : got);
}

/// The name that iconv has for an encoding; empty: it is not known. What iconv would take for options, or drop from a
/// name, is refused. Iconv knows many encodings by few spellings each, and ICU knows more of those.
std::string known_name(const std::string &name) {
    if (name.empty() || name.find_first_of("/, \t\r\n\v\f\0"sv) != name.npos)
        return "";
    const std::string plain = folded(name);
    if (plain == "utf8" || plain == "utf8sig" || plain == "utf8bom")
        return "UTF-8";
    if (open_as_named(name))
        return name;
    if (plain.size() == 7 && plain.starts_with("win")) // as PostgreSQL has it
        return known_name("cp" + plain.substr(3));
    for (const char *standard : {"IANA", "MIME"}) {
        UErrorCode status = U_ZERO_ERROR;
        const char *other = ::ucnv_getStandardName(name.c_str(), standard, &status);
        if (U_SUCCESS(status) && other && open_as_named(other))
            return other;
    }
    return "";
}

/// Code points, or marks, that some bytes become from the initial state; nothing if they are an incomplete sequence.
std::optional<std::uint64_t> transcoded_alone(const iconv_handle &iconv, std::string_view bytes) {
    std::array<char, 64> out;
    char *in = const_cast<char *>(bytes.data()), *to = out.data(); // iconv does not write to `in`
    std::size_t left = bytes.size(), room = out.size();
    ::iconv(iconv.get(), nullptr, nullptr, nullptr, nullptr);
    const int why = ::iconv(iconv.get(), &in, &left, &to, &room) == std::size_t(-1) ? errno : 0;
    ::iconv(iconv.get(), nullptr, nullptr, nullptr, nullptr);
    if (why == EINVAL)
        return {};
    return code_points({out.data(), to}) + (why != 0);
}

} // namespace

bool is_utf8_name(const std::string &name) { return known_name(name) == "UTF-8"; }

bool is_known_encoding(const std::string &name) { return !known_name(name).empty(); }

std::string folded_name(const std::string &name) { return folded(known_name(name)); }

iconv_handle open_iconv(const std::string &name) {
    const std::string known = known_name(name);
    return known.empty() ? iconv_handle() : open_as_named(known);
}

std::uint64_t code_points(std::string_view text) {
    const auto begins = [](char c) { return (c & 0xC0) != 0x80; };
    return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), begins));
}

std::size_t unit_of(const iconv_handle &iconv) {
    return transcoded_alone(iconv, "\0"sv) ? 1 : transcoded_alone(iconv, "\0\0"sv) ? 2 : 4;
}

bool is_single_byte(const iconv_handle &iconv) {
    for (int i = 0; i < 256; ++i)
        if (const char c = static_cast<char>(i); transcoded_alone(iconv, {&c, 1}) != 1)
            return false;
    return true;
}

std::array<std::size_t, 2> count_nuls(std::string_view bytes) {
    std::array<std::size_t, 2> out{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        out[i % 2] += bytes[i] == '\0';
    return out;
}

} // namespace barometre::bytes
