#include "core/bytes/decoder.h"
#include "core/bytes/encoding.h"
#include "core/bytes/foreign.h"
#include "core/error.h"
#include "memory_file.h"

#include <gtest/gtest.h>
#include <iconv.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

using namespace barometre::bytes;
using barometre::test::gzip, barometre::test::memory_file;
using namespace std::string_literals;

namespace {

std::string zstd(const std::string &text) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size = ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
    EXPECT_FALSE(ZSTD_isError(size));
    ZSTD_freeCCtx(context);
    out.resize(size);
    return out;
}

std::string pack(const std::string &text, compression how) {
    return how == compression::gzip ? gzip(text) : how == compression::zstd ? zstd(text) : text;
}

/// What iconv makes of UTF-8.
std::string encode(const std::string &text, const char *encoding) {
    const iconv_t handle = ::iconv_open(encoding, "UTF-8");
    std::string out(8 * text.size() + 8, '\0');
    char *in = const_cast<char *>(text.data()), *to = out.data();
    std::size_t left = text.size(), room = out.size();
    EXPECT_EQ(::iconv(handle, &in, &left, &to, &room), 0u) << encoding;
    ::iconv(handle, nullptr, nullptr, &to, &room);
    ::iconv_close(handle);
    out.resize(out.size() - room);
    return out;
}

struct decoded {
    std::string text, failure;
    std::optional<std::uint64_t> encoded; // of the whole text
    bool plain = false;
};

/// Decodes all of it, in pieces of `room` bytes. The hash must be that of the file if it was read to its end.
decoded decode(const std::string &bytes, compression packed = compression::none, const std::string &encoding = "utf-8",
               std::size_t room = 1 << 16, std::uint64_t most = 0) {
    memory_file file(bytes);
    const auto seen = std::make_shared<read_progress>();
    decoder in(file.fd, {encoding, packed, most}, seen);
    decoded got;
    std::vector<char> buffer(room);
    while (const std::size_t n = in.read(buffer.data(), room)) {
        EXPECT_LE(n, room);
        got.text.append(buffer.data(), n);
        if (got.text.size() > (std::size_t{1} << 26)) {
            ADD_FAILURE() << "no end";
            break;
        }
    }
    EXPECT_EQ(in.read(buffer.data(), room), 0u);
    got.failure = seen->failure;
    got.encoded = in.encoded_size(got.text);
    got.plain = in.is_plain();
    if (got.failure.empty()) {
        EXPECT_EQ(seen->digest(), hash_file(file.fd));
        EXPECT_EQ(seen->bytes, bytes.size());
    }
    return got;
}

bool valid(const std::string &bytes, const std::string &encoding, compression packed = compression::none,
           std::uint64_t most = 0) {
    memory_file file(bytes);
    ::lseek(file.fd, 0, SEEK_END);
    return is_valid_in(file.fd, {encoding, packed, most});
}

/// Text that does not compress to nothing.
std::string text_of(std::size_t size, const std::string &word = "é") {
    std::string out;
    unsigned seed = 20260101;
    while (out.size() < size) {
        seed = seed * 1664525u + 1013904223u;
        out += std::to_string(seed >> 8) + ";" + word + "\n";
    }
    return out;
}

constexpr compression all[] = {compression::none, compression::gzip, compression::zstd};
constexpr compression packers[] = {compression::gzip, compression::zstd};

} // namespace

