#include "core/csv/window_reader.h"
#include "core/csv/kept_buffer.h"
#include "core/text/utf8.h"

#include <cstring>

namespace barometre::csv {

namespace {

/// A member of LineReader's that is not public: an explicit instantiation may name it, and nothing else can give a
/// reader that is at its end something to read.
template <class Member> struct named { using pointer = Member io::LineReader::*; };
struct buffer_of : named<std::unique_ptr<char[]>> {
    friend pointer place_of(buffer_of);
};
struct begin_of : named<int> {
    friend pointer place_of(begin_of);
};
struct end_of : named<int> {
    friend pointer place_of(end_of);
};
template <class Which, typename Which::pointer place> struct opened {
    friend typename Which::pointer place_of(Which) { return place; }
};
template struct opened<buffer_of, &io::LineReader::buffer>;
template struct opened<begin_of, &io::LineReader::data_begin>;
template struct opened<end_of, &io::LineReader::data_end>;

struct nothing : io::ByteSourceBase {
    int read(char *, int) override { return 0; }
};

/// Of this thread. `keepers`: kept_buffers that are alive.
struct spare_reader {
    std::unique_ptr<io::LineReader> reader;
    int keepers = 0;
};
thread_local spare_reader spare;

} // namespace

window_reader::window_reader(const dialect &how) : reader_(std::move(spare.reader)), index_(how) {
    if (!reader_)
        reader_ = std::make_unique<io::LineReader>("csv", std::make_unique<nothing>());
    begin_ = ((*reader_).*place_of(buffer_of())).get();
    (*reader_).*place_of(begin_of()) = (*reader_).*place_of(end_of()) = 0; // what another file left
}

window_reader::~window_reader() {
    if (spare.keepers > 0 && !is_large_)
        spare.reader = std::move(reader_);
}

bool window_reader::fill(byte_source &from) {
    char *const buffer = ((*reader_).*place_of(buffer_of())).get();
    const std::size_t size = from.next_window(buffer);
    is_text_ = text::is_utf8({buffer, size});
    is_large_ |= size > (std::size_t{2} << 20);
    (*reader_).*place_of(begin_of()) = 0;
    (*reader_).*place_of(end_of()) = static_cast<int>(size);
    index_.begin(buffer, is_text_);
    return size > 0;
}

char *window_reader::next_line() {
    int &begin = (*reader_).*place_of(begin_of());
    const char *buffer = ((*reader_).*place_of(buffer_of())).get();
    const char *line = buffer + begin;
    const int left = (*reader_).*place_of(end_of()) - begin;
    // As with columns, the end is found beforehand, many bytes at a time, and the library, which looks at one after the
    // other, begins to look there. (What lies beyond its first block it moves.)
    const void *end = left > 0 ? std::memchr(line, '\n', static_cast<std::size_t>(left)) : nullptr;
    const std::ptrdiff_t size = end ? static_cast<const char *>(end) - line : 0;
    if (end && begin + size < static_cast<std::ptrdiff_t>(longest_line)) {
        size_ = static_cast<std::size_t>(size);
        begin += static_cast<int>(size);
        return reader_->next_line() - size;
    }
    char *found = reader_->next_line();
    if (found) // what follows its end is where the next one begins
        size_ = static_cast<std::size_t>(buffer + begin - found) - 1;
    return found;
}

std::uint32_t *window_reader::next_columns(std::size_t columns) {
    int &begin = (*reader_).*place_of(begin_of());
    const int end = (*reader_).*place_of(end_of());
    if (end >= static_cast<int>(longest_line))
        return nullptr;
    std::uint32_t *const ends = index_.columns(static_cast<std::size_t>(begin), static_cast<std::size_t>(end), columns);
    if (!ends)
        return nullptr;
    size_ = ends[columns - 1] - static_cast<std::size_t>(begin);
    begin = static_cast<int>(ends[columns - 1]);
    reader_->next_line();
    return ends;
}

bool window_reader::follows() const {
    const int begin = (*reader_).*place_of(begin_of());
    return begin < (*reader_).*place_of(end_of()) && begin < static_cast<int>(longest_line);
}

kept_buffer::kept_buffer() { ++spare.keepers; }

kept_buffer::~kept_buffer() {
    if (--spare.keepers == 0)
        spare.reader.reset();
}

} // namespace barometre::csv
