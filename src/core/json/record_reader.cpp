#include "core/json/record_reader.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/json/record_places.h"
#include "core/json/value_source.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <cstring>

namespace barometre::json {

namespace {

/// Of the bytes of a record so many are shown at most.
constexpr std::size_t largest_raw = 1024;

/// A fault's path behind that of what it was found in.
std::string joined(const std::string &path, const std::string &inner) {
    return path + (path.empty() || inner.empty() || inner[0] == '[' ? "" : ".") + inner;
}

std::uint64_t lines_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

struct record_reader::state {
    dialect how;
    std::shared_ptr<bytes::read_progress> seen;
    value_source values;
    place_finder finder;
    record_parser parser;
    bool is_direct; ///< a value is a record
    value_records found;
    std::size_t place = 0;                            ///< the next one
    std::string_view record;                          ///< the current one
    std::size_t begin = 0;                            ///< of it, in the value
    std::size_t counted = 0;                          ///< up to where lines of the value are counted
    const record_parser::leaf_record *leaf = nullptr; ///< the current record, where it is one
    std::uint64_t line = 0;
    std::uint64_t number = 0;

    state(int descriptor, dialect d, const bytes::prefix *before)
        : how(std::move(d)), seen(before ? std::make_shared<bytes::read_progress>(*before->progress)
                                         : std::make_shared<bytes::read_progress>()),
          values(descriptor, how, seen, before ? before->line_feeds : 0), finder(how), parser(how),
          is_direct(how.records_path.empty() && how.levels.empty()) {}

    void go_to(std::size_t at, std::size_t size) {
        const std::string_view value = values.text();
        line += lines_in(value.substr(counted, at - counted));
        begin = counted = at;
        record = value.substr(at, size);
    }

    /// A fault of a whole value.
    void refuse_value(const fault &why, const std::function<void(const bad_record &)> &on_bad) {
        if (how.lines) {
            if (on_bad)
                on_bad({why, line, line});
            return;
        }
        std::uint64_t at = line;
        if (std::strcmp(why.sqlstate, "22021") == 0)
            at += lines_in(values.text().substr(0, text::utf8_size(values.text())));
        throw bytes::unreadable("the JSON value that begins in line " + std::to_string(line) + " can't be used" +
                                    (at > line ? ", because of line " + std::to_string(at) : "") +
                                    (why.path.empty() ? "" : ", at " + why.path) + ": " + why.reason,
                                "Correct the file, or the keys \"format\", \"records_path\" and \"unpivot\" of the "
                                "stream");
    }

    bool next_value(const std::function<void(const bad_record &)> &on_bad) {
        while (values.next()) {
            line = values.line();
            counted = begin = 0;
            record = values.text();
            found = {};
            place = 0;
            if (values.is_too_long()) {
                if (on_bad)
                    on_bad({{"the line is longer than 64 MiB", "", "", sqlstate::bad_record}, line, line});
                continue;
            }
            if (is_direct && how.lines) {
                found.places.push_back({0, static_cast<std::uint32_t>(record.size())});
                found.lists.emplace_back();
                return true;
            }
            if (const auto bad = finder.find(record, found)) {
                refuse_value(*bad, on_bad);
                continue;
            }
            return true;
        }
        return false;
    }
};

record_reader::record_reader(int descriptor, dialect how, const std::vector<std::string> &header,
                             const bytes::prefix *before)
    : s_(std::make_unique<state>(descriptor, std::move(how), before)) {
    s_->parser.begin_header(header);
}

record_reader::~record_reader() = default;

bool record_reader::next() {
    state &s = *s_;
    for (;;) {
        if (s.parser.has_more()) {
            s.leaf = &s.parser.more();
            s.go_to(s.found.places[s.place - 1].begin + s.leaf->begin, s.leaf->size);
            return true;
        }
        s.leaf = nullptr;
        if (s.place == s.found.places.size()) {
            if (!s.next_value(on_bad))
                return false;
            continue;
        }
        if (++s.number % 1024 == 0)
            check_interrupts();
        const record_place &p = s.found.places[s.place++];
        s.go_to(p.begin, p.size);
        const auto bad = s.parser.take(s.record, p.key ? s.values.text().data() + p.key : nullptr);
        if (bad) {
            bad_record told{*bad, line(), last_line()};
            told.why.path = joined(path(), bad->path);
            if (on_bad)
                on_bad(told);
            continue;
        }
        if (s.how.levels.empty())
            return true;
    }
}

const std::vector<record::field> &record_reader::fields() const { return s_->parser.fields(); }
const found_header &record_reader::header() const { return s_->parser.header(); }
std::uint64_t record_reader::line() const { return s_->line; }
std::uint64_t record_reader::last_line() const { return s_->line + lines_in(s_->record); }

std::string record_reader::path() const {
    const state &s = *s_;
    if (s.place == 0)
        return {};
    const record_place &p = s.found.places[s.place - 1];
    std::string path = s.found.lists.at(p.list);
    if (p.key == 0)
        return p.element == record_place::no_element ? path : path + "[" + std::to_string(p.element) + "]";
    path += shown_key(text::shortened(s.parser.key(), 100), path.empty());
    for (std::size_t i = 1; s.leaf && i < s.leaf->keys.size(); ++i)
        path += shown_key(text::shortened(s.leaf->keys[i], 100), false);
    return path;
}

std::optional<std::uint64_t> record_reader::offset() const {
    const auto value = s_->values.offset();
    return value ? std::optional(*value + s_->begin) : std::nullopt;
}

std::string record_reader::raw() const { return std::string(text::cut(s_->record, largest_raw)); }

std::uint64_t record_reader::blank_lines() const { return s_->values.blank_lines(); }
std::uint64_t record_reader::bytes() const { return s_->seen->bytes; }
bytes::content_hash record_reader::hash() const { return s_->seen->digest(); }
bytes::content_hash record_reader::unpacked_hash() const { return s_->seen->unpacked_digest(); }

} // namespace barometre::json
