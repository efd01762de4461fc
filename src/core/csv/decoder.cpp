#include "core/csv/decoder.h"
#include "core/csv/byte_source.h"
#include "core/csv/scan.h"
#include "core/error.h"
#include "core/text/utf8.h"

#include <iconv.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include <unistd.h>

namespace barometre::csv {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t chunk = std::size_t{1} << 16;

struct closer {
    void operator()(void *iconv) const { ::iconv_close(iconv); }
    void operator()(ZSTD_DCtx *zstd) const { ZSTD_freeDCtx(zstd); }
};
using iconv_handle = std::unique_ptr<void, closer>;

std::string lower(std::string_view s) {
    std::string out(s);
    for (char &c : out)
        c = 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

/// In lower case, without hyphens and underscores.
std::string folded(std::string_view name) {
    std::string out = lower(name);
    std::erase_if(out, [](char c) { return c == '-' || c == '_'; });
    return out;
}

/// To UTF-8; empty if iconv does not know the name. What it would take for options, or drop from a name, is refused.
iconv_handle open_iconv(const std::string &name) {
    if (name.empty() || name.find_first_of("/, \t\r\n\v\f\0"sv) != name.npos)
        return {};
    const iconv_t got = ::iconv_open("UTF-8", name.c_str());
    return iconv_handle(got == reinterpret_cast<iconv_t>(-1) ? nullptr : got);
}

std::uint64_t code_points(std::string_view text) {
    const auto begins = [](char c) { return (c & 0xC0) != 0x80; };
    return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), begins));
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

/// Bytes that every sequence of the encoding is a multiple of.
std::size_t unit_of(const iconv_handle &iconv) {
    return transcoded_alone(iconv, "\0"sv) ? 1 : transcoded_alone(iconv, "\0\0"sv) ? 2 : 4;
}

/// Every byte is a character of its own, or none. Not so where one is held back, as it may join with the next.
bool is_single_byte(const iconv_handle &iconv) {
    for (int i = 0; i < 256; ++i)
        if (const char c = static_cast<char>(i); transcoded_alone(iconv, {&c, 1}) != 1)
            return false;
    return true;
}

