#include "core/json/value_source.h"
#include "core/bytes/encoding.h"
#include "core/interrupts.h"
#include "core/json/parsing.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::json {

namespace {

/// So that there is a check for interrupts now and then.
constexpr std::size_t most_at_once = std::size_t{1} << 20;

std::string shown_size(std::uint64_t bytes) {
    return bytes % (1 << 20) == 0 ? std::to_string(bytes >> 20) + " MB" : std::to_string(bytes) + " bytes";
}

/// Where the value that begins at `at` ends, as far as its brackets and quotes say; npos: it does not.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (text[at] != '{' && text[at] != '[')
        return std::min(text.find_first_of(" \t\r\n{[", at + 1), text.size());
    return end_of_nested(text, at);
}

} // namespace

value_source::value_source(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen,
                           std::uint64_t before) {
    if (how.lines)
        lines_.emplace(descriptor, how.coding, std::move(seen), before);
    else
        read_whole(descriptor, how, std::move(seen));
}

void value_source::read_whole(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen) {
    bytes::decoder in(descriptor, how.coding, seen);
    knows_offset_ = bytes::is_utf8_name(how.coding.encoding);
    for (;;) {
        if (whole_.size() < size_ + padding + 64)
            whole_.resize(std::max(2 * whole_.size(), std::size_t{1} << 16));
        const std::size_t got = in.read(whole_.data() + size_, std::min(whole_.size() - size_ - padding, most_at_once));
        if (!seen->failure.empty())
            throw bytes::unreadable(seen->failure, seen->remedy);
        if (got == 0)
            break;
        size_ += got;
        if (size_ > how.most)
            throw bytes::unreadable("it is larger than max_document_size, " + shown_size(how.most) +
                                        ", and a JSON document is held whole",
                                    "If each of its lines is a value of its own, say  format: jsonl  instead of json; "
                                    "else raise max_document_size of the stream");
    }
    if (size_ > 0 && whole_.data()[size_ - 1] == end_mark)
        --size_;
    while (std::string_view(whole_.data(), size_).substr(dropped_, 3) == "\xEF\xBB\xBF")
        dropped_ += 3;
    at_ = counted_ = dropped_;
}

bool value_source::next_line() {
    while (lines_->next()) {
        text_ = lines_->text();
        line_ = lines_->number();
        if (lines_->is_too_long() || text_.find_first_not_of(blanks) != std::string_view::npos)
            return true;
        if (++blank_ % 1024 == 0)
            check_interrupts();
    }
    return false;
}

bool value_source::next_of_whole() {
    const std::string_view all(whole_.data(), size_);
    const std::size_t begin = std::min(all.find_first_not_of(blanks, at_), size_);
    if (begin == size_)
        return false;
    line_ += static_cast<std::uint64_t>(std::count(all.begin() + static_cast<std::ptrdiff_t>(counted_),
                                                   all.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
    counted_ = begin;
    const std::size_t end = end_of_value(all, begin);
    if (end == std::string_view::npos)
        throw bytes::unreadable("it ends inside the JSON value that begins in line " + std::to_string(line_),
                                "If it is still being written, run again once it is complete; else correct it");
    text_ = all.substr(begin, end - begin);
    at_ = end;
    return true;
}

bool value_source::next() {
    if (++number_ % 1024 == 0)
        check_interrupts(); // there may be no record in any
    return lines_ ? next_line() : next_of_whole();
}

std::optional<std::uint64_t> value_source::offset() const {
    if (lines_)
        return lines_->offset();
    return knows_offset_ ? std::optional<std::uint64_t>(counted_) : std::nullopt;
}

} // namespace barometre::json
