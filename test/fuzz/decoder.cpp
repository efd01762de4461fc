// Decompressing and transcoding give what zlib, zstd and iconv give for the whole text at once, however it is cut.

#include "targets.h"

#include "core/bytes/decoder.h"
#include "core/bytes/encoding.h"
#include "core/csv/byte_source.h"

#include <iconv.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <optional>

namespace barometre::fuzz {

namespace {

std::string packed_gzip(std::string_view text) {
    z_stream z{};
    deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&z, text.size()), '\0');
    z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef *>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

std::string packed_zstd(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
    return out;
}

struct decoded {
    std::string text, failure;
    bytes::content_hash hash{};
};

decoded decode(std::string_view bytes, bytes::compression packed, const std::string &encoding, std::uint64_t most,
               std::size_t cut) {
    const memory_file file(bytes);
    const auto seen = std::make_shared<bytes::read_progress>();
    bytes::decoder in(file.descriptor, {encoding, packed, most}, seen);
    decoded out;
    std::vector<char> buffer(cut);
    while (const std::size_t n = in.read(buffer.data(), buffer.size())) {
        require(n <= buffer.size(), "more than was asked for");
        out.text.append(buffer.data(), n);
    }
    require(in.read(buffer.data(), buffer.size()) == 0, "something comes after the end");
    out.failure = seen->failure;
    out.hash = seen->digest();
    return out;
}

/// All at once; nothing where a part of it is no text in the encoding.
std::optional<std::string> transcoded(std::string_view bytes, const bytes::iconv_handle &iconv) {
    std::string out(bytes.size() * 8 + 64, '\0');
    char *from = const_cast<char *>(bytes.data()), *to = out.data();
    std::size_t left = bytes.size(), room = out.size();
    if (::iconv(iconv.get(), &from, &left, &to, &room) == std::size_t(-1) || left > 0 ||
        ::iconv(iconv.get(), nullptr, nullptr, &to, &room) == std::size_t(-1))
        return std::nullopt;
    out.resize(out.size() - room);
    return out;
}

} // namespace

void decoder(std::string_view input) {
    static const std::vector<std::string> encodings = {
        "utf-8",    "utf-8",      "latin-1",     "windows-1252", "utf-16",     "utf-16le", "utf-16be", "utf-32",
        "utf-32le", "utf-7",      "iso-2022-jp", "shift_jis",    "euc-jp",     "gb18030",  "big5",     "euc-kr",
        "tcvn",     "iso8859-15", "macintosh",   "ibm850",       "big5-hkscs", "utf-8-sig"};
    choices choose(input);
    const std::string encoding = choose.one_of(encodings);
    const unsigned how = choose.byte();
    const std::size_t cut = 8 + choose.below(256) * ((how & 64) ? 1 : 64);
    const auto packed =
        std::vector{bytes::compression::none, bytes::compression::gzip, bytes::compression::zstd}[how % 3];
    const bool as_is = packed == bytes::compression::none || (how & 4), spoilt = how & 8;
    const std::uint64_t most = how & 16 ? 1000 : std::uint64_t{1} << 22;
    std::string bytes(choose.rest());
    if (!as_is) {
        bytes = packed == bytes::compression::gzip ? packed_gzip(bytes) : packed_zstd(bytes);
        if (how & 32)
            bytes += bytes; // two members make one file
        if (spoilt && !bytes.empty())
            bytes[bytes.size() * choose.byte() / 256] ^= 1;
    }
    if (!bytes::is_known_encoding(encoding))
        return;
    const decoded got = decode(bytes, packed, encoding, most, cut);
    const decoded again = decode(bytes, packed, encoding, most, std::size_t{1} << 17);
    require(got.text == again.text && got.failure == again.failure && got.hash == again.hash,
            encoding + ": cut otherwise it is another text: " + shown(got.text) + " " + got.failure + " and " +
                shown(again.text) + " " + again.failure);
    if (packed != bytes::compression::none && most > 0)
        require(!got.failure.empty() || got.text.size() <= 8 * most, "more than it may have unpacked");

    std::string plain(choose.rest());
    if (!as_is && (how & 32))
        plain += plain;
    if ((!as_is && spoilt) || (as_is && packed != bytes::compression::none) || !got.failure.empty() ||
        plain.size() > most)
        return;
    const auto iconv = bytes::open_iconv(encoding);
    require(iconv != nullptr, encoding + " is known, and can't be opened");
    const bool any_order = encoding == "utf-16" || encoding == "utf-32";
    const bool marked = plain.starts_with("\xFE\xFF") || plain.starts_with("\xFF\xFE") ||
                        plain.starts_with(std::string_view("\0\0\xFE\xFF", 4));
    if (any_order && !marked) {
        // which order it is is seen from the text, where iconv takes that of the machine
    } else if (bytes::is_utf8_name(encoding)) {
        require(got.text == plain, "text in UTF-8 was changed");
    } else if (const auto want = transcoded(plain, iconv)) {
        const auto whole = [](std::string_view text) { // byte_source drops a mark of the byte order
            return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
        };
        require(whole(got.text) == whole(*want), encoding + ": " + shown(got.text) + ", not " + shown(*want));
    } else {
        require(got.text.find(bytes::invalid_mark) != got.text.npos, encoding + ": what is no text was not marked");
    }
}

} // namespace barometre::fuzz