/// NUL bytes at even and at odd places: in UTF-16 they are the high bytes of most characters.
std::array<std::size_t, 2> count_nuls(std::string_view bytes) {
    std::array<std::size_t, 2> out{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        out[i % 2] += bytes[i] == '\0';
    return out;
}

/// The bytes of a file, decompressed.
class unpacked_file {
public:
    unpacked_file(int descriptor, compression packed, std::uint64_t most, std::shared_ptr<read_progress> seen)
        : packed(packed), descriptor_(descriptor), most_(most), seen_(std::move(seen)) {
        if (packed == compression::none)
            return;
        raw_.resize(chunk);
        if (packed == compression::zstd)
            zstd_.reset(ZSTD_createDCtx());
        if (packed == compression::zstd ? !zstd_ : inflateInit2(&gzip_, 16 + MAX_WBITS) != Z_OK) // 16: gzip only
            throw std::bad_alloc();
    }
    ~unpacked_file() { inflateEnd(&gzip_); }
    unpacked_file(const unpacked_file &) = delete;
    unpacked_file &operator=(const unpacked_file &) = delete;

    std::size_t read(char *to, std::size_t most) {
        if (packed == compression::none)
            return read_file(to, most);
        while (seen_->failure.empty()) {
            std::size_t got = between_ && left_ == 0        ? 0
                              : packed == compression::gzip ? inflate_some(to, most)
                                                            : unzstd_some(to, most);
            unpacked_ += got;
            if (most_ > 0 && unpacked_ > most_) {
                got -= std::min<std::uint64_t>(got, unpacked_ - most_);
                seen_->failure = "it holds more than " + std::to_string(most_) +
                                 " bytes decompressed, the limit that max_decompressed_size sets";
            }
            if (got > 0)
                return got;
            if (left_ > 0)
                continue;
            next_ = raw_.data();
            left_ = read_file(raw_.data(), raw_.size());
            if (left_ > 0)
                continue;
            if (seen_->failure.empty() && !(between_ && any_))
                seen_->failure = data_name() + " ends too early (was the upload complete?)";
            break;
        }
        return 0;
    }

    const compression packed;

private:
    std::string data_name() const { return packed == compression::gzip ? "its gzip data" : "its zstd data"; }

    std::size_t read_file(char *to, std::size_t most) {
        while (!at_end_) {
            const ssize_t got = ::read(descriptor_, to, most);
            if (got > 0) {
                XXH3_128bits_update(seen_->hash, to, static_cast<std::size_t>(got));
                seen_->bytes += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                seen_->failure = std::strerror(errno);
            at_end_ = true;
        }
        return 0;
    }

    void fail(bool memory) { seen_->failure = memory ? std::strerror(ENOMEM) : data_name() + " is damaged"; }

    // These decompress what there is of the raw bytes, as far as it fits. 0: more are wanted, or a member has ended.
    std::size_t inflate_some(char *to, std::size_t most) {
        if (between_ && *next_ != '\x1F') { // zlib looks only once it has two
            fail(false);
            return 0;
        }
        if (between_)
            inflateReset(&gzip_);
        const auto room = static_cast<uInt>(std::min(most, std::size_t{1} << 30));
        gzip_.next_in = reinterpret_cast<Bytef *>(next_);
        gzip_.avail_in = static_cast<uInt>(left_);
        gzip_.next_out = reinterpret_cast<Bytef *>(to);
        gzip_.avail_out = room;
        const int result = ::inflate(&gzip_, Z_NO_FLUSH);
        next_ += left_ - gzip_.avail_in;
        left_ = gzip_.avail_in;
        between_ = result == Z_STREAM_END;
        any_ |= between_;
        if (!between_ && result != Z_OK && result != Z_BUF_ERROR)
            fail(result == Z_MEM_ERROR);
        return room - gzip_.avail_out;
    }

    std::size_t unzstd_some(char *to, std::size_t most) {
        ZSTD_inBuffer in{next_, left_, 0};
        ZSTD_outBuffer out{to, most, 0};
        const std::size_t result = ZSTD_decompressStream(zstd_.get(), &out, &in);
        next_ += in.pos;
        left_ -= in.pos;
        between_ = result == 0;
        any_ |= between_;
        if (ZSTD_isError(result))
            fail(ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation);
        return out.pos;
    }

    int descriptor_;
    std::uint64_t most_, unpacked_ = 0;
    std::shared_ptr<read_progress> seen_;
    std::vector<char> raw_;
    char *next_ = nullptr;
    std::size_t left_ = 0;                               // raw bytes at next_
    bool at_end_ = false, between_ = true, any_ = false; // between members; one has ended
    z_stream gzip_{};
    std::unique_ptr<ZSTD_DCtx, closer> zstd_;
};

} // namespace

compression compression_of(std::string_view file_name) {
    const std::string name = lower(file_name);
    return name.ends_with(".gz") ? compression::gzip : name.ends_with(".zst") ? compression::zstd : compression::none;
}

bool is_utf8_name(const std::string &name) { return folded(name) == "utf8" || folded(name) == "utf8sig"; }
bool is_known_encoding(const std::string &name) { return is_utf8_name(name) || open_iconv(name); }

struct decoder::state {
    state(int descriptor, compression packed, const std::string &encoding, std::uint64_t most,
          std::shared_ptr<read_progress> seen)
        : file(descriptor, packed, most, std::move(seen)), name(folded(encoding)) {
        if (is_utf8_name(encoding))
            return;
        iconv = open_iconv(encoding);
        if (!iconv)
            throw error(sqlstate::bad_file, "unknown encoding \"" + encoding + "\"");
        unit = unit_of(iconv);
        single_byte = is_single_byte(iconv);
        text.resize(chunk);
    }

    /// Puts bytes after those that are left. False: there are none.
    bool fill() {
        std::memmove(text.data(), text.data() + begin, end - begin);
        end -= std::exchange(begin, 0);
        const std::size_t before = end;
        for (std::size_t n = 1; n > 0 && end < text.size(); end += n)
            n = file.read(text.data() + end, text.size() - end);
        if (name == "utf16" && !ordered && end >= 2)
            choose_byte_order();
        starved = end == before;
        return !starved;
    }

    /// By the mark, which iconv would drop; without one by the NULs, where iconv would take the machine's order.
    void choose_byte_order() {
        const std::string_view bytes(text.data(), std::min<std::size_t>(end, 4096));
        const auto nuls = count_nuls(bytes);
        const bool little = bytes.starts_with("\xFF\xFE"), big = bytes.starts_with("\xFE\xFF");
        if (iconv_handle got = open_iconv(big || (!little && nuls[0] > nuls[1]) ? "UTF-16BE" : "UTF-16LE"))
            iconv = std::move(got);
        ordered = true;
    }

    std::size_t transcode(char *to, std::size_t most) {
        char *out = to;
        std::size_t room = most;
        auto skip = [&](std::size_t n) {
            *out++ = invalid_mark;
            --room;
            begin += std::min(n, end - begin);
        };
        while (room > 0 && !(starved && out != to)) {
            if (starved && !fill()) { // the end: what iconv has held back, and what it could not take
                if (::iconv(iconv.get(), nullptr, nullptr, &out, &room) != std::size_t(-1) && begin < end && room > 0)
                    skip(end - begin);
                break;
            }
            char *in = text.data() + begin;
            std::size_t left = end - begin;
            const int why = ::iconv(iconv.get(), &in, &left, &out, &room) == std::size_t(-1) ? errno : 0;
            begin = end - left;
            starved = why == 0 || why == EINVAL;
            if (why == E2BIG && out != to)
                break;
            if (!starved && room > 0)
                skip(unit); // also what does not fit where nothing else is: there is no such character
        }
        return static_cast<std::size_t>(out - to);
    }

    unpacked_file file;
    const std::string name; // folded
    iconv_handle iconv;     // none for UTF-8
    std::size_t unit = 1, begin = 0, end = 0;
    bool single_byte = false, ordered = false, starved = true; // starved: iconv wants more than what is left
    std::vector<char> text;
};

decoder::decoder(int descriptor, compression packed, const std::string &encoding, std::uint64_t most,
                 std::shared_ptr<read_progress> seen)
    : state_(std::make_unique<state>(descriptor, packed, encoding, most, std::move(seen))) {}

decoder::~decoder() = default;

bool decoder::is_plain() const { return state_->file.packed == compression::none && !state_->iconv; }

std::size_t decoder::read(char *to, std::size_t most) {
    return state_->iconv ? state_->transcode(to, most) : state_->file.read(to, most);
}

std::optional<std::uint64_t> decoder::encoded_size(std::string_view text) const {
    if (!state_->iconv)
        return text.size();
    if (state_->single_byte)
        return code_points(text);
    if (!state_->name.starts_with("utf16"))
        return {};
    const auto pairs = std::count_if(text.begin(), text.end(), [](char c) { return '\xF0' <= c && c <= '\xF4'; });
    return 2 * (code_points(text) + static_cast<std::uint64_t>(pairs));
}

bool is_valid_in(int descriptor, compression packed, const std::string &encoding, std::uint64_t most,
                 const std::function<void()> &check) {
    go_to(descriptor, 0);
    const auto seen = std::make_shared<read_progress>();
    decoder in(descriptor, packed, encoding, most, seen);
    std::vector<char> text(1 << 20);
    std::size_t kept = 0, unchecked = 0; // kept: of a sequence whose end is to come
    while (const std::size_t n = in.read(text.data() + kept, text.size() - kept)) {
        const std::size_t size = kept + n;
        std::size_t whole = size;
        for (std::size_t back = 1; back <= std::min<std::size_t>(3, size); ++back)
            if (const auto c = static_cast<unsigned char>(text[size - back]); c >= 0xC0) {
                if (back < (c >= 0xF0 ? 4u : c >= 0xE0 ? 3u : 2u))
                    whole = size - back;
                break;
            }
        if (!text::is_utf8({text.data(), whole}))
            return false;
        kept = size - whole;
        std::copy_n(text.data() + whole, kept, text.data());
        unchecked += n;
        if (check && unchecked >= 1 << 22) {
            check();
            unchecked = 0;
        }
    }
    return kept == 0 && seen->failure.empty();
}

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
    const std::string start = lower(text.substr(0, 15));
    for (std::string_view tag : {"<!doctype html", "<html", "<head", "<body"})
        if (start.starts_with(tag) && (start.size() == tag.size() || " \t\r\n>"sv.find(start[tag.size()]) != tag.npos))
            return "an HTML page";
    if (start.starts_with("<?xml"))
        return "an XML document";

    const bool order_mark = first_bytes.starts_with("\xFF\xFE") || first_bytes.starts_with("\xFE\xFF");
    const auto [even, odd] = count_nuls(first_bytes);
    const std::size_t most = std::max(even, odd), least = std::min(even, odd);
    if (folded(encoding).starts_with("utf16"))
        return !first_bytes.empty() && !order_mark && most == 0 ? "no UTF-16 text" : "";
    const iconv_handle iconv = is_utf8_name(encoding) ? iconv_handle() : open_iconv(encoding);
    if (!iconv && (first_bytes.starts_with("\xFF\xFE\0\0"sv) || first_bytes.starts_with("\0\0\xFE\xFF"sv)))
        return "UTF-32 text";
    const bool every_other = first_bytes.size() >= 4 && most * 4 > first_bytes.size() && least * 8 <= most;
    return (!iconv && order_mark) || (every_other && (!iconv || unit_of(iconv) == 1)) ? "UTF-16 text" : "";
}

} // namespace barometre::csv
