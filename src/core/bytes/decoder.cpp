#include "core/bytes/decoder.h"
#include "core/bytes/encoding.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/text/ascii.h"
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

namespace barometre::bytes {

namespace {

constexpr std::size_t chunk = std::size_t{1} << 16;

struct closer {
    void operator()(ZSTD_DCtx *zstd) const { ZSTD_freeDCtx(zstd); }
};

/// The bytes of a file, decompressed.
class unpacked_file {
public:
    unpacked_file(int descriptor, const coding &how, std::shared_ptr<read_progress> seen)
        : packed(how.packed), descriptor_(descriptor), most_(how.most), seen_(std::move(seen)) {
        if (packed == compression::none)
            return;
        seen_->add_unpacked("", 0); // it may hold nothing
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
        check_interrupts(); // little is packed where much comes out
        if (packed == compression::none)
            return read_file(to, most);
        while (seen_->failure.empty()) {
            std::size_t got = between_ && left_ == 0        ? 0
                              : packed == compression::gzip ? inflate_some(to, most)
                                                            : unzstd_some(to, most);
            unpacked_ += got;
            if (most_ > 0 && unpacked_ > most_) {
                got -= std::min<std::uint64_t>(got, unpacked_ - most_);
                fail("it holds more than " + std::to_string(most_) +
                         " bytes decompressed, the limit that max_decompressed_size sets",
                     "If that is right, raise the key \"max_decompressed_size\" in barometre.yml");
            }
            if (got > 0) {
                seen_->add_unpacked(to, got);
                return got;
            }
            if (left_ > 0)
                continue;
            next_ = raw_.data();
            left_ = read_file(raw_.data(), raw_.size());
            if (left_ > 0)
                continue;
            if (seen_->failure.empty() && !(between_ && any_) && seen_->bytes > 0) // a file without a byte is empty
                fail(data_name() + " ends too early (was the upload complete?)", upload_again);
            break;
        }
        return 0;
    }

    const compression packed;

private:
    std::string data_name() const { return packed == compression::gzip ? "its gzip data" : "its zstd data"; }

    std::size_t read_file(char *to, std::size_t most) {
        while (!at_end_) {
            const ssize_t got = ::pread(descriptor_, to, most, static_cast<off_t>(seen_->bytes));
            if (got > 0) {
                XXH3_128bits_update(seen_->hash, to, static_cast<std::size_t>(got));
                seen_->bytes += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                fail(std::strerror(errno), disk_remedy);
            at_end_ = true;
        }
        return 0;
    }

    static constexpr char upload_again[] = "Upload it again, or remove it";

    void fail(const std::string &why, const std::string &remedy) {
        seen_->failure = why;
        seen_->remedy = remedy;
    }
    void fail(bool memory) {
        memory ? fail(std::strerror(ENOMEM), "Free some memory") : fail(data_name() + " is damaged", upload_again);
    }

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
    auto ends = [&](std::string_view with) {
        return file_name.size() >= with.size() && text::begins(file_name.substr(file_name.size() - with.size()), with);
    };
    return ends(".gz") ? compression::gzip : ends(".zst") ? compression::zstd : compression::none;
}

struct decoder::state {
    state(int descriptor, const coding &how, std::shared_ptr<read_progress> seen)
        : file(descriptor, how, std::move(seen)), name(folded_name(how.encoding)) {
        if (is_utf8_name(how.encoding))
            return;
        iconv = open_iconv(how.encoding);
        if (!iconv)
            throw error(sqlstate::bad_file, "unknown encoding \"" + how.encoding + "\"");
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
    const std::string name; // as folded_name() has it
    iconv_handle iconv;     // none for UTF-8
    std::size_t unit = 1, begin = 0, end = 0;
    bool single_byte = false, ordered = false, starved = true; // starved: iconv wants more than what is left
    std::vector<char> text;
};

decoder::decoder(int descriptor, const coding &how, std::shared_ptr<read_progress> seen)
    : state_(std::make_unique<state>(descriptor, how, std::move(seen))) {}

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

content_hash hash_unpacked(int descriptor, compression packed, std::uint64_t most) {
    const auto seen = std::make_shared<read_progress>();
    decoder in(descriptor, {"utf-8", packed, most}, seen);
    std::vector<char> text(1 << 20);
    while (in.read(text.data(), text.size()) > 0) {
    }
    if (!seen->failure.empty())
        throw unreadable(seen->failure, seen->remedy);
    return seen->unpacked_digest();
}

bool is_valid_in(int descriptor, const coding &how) {
    const auto seen = std::make_shared<read_progress>();
    decoder in(descriptor, how, seen);
    std::vector<char> text(1 << 20);
    std::size_t kept = 0; // of a sequence whose end is to come
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
    }
    return kept == 0 && seen->failure.empty();
}

} // namespace barometre::bytes
