#include "core/singer/record_reader.h"
#include "core/interrupts.h"
#include "core/json/line_source.h"
#include "core/text/text.h"

#include <utility>

namespace barometre::singer {

namespace {

/// Of the bytes of a message so many are shown at most.
constexpr std::size_t largest_raw = 1024;

constexpr record::field null{{}, true};

json::dialect dialect_of(const wanted &what) {
    json::dialect how;
    how.lines = true;
    how.flatten = what.flatten;
    how.blank_is_null = what.blank_is_null;
    return how;
}

} // namespace

struct record_reader::state {
    wanted what;
    record_lines known;
    std::shared_ptr<bytes::read_progress> seen = std::make_shared<bytes::read_progress>();
    json::line_source lines;
    json::record_parser parser;
    json::record_parser::enclosing message{.member = "record"};
    std::vector<record::field> fields; ///< of the record and its message, where that is asked for
    std::uint64_t number = 0, blank = 0;
    std::vector<std::pair<std::uint64_t, std::vector<bool>>> masks; ///< of `what.fields`, by stream_content::in_force
    std::size_t mask = 0;                                           ///< the number of the next one
    std::vector<std::string> rewritten;                             ///< of the current record
    bool is_copy = false;                                           ///< `fields` are those of the current record

    state(int descriptor, const content &held, wanted w)
        : what(std::move(w)), known(held.lines), lines(descriptor, held.coding, seen, 0), parser(dialect_of(what)) {
        parser.begin_header(what.fields);
        parser.close_header();
        if (const stream_content *s = held.find(what.stream))
            for (const auto &[line, names] : s->in_force) {
                masks.emplace_back(line, std::vector<bool>());
                for (const std::string &field : what.fields)
                    masks.back().second.push_back(names.count(field) > 0);
            }
    }

    bool copies() const { return what.extracted_at || what.version || !what.more.empty() || !masks.empty(); }

    /// Fields that the SCHEMA lacks which is in force.
    void leave_out() {
        while (mask < masks.size() && masks[mask].first < lines.number())
            ++mask;
        if (mask == 0)
            return;
        const std::vector<bool> &has = masks[mask - 1].second;
        for (std::size_t i = 0; i < has.size(); ++i)
            if (!has[i])
                fields[i] = null;
    }
};

record_reader::record_reader(int descriptor, const content &held, wanted what)
    : s_(std::make_unique<state>(descriptor, held, std::move(what))) {}

record_reader::~record_reader() = default;

bool record_reader::is_record() {
    const state &s = *s_;
    const record::field *type = nullptr, *stream = nullptr;
    for (const auto &[key, value] : s.message.others)
        if (const bool is_type = key == "type"; is_type || key == "stream") {
            const record::field *&field = is_type ? type : stream;
            if (field)
                throw fault_in_line(s.lines.number(), "the message has the key \"" + std::string(key) + "\" twice");
            field = &value;
        }
    return type && type->text == "RECORD" && stream && stream->text == s.what.stream;
}

/// Whole numbers that are written otherwise; false: there is none.
bool record_reader::rewrite_integers() {
    state &s = *s_;
    s.rewritten.clear();
    std::vector<std::size_t> which;
    for (const std::size_t i : s.what.integers) {
        const record::field &f = s.parser.fields()[i];
        const bool is_written = !f.is_null && f.text.find_first_of(".eE") != std::string_view::npos;
        if (auto whole = is_written && f.said == record::found_type::numeric ? whole_number(f.text) : std::nullopt) {
            s.rewritten.push_back(std::move(*whole));
            which.push_back(i);
        }
    }
    if (which.empty())
        return false;
    if (!s.copies())
        s.fields = s.parser.fields();
    for (std::size_t i = 0; i < which.size(); ++i)
        s.fields[which[i]].text = s.rewritten[i];
    return true;
}

void record_reader::add_fields() {
    state &s = *s_;
    const auto of_message = [&](const char *wanted) {
        record::field found = null;
        for (const auto &[key, value] : s.message.others)
            if (key == wanted)
                found = value;
        return found;
    };
    s.fields = s.parser.fields();
    s.leave_out();
    if (s.what.extracted_at)
        s.fields.push_back(of_message("time_extracted"));
    if (s.what.version)
        s.fields.push_back(of_message("version"));
    for (const std::string &text : s.what.more)
        s.fields.push_back({text, false, record::found_type::text});
}

bool record_reader::next() {
    state &s = *s_;
    while (s.lines.next()) {
        if (++s.number % 1024 == 0)
            check_interrupts();
        const std::string_view line = s.lines.text();
        const auto stream = s.known.stream_of(line);
        if (stream && *stream != s.what.stream)
            continue;
        if (line.find_first_not_of(json::blanks) == std::string_view::npos) {
            ++s.blank;
            continue;
        }
        if (const auto bad = s.parser.take(line, s.message)) {
            // Nothing tells a record with such a value from what has lost its end, but that it is one of this stream.
            if (!bad->of_value || !stream)
                throw fault_in_line(s.lines.number(), "it is no JSON" + (bad->path.empty() ? "" : ", at " + bad->path) +
                                                          ": " + bad->reason);
            if (on_bad)
                on_bad({*bad, s.lines.number(), s.lines.number()});
            continue;
        }
        if (!is_record())
            continue;
        if (!s.message.has_record)
            throw fault_in_line(s.lines.number(), "the message lacks the key \"record\"");
        s.is_copy = s.copies();
        if (s.is_copy)
            add_fields();
        s.is_copy |= rewrite_integers();
        return true;
    }
    return false;
}

const std::vector<record::field> &record_reader::fields() const {
    const state &s = *s_;
    return s.is_copy ? s.fields : s.parser.fields();
}

std::uint64_t record_reader::line() const { return s_->lines.number(); }
std::optional<std::uint64_t> record_reader::offset() const { return s_->lines.offset(); }
std::string record_reader::raw() const { return std::string(text::cut(s_->lines.text(), largest_raw)); }
std::uint64_t record_reader::blank_lines() const { return s_->blank; }
std::uint64_t record_reader::bytes() const { return s_->seen->bytes; }
bytes::content_hash record_reader::hash() const { return s_->seen->digest(); }
bytes::content_hash record_reader::unpacked_hash() const { return s_->seen->unpacked_digest(); }

} // namespace barometre::singer