TEST(Decoder, CompressionIsToldByTheEnding) {
    EXPECT_EQ(compression_of("a.csv.gz"), compression::gzip);
    EXPECT_EQ(compression_of("A.CSV.GZ"), compression::gzip);
    EXPECT_EQ(compression_of("a.Zst"), compression::zstd);
    for (const char *name : {"a.csv", "", "gz", "a.gz.csv", "a.tgz", "zst"})
        EXPECT_EQ(compression_of(name), compression::none) << name;
}
TEST(Decoder, EncodingsAreKnownByName) {
    for (const char *name : {"utf-8", "UTF8", "utf-8-sig", "UTF_8", "utf-8-bom"})
        EXPECT_TRUE(is_utf8_name(name) && is_known_encoding(name)) << name;
    // Usual spellings, of which iconv knows but some.
    for (const auto &[name, meant] : std::vector<std::pair<const char *, const char *>>{
             {"utf-16-be", "UTF-16BE"},       {"UTF_16_LE", "UTF-16LE"},        {"utf16le", "UTF-16LE"},
             {"utf_16be", "UTF-16BE"},        {"utf-32-le", "UTF-32LE"},        {"latin-1", "ISO-8859-1"},
             {"latin_1", "ISO-8859-1"},       {"Latin1", "ISO-8859-1"},         {"iso8859-1", "ISO-8859-1"},
             {"iso_8859_1", "ISO-8859-1"},    {"iso88591", "ISO-8859-1"},       {"cp-1252", "WINDOWS-1252"},
             {"windows1252", "WINDOWS-1252"}, {"windows_1252", "WINDOWS-1252"}, {"WIN1252", "WINDOWS-1252"},
             {"win-1250", "WINDOWS-1250"},    {"latin-9", "ISO-8859-15"},       {"iso885915", "ISO-8859-15"},
             {"mac_roman", "MACINTOSH"},      {"macroman", "MACINTOSH"},        {"koi8_r", "KOI8-R"},
             {"us_ascii", "US-ASCII"},        {"gb-18030", "GB18030"},          {"shift-jis", "SHIFT_JIS"}}) {
        ASSERT_TRUE(is_known_encoding(name)) << name;
        EXPECT_FALSE(is_utf8_name(name)) << name;
        const std::string text = meant == "US-ASCII"s    ? "ete 12\n"
                                 : meant == "KOI8-R"s    ? "\u0436;1\n"
                                 : meant == "SHIFT_JIS"s ? "\u3042;1\n"
                                                         : "\u00e9t\u00e9;1\n";
        EXPECT_EQ(decode(encode(text, meant), compression::none, name).text, text) << name;
    }
    for (const char *name :
         {"latin1", "Windows-1252", "cp1252", "iso-8859-15", "utf-16", "UTF-16LE", "shift_jis", "macintosh"})
        EXPECT_TRUE(is_known_encoding(name) && !is_utf8_name(name)) << name;
    for (const std::string &name :
         {""s, " "s, "klingon"s, "utf-16//IGNORE"s, "/latin1"s, "latin1,IGNORE"s, "latin1\0x"s, "utf-8 "s})
        EXPECT_FALSE(is_known_encoding(name)) << name;
    memory_file file("");
    EXPECT_THROW(decoder(file.fd, {"klingon"}, std::make_shared<read_progress>()), barometre::error);
}

