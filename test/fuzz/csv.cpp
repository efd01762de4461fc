// The record reader gives what the plain one of the unit tests gives.

#include "../unit/csv/reference_reader.h"
#include "targets.h"

#include "core/csv/record_reader.h"

namespace barometre::fuzz {

namespace {

struct csv_result {
    std::vector<reference::row> rows;
    std::uint64_t blank = 0;
    int margins = 0; ///< a sum of what lies in them
};

csv_result read_records(std::string_view text, const csv::dialect &how, std::size_t fields, std::size_t optional) {
    const memory_file file(text);
    csv::record_reader in(file.descriptor, how, fields, optional);
    csv_result out;
    auto add = [&](reference::row r) {
        r.line = in.line();
        r.last_line = in.last_line();
        r.offset = in.offset().value();
        r.raw = in.raw();
        out.rows.push_back(std::move(r));
    };
    in.on_bad = [&](const csv::bad_record &bad) {
        reference::row r;
        r.why = bad.why;
        r.column = bad.column;
        r.expected = bad.expected;
        r.found = bad.found;
        add(std::move(r));
    };
    while (in.next()) {
        reference::row r;
        for (const record::field &f : in.fields()) {
            if (in.has_margins()) // they can be read
                out.margins +=
                    *(f.text.data() + f.text.size() - record::margin_before) + f.text.data()[record::margin_after - 1];
            r.fields.push_back(f.is_null ? std::nullopt : std::optional<std::string>(f.text));
        }
        add(std::move(r));
    }
    out.blank = in.blank_lines();
    require(in.bytes() == text.size(), "not all bytes were read");
    return out;
}

std::string shown_row(const reference::row &r) {
    std::string out = "lines " + std::to_string(r.line) + "-" + std::to_string(r.last_line) + " at " +
                      std::to_string(r.offset) + (r.why ? " bad: " + std::to_string(static_cast<int>(*r.why)) : "") +
                      " column " + std::to_string(r.column) + " " + std::to_string(r.found) + "/" +
                      std::to_string(r.expected);
    for (const auto &f : r.fields)
        out += f ? " " + shown(*f) : " NULL";
    return out + " raw " + shown(r.raw);
}

} // namespace

void csv(std::string_view input) {
    choices choose(input);
    csv::dialect how;
    how.delimiter = choose.one_of<std::string>({",", ";", "\t", "||", "::"});
    how.quote = "\"'\0"[choose.below(3)];
    const unsigned flags = choose.byte(), counts = choose.byte();
    how.escape = flags & 1 ? '\\' : '\0';
    how.lenient = flags & 2;
    how.blank_is_null = flags & 4;
    if (flags & 8)
        how.nulls = {"NA", "\\N", "a;"};
    if (flags & 16)
        how.comment = how.delimiter.size() > 1 ? "##" : "#";
    how.skip_lines = (flags >> 6) % 3;
    const std::size_t optional = flags & 32 ? (counts & 8 ? 9 : 1) : 0;
    const std::size_t fields = counts & 3;

    std::string text;
    std::size_t lines = 0;
    if ((counts & 0xF0) == 0xF0) { // so that a block ends in the middle of it
        const std::string filler = how.delimiter + std::string(400, 'x') + (counts & 4 ? "\r\n" : "\n");
        const std::size_t size = (std::size_t{1} << 16) - choose.below(256);
        for (; text.size() + filler.size() < size; ++lines)
            text += filler;
    }
    const std::size_t begin = text.size();
    text += choose.rest();

    csv_result got = read_records(text, how, fields, optional);
    std::erase_if(got.rows, [&](const reference::row &r) { return r.offset < begin; });
    if (text.ends_with('\x1A')) // with which programs for DOS end a file
        text.pop_back();
    const reference::reader want(text, how, fields == 0 && lines > 0 ? 2 : fields, optional, begin, lines);
    for (std::size_t i = 0; i < std::max(got.rows.size(), want.rows.size()); ++i)
        if (i >= got.rows.size() || i >= want.rows.size() || got.rows[i] != want.rows[i])
            throw finding("record " + std::to_string(i + 1) +
                          "\n   got: " + (i < got.rows.size() ? shown_row(got.rows[i]) : "none") +
                          "\nwanted: " + (i < want.rows.size() ? shown_row(want.rows[i]) : "none"));
    require(got.blank == want.blank,
            "blank lines: " + std::to_string(got.blank) + ", not " + std::to_string(want.blank));
}

} // namespace barometre::fuzz
