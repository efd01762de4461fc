#include "core/bytes/foreign.h"
#include "core/bytes/encoding.h"
#include "core/text/ascii.h"

#include <algorithm>

namespace barometre::bytes {

using std::string_view_literals::operator""sv;

std::string foreign_content(std::string_view first_bytes, compression packed, const std::string &encoding) {
    auto begins = [&](std::string_view with) { return first_bytes.starts_with(with.substr(0, first_bytes.size())); };
    if (packed == compression::gzip)
        return begins("\x1F\x8B") ? "" : "not gzip data";
    if (packed == compression::zstd) // zstd may begin with a frame that is to be skipped
        return begins("\x28\xB5\x2F\xFD") || first_bytes.substr(1, 3) == "\x2A\x4D\x18" ? "" : "not zstd data";
    static constexpr std::pair<std::string_view, const char *> kinds[] = {
        {"\x89PNG\r\n\x1A\n", "a PNG image"},
        {"\xFF\xD8\xFF", "a JPEG image"},
        {"GIF87a", "a GIF image"},
        {"GIF89a", "a GIF image"},
        {"%PDF-", "a PDF document"},
        {"PK\x03\x04", "a zip archive or a spreadsheet"},
        {"PK\x05\x06", "a zip archive or a spreadsheet"},
        {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old spreadsheet or document of Microsoft Office"},
        {"\x1F\x8B\x08", "gzip data"},
        {"\x28\xB5\x2F\xFD", "zstd data"},
        {"\xFD\x37zXZ\0"sv, "xz data"},
        {"SQLite format 3\0"sv, "an SQLite database"},
        {"\x7F\x45LF", "an ELF program"},
    };
    for (const auto &[magic, what] : kinds)
        if (first_bytes.starts_with(magic))
            return what;
    if (first_bytes.starts_with("BZh") && first_bytes.find("1AY&SY") == 4)
        return "bzip2 data";

    std::string_view text = first_bytes;
    while (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const auto begins_with = [&](std::string_view tag) {
        const std::size_t n = tag.size();
        return text::begins(text, tag) && (text.size() == n || " \t\r\n>"sv.find(text[n]) != tag.npos);
    };
    for (std::string_view tag : {"<!doctype html", "<html", "<head", "<body"})
        if (begins_with(tag))
            return "an HTML page";
    if (text::begins(text, "<?xml"))
        return "an XML document";
    return other_encoding(first_bytes, encoding);
}

std::string marked_encoding(std::string_view first_bytes) {
    for (const auto &[mark, name] : {std::pair("\xFF\xFE\0\0"sv, "utf-32le"), std::pair("\0\0\xFE\xFF"sv, "utf-32be"),
                                     std::pair("\xFF\xFE"sv, "utf-16le"), std::pair("\xFE\xFF"sv, "utf-16be")})
        if (first_bytes.starts_with(mark))
            return name;
    return {};
}

std::string other_encoding(std::string_view first_bytes, const std::string &encoding) {
    const bool little = first_bytes.starts_with("\xFF\xFE"), big = first_bytes.starts_with("\xFE\xFF");
    const bool is_utf32 = first_bytes.starts_with("\xFF\xFE\0\0"sv) || first_bytes.starts_with("\0\0\xFE\xFF"sv);
    const auto [even, odd] = count_nuls(first_bytes);
    const std::size_t most = std::max(even, odd), least = std::min(even, odd);
    const bool every_other = first_bytes.size() >= 4 && most * 4 > first_bytes.size() && least * 8 <= most;
    const iconv_handle iconv = is_utf8_name(encoding) ? iconv_handle() : open_iconv(encoding);
    switch (iconv ? unit_of(iconv) : 1) {
    case 4: // no character has its highest byte
        return (even + odd) * 4 < first_bytes.size() - first_bytes.size() % 4 && !is_utf32 ? "no UTF-32 text" : "";
    case 2:
        if (is_utf32)
            return "UTF-32 text";
        if (const std::string name = folded_name(encoding);
            name == "utf16le" ? big || (!little && every_other && even > odd)
                              : name == "utf16be" && (little || (!big && every_other && odd > even)))
            return "UTF-16 text with its bytes in the other order";
        return !first_bytes.empty() && !little && !big && most == 0 ? "no UTF-16 text" : "";
    }
    if (!iconv && is_utf32)
        return "UTF-32 text";
    return (!iconv && (little || big)) || every_other ? "UTF-16 text" : "";
}

} // namespace barometre::bytes