TEST(Decoder, EveryCompressionAndEncodingComesBack) {
    for (compression how : all) {
        for (std::size_t room : {8, 9, 1000, 1 << 16}) {
            const std::size_t size = room < 1000 ? 3000 : 200000; // iconv is slow where there is little room
            const std::string text = text_of(size, "œ €\tß"), wide = text_of(size, "\U0001F600日本é");
            for (const char *encoding :
                 {"utf-8", "windows-1252", "iso-8859-15", "utf-16le", "utf-16be", "utf-16", "utf-32le"}) {
                const auto got = decode(pack(encode(text, encoding), how), how, encoding, room);
                const bool mark = got.text.starts_with("\xEF\xBB\xBF");
                EXPECT_TRUE(got.text.substr(mark ? 3 : 0) == text) << encoding << room;
                EXPECT_EQ(got.failure, "");
                EXPECT_EQ(got.plain, how == compression::none && encoding == "utf-8"s);
            }
            for (const char *encoding : {"utf-16le", "utf-16be", "gb18030", "utf-32be", "utf-7"})
                EXPECT_TRUE(decode(pack(encode(wide, encoding), how), how, encoding, room).text == wide)
                    << encoding << room;
        }
    }
}
TEST(Decoder, EmptyFilesAreEmptyText) {
    EXPECT_EQ(decode("").failure, "");
    EXPECT_EQ(decode("", compression::none, "utf-16").failure, "");
    for (compression how : packers) {
        EXPECT_EQ(decode(pack("", how), how).failure, "");
        EXPECT_EQ(decode(pack("", how), how, "latin1").text, "");
    }
}
TEST(Decoder, BytesWithoutACharacterAreMarked) {
    EXPECT_EQ(decode("a\x80\x81z", compression::none, "windows-1252").text, "a€\xFDz");
    EXPECT_EQ(decode("a\xE9z", compression::none, "ascii").text, "a\xFDz");
    EXPECT_EQ(decode(std::string(100000, '\x81'), compression::none, "windows-1252", 8).text,
              std::string(100000, '\xFD'));
    EXPECT_EQ(decode("a\x81", compression::none, "shift_jis").text, "a\xFD"); // ends within a sequence
}
TEST(Decoder, Utf16SkipsWholeUnits) {
    EXPECT_EQ(decode("a\0\0\xDC"
                     "b\0\0\xD8"
                     "c\0\0\xD8"s,
                     compression::none, "utf-16le")
                  .text,
              "a\xFD"
              "b\xFD"
              "c\xFD");
    EXPECT_EQ(decode("a\0b"s, compression::none, "utf-16le").text, "a\xFD");
    EXPECT_EQ(decode("a\0\0\0\xFF\xFF\xFF\xFF"
                     "b\0\0\0"s,
                     compression::none, "utf-32le")
                  .text,
              "a\xFD"
              "b");
}
TEST(Decoder, Utf16HasEitherByteOrder) {
    const std::string text = "é;\U0001F600;1\n";
    for (const char *encoding : {"utf-16", "UTF16"}) {
        EXPECT_EQ(decode(encode("\uFEFF" + text, "utf-16le"), compression::none, encoding).text, "\uFEFF" + text);
        EXPECT_EQ(decode(encode("\uFEFF" + text, "utf-16be"), compression::none, encoding).text, "\uFEFF" + text);
        EXPECT_EQ(decode(encode(text, "utf-16le"), compression::none, encoding).text, text);
        EXPECT_EQ(decode(encode(text, "utf-16be"), compression::none, encoding).text, text);
    }
    EXPECT_EQ(decode(encode("\uFEFF" + text, "utf-32be"), compression::none, "utf-32").text, text);
    EXPECT_EQ(decode("a", compression::none, "utf-16").text, "\xFD");
}
TEST(Decoder, CharactersThatIconvHoldsBackComeAtTheEnd) {
    EXPECT_EQ(decode("xe", compression::none, "cp1258").text, "xe");
    EXPECT_EQ(decode("xe\xEC", compression::none, "cp1258").text, "xé"); // e and an acute accent
}

TEST(Decoder, EncodedSizeIsThatOfTheDecompressedFile) {
    const std::string text = "é€;\U0001F600x\n";
    EXPECT_EQ(decode(text).encoded, text.size());
    EXPECT_EQ(decode(gzip(text), compression::gzip).encoded, text.size());
    for (const char *encoding : {"utf-16", "utf-16le", "utf-16be"}) {
        const std::string bytes = encode(text, encoding) + (encoding == "utf-16be"s ? "\xDC\x01"s : "\x01\xDC"s);
        EXPECT_EQ(decode(bytes, compression::none, encoding).encoded, bytes.size()) << encoding;
    }
    std::string every;
    for (int i = 0; i < 256; ++i)
        every += static_cast<char>(i);
    for (const char *encoding : {"windows-1252", "cp1251", "latin1", "iso-8859-15", "iso-8859-7", "koi8-r", "koi8-u",
                                 "cp850", "cp437", "macintosh", "ascii"})
        EXPECT_EQ(decode(every, compression::none, encoding).encoded, 256u) << encoding;
    for (const char *encoding :
         {"shift_jis", "gb18030", "big5", "euc-jp", "euc-kr", "utf-7", "iso-2022-jp", "cp1258", "utf-32"})
        EXPECT_EQ(decode("", compression::none, encoding).encoded, std::nullopt) << encoding;
}

