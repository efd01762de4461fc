#include "load/csv_input.h"
#include "core/error.h"
#include "core/name/column_name.h"
#include "load/header_check.h"

#include <algorithm>
#include <tuple>

namespace barometre::load {

namespace {

/// Why a record is bad, as a clause, with its SQLSTATE.
std::pair<std::string, std::string> reason_of(const csv::bad_record &bad) {
    using reason = csv::bad_record::reason;
    switch (bad.why) {
    case reason::field_count:
        return {sqlstate::bad_record,
                "expected " + std::to_string(bad.expected) + " fields, found " + std::to_string(bad.found)};
    case reason::encoding:
        return {"22021", "invalid byte sequence for the file's encoding"};
    case reason::nul:
        return {"22021", "NUL byte, which PostgreSQL can't store in text"};
    case reason::unclosed_quote:
        return {sqlstate::bad_record, never_closed};
    case reason::text_after_quote:
        return {sqlstate::bad_record, "text after a closing quote (a quote inside a quoted field is doubled)"};
    case reason::quote_in_unquoted:
        return {sqlstate::bad_record, "a quote inside a field that does not begin with one"};
    case reason::line_too_long:
        return {sqlstate::bad_record, "the line is longer than 16 MiB"};
    case reason::stray_cr:
        return {sqlstate::bad_record,
                "a CR alone, though the file's first line ends in LF or CR LF (in quotes it is text)"};
    case reason::header_again:
        return {sqlstate::bad_record, "the header line once more"};
    }
    return {sqlstate::bad_record, "the record can't be loaded"};
}

} // namespace

csv_input::csv_input(const pg::data_file &file, const csv_format &format)
    : record_input(file, format), dialect_(format.dialect), reader_(pg::reading(file, [&] {
          return csv::record_reader(pg::descriptor_of(file_), format.dialect, format.field_names.size());
      })) {
    header_ = format.field_names;
    if (header_.empty()) {
        reader_.on_bad = [&](const csv::bad_record &bad) {
            const auto [state, reason] = reason_of(bad);
            throw error(state,
                        format.what + ": file \"" + file.name + "\", line " + std::to_string(bad.line) +
                            ": in the header: " + reason,
                        "",
                        (state == "22021" ? format.encoding_hint()
                                          : "Correct the header, or the keys \"encoding\", \"delimiter\" and "
                                            "\"quotechar\" in barometre.yml; ") +
                            "nothing of this run was kept.");
        };
        const bool found = read_on();
        reader_.on_bad = nullptr;
        if (!found)
            return; // an empty file has no columns
        for (const record::field &f : reader_.fields())
            header_.emplace_back(f.text);
        nameless_last_ = format.drop_nameless_last && header_.size() > 1 && name::column_name(header_.back()).empty();
        optional_ = format.pads_short ? header_.size() : nameless_last_;
        reader_.expect_fields(header_.size(), optional_);
        has_header_ = true;
        check_header(format, file_, header_, reader_.comment(), reader_.last_line());
    }
}

/// Files that were put together each have one. Right after the header it may be a record like it, as in a file of one.
bool csv_input::repeats_header() {
    if (!has_header_ || header_.size() < 2)
        return false;
    const auto &fields = reader_.fields();
    std::string_view first = fields[0].text;
    if (has_records_ && !first.empty() && !header_[0].empty() && first.back() != header_[0].back()) // as nearly always
        return false;
    for (; first.starts_with("\xEF\xBB\xBF"); first.remove_prefix(3)) {
    }
    const bool is_same = has_records_ && first == header_[0] && fields.size() == header_.size() &&
                         std::equal(fields.begin() + 1, fields.end(), header_.begin() + 1,
                                    [](const record::field &f, const std::string &name) { return f.text == name; });
    has_records_ = true;
    return is_same;
}

bool csv_input::read_on() {
    return pg::reading(file_, [&] { return reader_.next(); });
}

bool csv_input::next() {
    if (!reader_.on_bad)
        reader_.on_bad = [this](const csv::bad_record &bad) {
            if (on_bad)
                on_bad(rejected(bad));
        };
    while (read_on()) {
        if (!repeats_header())
            return true;
        if (on_bad)
            on_bad(rejected({csv::bad_record::reason::header_again, reader_.line(), reader_.last_line()}));
    }
    return false;
}

pg::reject csv_input::origin() const {
    pg::reject r;
    r.line = line();
    r.last_line = static_cast<std::int64_t>(reader_.last_line());
    r.offset = reader_.offset();
    if (!hides_values_)
        r.raw = shown(reader_.raw());
    return r;
}

pg::reject csv_input::rejected(const csv::bad_record &bad) const {
    pg::reject r = origin();
    r.last_line = static_cast<std::int64_t>(bad.last_line);
    r.column_name = name_of(bad.column);
    std::tie(r.sqlstate, r.reason) = reason_of(bad);
    return r;
}

void csv_input::look(const see &show) {
    bool is_bad = false;
    on_bad = [&](const pg::reject &) { is_bad = true; };
    for (std::int64_t left = first_records; left > 0 && next() && !is_bad; --left)
        show(reader_.fields());
}

void csv_input::skip(const bytes::prefix &before) {
    auto bad = std::move(reader_.on_bad);
    reader_ = pg::reading(file_, [&] {
        return csv::record_reader(pg::descriptor_of(file_), dialect_, before, header_.size(), optional_);
    });
    has_records_ = true;
    reader_.on_bad = std::move(bad);
}

} // namespace barometre::load
