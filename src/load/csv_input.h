#pragma once

#include "core/csv/record_reader.h"
#include "core/error.h"
#include "core/name/header.h"
#include "load/csv_format.h"
#include "pg/reject.h"

namespace barometre::load {

/// The reason of a reject whose record may go on after the file's end.
inline constexpr char never_closed[] = "a quoted field is never closed";

/// One CSV file that is being read, from its first record after the header. Bad records are
/// handed to `on_bad`; a bad header is an error.
class csv_input {
public:
    csv_input(const pg::data_file &file, const csv_format &format);

    const std::vector<std::string> &header() const { return header_; } ///< its cells, or field_names; empty: no file
    void call_fields(std::vector<std::string> names) { names_ = std::move(names); } ///< as rejects name them
    bool nameless_last() const { return nameless_last_; }
    bool next();
    /// Shows up to `most` records, for a look at their values: until one can't be loaded. The last that is done here.
    void look(std::uint64_t most, const std::function<void(const std::vector<csv::field> &)> &see);
    csv::record_reader &reader() { return reader_; }
    /// What is known of a bad record, and of the current one.
    pg::reject rejected(const csv::bad_record &bad) const;
    pg::reject origin() const;
    void on_bad(std::function<void(const csv::bad_record &)> f) { reader_.on_bad = std::move(f); }
    const pg::data_file &file() const { return file_; } ///< open
    bool is_unchanged() const;                          ///< still what was listed, as far as its inode says
    void skip(const csv::prefix &before);               ///< goes on after what was loaded before
    /// At the file's end: that it is still what was listed, else bad_file.
    void check_unchanged() const;

private:
    pg::data_file file_; ///< open
    csv::dialect dialect_;
    bool hides_values_;
    csv::record_reader reader_;
    std::vector<std::string> header_, names_;
    bool nameless_last_ = false;
    bool has_header_ = false, has_records_ = false; ///< that were read
    bool read_on();
    bool repeats_header();
};

/// What the fields of a file are called; `known`: those of earlier files.
name::named_header name_fields(const std::vector<std::string> &header,
                               const std::vector<name::known_field> &known = {});
/// The names that 0.1.0 gave them.
std::vector<std::string> names_by_place(const std::vector<std::string> &header);
/// Sentences for NOTICEs: of the fields whose names are not simply made from what the header says.
std::vector<std::string> renamings(const csv_format &format, const pg::data_file &file,
                                   const name::named_header &named);

/// "delimited by ";", and is read with ",""": of a file whose first record another delimiter parts into more fields;
/// empty: there is none.
std::string seeming_delimiter(const pg::data_file &file, const csv_format &format);

error changed_while_read(const pg::data_file &file);

} // namespace barometre::load