TEST(Decoder, SeveralMembersAreOneText) {
    const std::string text = text_of(100000);
    for (compression how : packers) {
        const std::string bytes = pack(text, how) + pack("", how) + pack("x", how) + pack(text, how);
        for (std::size_t room : {8, 1 << 16}) {
            const auto got = decode(bytes, how, "utf-8", room);
            EXPECT_TRUE(got.text == text + "x" + text);
            EXPECT_EQ(got.failure, "");
        }
    }
    EXPECT_EQ(decode("\x5A\x2A\x4D\x18\x03\0\0\0abc"s + zstd("x"), compression::zstd).text, "x"); // a frame to skip
}
TEST(Decoder, WhatFollowsTheLastMemberMustBeOne) {
    for (const std::string &rest : {"x"s, "\0"s, "garbage"s, text_of(200000)}) {
        EXPECT_EQ(decode(gzip("a") + rest, compression::gzip).failure, "its gzip data is damaged");
        EXPECT_NE(decode(zstd("a") + rest, compression::zstd).failure, "");
    }
    EXPECT_EQ(decode(zstd("a") + "garbage", compression::zstd).failure, "its zstd data is damaged");
    EXPECT_EQ(decode("garbage", compression::gzip).failure, "its gzip data is damaged");
    EXPECT_EQ(decode("garbage", compression::zstd).failure, "its zstd data is damaged");
}
TEST(Decoder, TruncatedDataAreAFailure) {
    const std::string text = text_of(60000);
    for (compression how : packers) {
        const std::string bytes = pack(text, how);
        const auto why =
            "its "s + (how == compression::gzip ? "gzip" : "zstd") + " data ends too early (was the upload complete?)";
        EXPECT_EQ(decode("", how).failure, ""); // as a plain file without a byte
        for (std::size_t size = 1; size < bytes.size(); size += 97) {
            const auto got = decode(bytes.substr(0, size), how);
            EXPECT_EQ(got.failure, why) << size;
            EXPECT_TRUE(text.starts_with(got.text)) << size;
        }
        EXPECT_EQ(decode(bytes.substr(0, bytes.size() - 1), how, "latin1").failure, why);
        EXPECT_EQ(decode(bytes + bytes.substr(0, 20), how).failure, why);
    }
}
TEST(Decoder, FlippedBitsAreAFailureOrChangeNothing) {
    const std::string text = text_of(5000);
    for (compression how : packers) {
        std::string bytes = pack(text, how);
        for (std::size_t at = 0; at < bytes.size(); at += at < 40 ? 1 : 7) {
            for (int bit = 0; bit < 8; ++bit) {
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
                const auto got = decode(bytes, how);
                EXPECT_TRUE(!got.failure.empty() || got.text == text) << at << " " << bit;
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
            }
        }
    }
}
TEST(Decoder, DecompressedBytesHaveALimit) {
    const std::string text(1000000, 'x');
    for (compression how : packers) {
        for (std::size_t room : {1000, 1 << 22}) {
            EXPECT_EQ(decode(pack(text, how), how, "utf-8", room, 1000000).failure, "");
            const auto got = decode(pack(text, how), how, "utf-8", room, 999999);
            EXPECT_EQ(got.text.size(), 999999u);
            EXPECT_EQ(got.failure,
                      "it holds more than 999999 bytes decompressed, the limit that max_decompressed_size sets");
            EXPECT_EQ(decode(pack(text, how), how, "latin1", room, 7).text, "xxxxxxx");
        }
    }
    EXPECT_EQ(decode(text, compression::none, "utf-8", 1000, 5).failure, ""); // nothing is decompressed
}
TEST(Decoder, FailingReadIsKept) {
    const int folder = ::open("/", O_RDONLY);
    for (compression how : all) {
        const auto seen = std::make_shared<read_progress>();
        decoder in(folder, {"utf-8", how}, seen);
        char to[8];
        EXPECT_EQ(in.read(to, sizeof to), 0u);
        EXPECT_EQ(seen->failure, "Is a directory");
    }
    EXPECT_FALSE(is_valid_in(folder, {"latin1"}));
    ::close(folder);
}

