#include "load/csv_input.h"
#include "core/csv/look.h"
#include "core/error.h"
#include "core/name/column_name.h"
#include "core/text/text.h"
#include "core/text/utf8.h"
#include "load/header_check.h"
#include "load/planned_column.h"

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
    : file_(pg::open_file(file)), dialect_(format.dialect), hides_values_(format.hides_values),
      reader_(pg::reading(file, [&] {
          return csv::record_reader(pg::descriptor_of(file_), format.dialect, format.field_names.size());
      })) {
    header_ = format.field_names;
    if (!header_.empty())
        return;
    reader_.on_bad = [&](const csv::bad_record &bad) {
        const auto [state, reason] = reason_of(bad);
        throw error(state,
                    format.what + ": file \"" + file.name + "\", line " + std::to_string(bad.line) +
                        ": in the header: " + reason,
                    "",
                    (state == "22021" ? encoding_hint(format)
                                      : "Correct the header, or the keys \"encoding\", \"delimiter\" and "
                                        "\"quotechar\" in barometre.yml; ") +
                        "nothing of this run was kept.");
    };
    const bool found = read_on();
    reader_.on_bad = nullptr;
    if (!found)
        return; // an empty file has no columns
    for (const csv::field &f : reader_.fields())
        header_.emplace_back(f.text);
    nameless_last_ = format.drop_nameless_last && header_.size() > 1 && name::column_name(header_.back()).empty();
    reader_.expect_fields(header_.size(), nameless_last_);
    has_header_ = true;
    check_header(format, file_, header_, reader_.comment(), reader_.last_line());
}

namespace {

const std::vector<std::string> &reserved_names() {
    static const std::vector<std::string> names{"_baro_file", "_baro_line", "_baro_seq", "_baro_new", "ctid",
                                                "xmin",       "xmax",       "cmin",      "cmax",      "tableoid"};
    return names;
}

} // namespace

name::named_header name_fields(const std::vector<std::string> &header, const std::vector<name::known_field> &known) {
    return name::name_fields(header, known, reserved_names());
}

std::vector<std::string> names_by_place(const std::vector<std::string> &header) {
    return name::names_by_place(header, reserved_names());
}

std::vector<std::string> renamings(const csv_format &format, const pg::data_file &file,
                                   const name::named_header &named) {
    std::vector<std::string> sentences;
    for (const name::renamed_field &r : named.renamed) {
        if (sentences.size() == most_columns_told) {
            sentences.push_back(format.what + ": " + std::to_string(named.renamed.size() - most_columns_told) +
                                " more columns of file \"" + file.name + "\" have other names than its header says");
            break;
        }
        sentences.push_back(format.what + ": column " + std::to_string(r.position) + " of file \"" + file.name +
                            "\" is called \"" + r.name + "\", because " + r.why);
    }
    return sentences;
}

/// Files that were put together each have one. Right after the header it may be a record like it, as in a file of one.
bool csv_input::repeats_header() {
    if (!has_header_ || header_.size() < 2)
        return false;
    const auto &fields = reader_.fields();
    std::string_view first = fields[0].text;
    for (; first.starts_with("\xEF\xBB\xBF"); first.remove_prefix(3)) {
    }
    const bool is_same = has_records_ && first == header_[0] && fields.size() == header_.size() &&
                         std::equal(fields.begin() + 1, fields.end(), header_.begin() + 1,
                                    [](const csv::field &f, const std::string &name) { return f.text == name; });
    has_records_ = true;
    return is_same;
}

bool csv_input::read_on() {
    return pg::reading(file_, [&] { return reader_.next(); });
}

bool csv_input::next() {
    while (read_on()) {
        if (!repeats_header())
            return true;
        if (reader_.on_bad)
            reader_.on_bad({csv::bad_record::reason::header_again, reader_.line(), reader_.last_line()});
    }
    return false;
}

pg::reject csv_input::origin() const {
    pg::reject r;
    r.line = static_cast<std::int64_t>(reader_.line());
    r.last_line = static_cast<std::int64_t>(reader_.last_line());
    r.offset = reader_.offset();
    if (!hides_values_)
        r.raw = text::legible(reader_.raw()); // so that it can be shown, whatever it holds
    return r;
}

pg::reject csv_input::rejected(const csv::bad_record &bad) const {
    pg::reject r = origin();
    r.last_line = static_cast<std::int64_t>(bad.last_line);
    if (bad.column > 0)
        r.column_name = bad.column <= names_.size() ? names_[bad.column - 1] : std::to_string(bad.column);
    std::tie(r.sqlstate, r.reason) = reason_of(bad);
    return r;
}

void csv_input::look(std::uint64_t most, const std::function<void(const std::vector<csv::field> &)> &see) {
    bool is_bad = false;
    reader_.on_bad = [&](const csv::bad_record &) { is_bad = true; };
    while (most-- > 0 && next() && !is_bad)
        see(reader_.fields());
}

void csv_input::skip(const csv::prefix &before) {
    auto on_bad = std::move(reader_.on_bad);
    reader_ = pg::reading(file_, [&] {
        return csv::record_reader(pg::descriptor_of(file_), dialect_, before, header_.size(), nameless_last_);
    });
    has_records_ = true;
    reader_.on_bad = std::move(on_bad);
}

bool csv_input::is_unchanged() const { return pg::state_of(*file_.opened) == file_.state; }

void csv_input::check_unchanged() const {
    if (!is_unchanged())
        throw changed_while_read(file_);
}

std::string seeming_delimiter(const pg::data_file &file, const csv_format &format) {
    csv_format other = format;
    other.dialect.delimiter.clear();
    try {
        const pg::data_file opened = pg::open_file(file);
        other.dialect.delimiter = csv::look_at(pg::descriptor_of(opened), other.dialect, 0).delimiter;
        if (other.dialect.delimiter.empty() || other.dialect.delimiter == format.dialect.delimiter)
            return "";
        other.field_names.clear();
        csv_format as_said = format;
        as_said.field_names.clear();
        if (csv_input(opened, other).header().size() > csv_input(opened, as_said).header().size())
            return "delimited by " + csv::shown_delimiter(other.dialect.delimiter) + ", and is read with " +
                   csv::shown_delimiter(format.dialect.delimiter);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
    }
    return "";
}

error changed_while_read(const pg::data_file &file) {
    return {sqlstate::bad_file, "file \"" + file.name + "\" changed while it was read", "",
            "Run again once the upload is complete; nothing of this run was kept."};
}

} // namespace barometre::load