TEST(Decoder, ValidityIsThatOfTheWholeFile) {
    EXPECT_TRUE(valid("", "utf-8"));
    EXPECT_TRUE(valid("a;é;\U0001F600", "utf-8"));
    for (const char *text : {"\xE9t\xE9", "a\xC3", "\xF0\x9F\x98", "\x80", "\xFD", "\xED\xA0\x80"})
        EXPECT_FALSE(valid(text, "utf-8")) << text;
    EXPECT_TRUE(valid("\xE9t\xE9", "windows-1252"));
    EXPECT_FALSE(valid("\x81", "windows-1252"));
    EXPECT_TRUE(valid("a\0"s, "utf-16le"));
    EXPECT_FALSE(valid("a\0b"s, "utf-16le"));
    for (std::size_t shift : {0, 1, 2, 3}) { // sequences across the ends of the blocks
        std::string text(shift, 'x');
        while (text.size() < (std::size_t{5} << 20))
            text += "\U0001F600";
        for (compression how : all) {
            EXPECT_TRUE(valid(pack(text, how), "utf-8", how));
            EXPECT_FALSE(valid(pack(text + "\xF0\x9F", how), "utf-8", how));
        }
    }
    EXPECT_FALSE(valid(gzip("text").substr(0, 15), "utf-8", compression::gzip));
    EXPECT_FALSE(valid(gzip("text"), "utf-8", compression::gzip, 3));
}

TEST(ForeignContent, KnownKindsAreNamed) {
    const std::pair<std::string, const char *> cases[] = {
        {"\x89PNG\r\n\x1A\n....", "a PNG image"},
        {"\xFF\xD8\xFF\xE0", "a JPEG image"},
        {"GIF89a.", "a GIF image"},
        {"%PDF-1.7\n", "a PDF document"},
        {"PK\x03\x04....", "a zip archive or a spreadsheet"},
        {gzip("a;b\n"), "gzip data"},
        {zstd("a;b\n"), "zstd data"},
        {"BZh91AY&SY..", "bzip2 data"},
        {"\xFD"
         "7zXZ\0\0\4"s,
         "xz data"},
        {"SQLite format 3\0..."s, "an SQLite database"},
        {"\x7F"
         "ELF\2\1",
         "an ELF program"},
        {"<!DOCTYPE html>\n", "an HTML page"},
        {"\uFEFF \r\n<HTML lang=fr>", "an HTML page"},
        {"<head>", "an HTML page"},
        {"\n<body", "an HTML page"},
        {"<?xml version=\"1.0\"?>", "an XML document"},
        {"\xFF\xFE"
         "a\0;\0"s,
         "UTF-16 text"},
        {"\xFE\xFF\0a\0;"s, "UTF-16 text"},
        {"\xFF\xFE\0\0a\0\0\0"s, "UTF-32 text"},
        {"\0\0\xFE\xFF\0\0\0a"s, "UTF-32 text"},
        {encode("name;état;123\n", "utf-16le"), "UTF-16 text"},
        {encode("имя;123;456\n", "utf-16be"), "UTF-16 text"},
    };
    for (const auto &[bytes, what] : cases)
        EXPECT_EQ(foreign_content(bytes, compression::none, "utf-8"), what);
    EXPECT_EQ(foreign_content(encode("name;123\n", "utf-16le"), compression::none, "latin1"), "UTF-16 text");
}
TEST(ForeignContent, TextIsNotForeign) {
    for (const std::string &text : {""s, "a;b\n"s,
                                    "\uFEFF"
                                    "a;b\n"s,
                                    "<header>;b\n"s, "BZh;1\n"s, "{\"a\": 1}\n"s, "a\0b;c;d;e;f\n"s, "PK;1\n"s,
                                    "\xE9t\xE9;1\n"s, std::string(64, '\0')})
        EXPECT_EQ(foreign_content(text, compression::none, "utf-8"), "") << text;
    EXPECT_EQ(foreign_content("\xFE\xFF;1\n", compression::none, "koi8-r"), "");
    EXPECT_EQ(foreign_content(encode("name;123\n", "utf-32le"), compression::none, "utf-32"), "");
}
TEST(ForeignContent, CompressedDataMustBeWhatTheNameSays) {
    EXPECT_EQ(foreign_content(gzip("a"), compression::gzip, "utf-8"), "");
    EXPECT_EQ(foreign_content(zstd("a"), compression::zstd, "latin1"), "");
    EXPECT_EQ(foreign_content("\x5A\x2A\x4D\x18\0\0\0\0"s, compression::zstd, "utf-8"), "");
    EXPECT_EQ(foreign_content("a;b\n", compression::gzip, "utf-8"), "not gzip data");
    EXPECT_EQ(foreign_content(gzip("a"), compression::zstd, "utf-8"), "not zstd data");
    EXPECT_EQ(foreign_content("x", compression::zstd, "utf-8"), "not zstd data");
    for (compression how : packers)
        EXPECT_EQ(foreign_content("", how, "utf-8"), ""); // too short, which reading tells
    EXPECT_EQ(foreign_content("\x1F", compression::gzip, "utf-8"), "");
}
TEST(ForeignContent, Utf16HasAMarkOrNuls) {
    EXPECT_EQ(foreign_content("a;b\n", compression::none, "UTF-16"), "no UTF-16 text");
    EXPECT_EQ(foreign_content("a;b\n", compression::none, "utf-16le"), "no UTF-16 text");
    EXPECT_EQ(foreign_content("<html>", compression::none, "utf-16"), "an HTML page");
    EXPECT_EQ(foreign_content(encode("日本;1\n", "utf-16be"), compression::none, "utf-16"), "");
    EXPECT_EQ(foreign_content(encode("\uFEFF日本", "utf-16le"), compression::none, "utf-16"), "");
    EXPECT_EQ(foreign_content("", compression::none, "utf-16"), "");
    const std::string other = "UTF-16 text with its bytes in the other order", text = "name;\u00e9t\u00e9\n";
    for (const std::string mark : {"", "\uFEFF"}) {
        EXPECT_EQ(other_encoding(encode(mark + text, "utf-16be"), "utf-16-le"), other);
        EXPECT_EQ(other_encoding(encode(mark + text, "utf-16le"), "UTF-16BE"), other);
        EXPECT_EQ(other_encoding(encode(mark + text, "utf-16le"), "utf_16_le"), "");
        EXPECT_EQ(other_encoding(encode(mark + text, "utf-16be"), "utf-16"), "");
        EXPECT_EQ(other_encoding(encode(mark + text, "utf-32be"), "utf-32"), "");
        EXPECT_EQ(other_encoding(mark + text, "utf-32"), "no UTF-32 text");
        EXPECT_EQ(other_encoding(mark + text, "utf-16le"), "no UTF-16 text");
    }
    EXPECT_EQ(other_encoding(encode("\uFEFF" + text, "utf-32le"), "utf-16"), "UTF-32 text");
    EXPECT_EQ(other_encoding("", "utf-32"), "");
}
