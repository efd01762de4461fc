#pragma once

#include "core/csv/record_reader.h"
#include "core/csv/type_finder.h"
#include "core/project/project.h"
#include "pg/bulk_insert.h"
#include "pg/files.h"

namespace barometre::load {

/// How the files of a stream or a seed are read.
struct csv_format {
    std::string what; ///< for messages: stream "tap.name" or seed "name"
    csv::dialect dialect;
    std::vector<std::string> field_names; ///< not empty: no header line
    bool drop_nameless_last = false;      ///< a stray delimiter at the header's end is no column
};

/// A column of the table, and the field it is made from.
struct planned_column {
    std::string name;
    std::string type; ///< as declared, or found; empty: to be found
    std::size_t field;
    bool md5 = false;
    bool required = false;
};

/// One CSV file that is being read, from its first record after the header. A record that
/// can't be loaded is an error that names file, line and column, but never a value.
class csv_input {
public:
    csv_input(const pg::data_file &file, const csv_format &format);

    const std::vector<std::string> &names() const { return names_; } ///< of the fields, by the naming rule
    const std::vector<std::string> &renamings() const { return renamings_; } ///< sentences for NOTICEs
    bool nameless_last() const { return nameless_last_; }
    bool next() { return reader_.next(); }
    /// Shows up to `most` records, for a look at their values: until one can't be loaded. The last that is done here.
    void look(std::uint64_t most, const std::function<void(const std::vector<csv::field> &)> &see);
    csv::record_reader &reader() { return reader_; }
    const pg::data_file &file() const { return file_; }
    void skip(const csv::prefix &before); ///< goes on after what was loaded before
    /// At the file's end: that it is still what was listed, else bad_file.
    void check_unchanged() const;

private:
    pg::data_file file_;
    pg::descriptor descriptor_;
    csv::dialect dialect_;
    csv::record_reader reader_;
    std::size_t fields_ = 0; ///< a record has
    std::vector<std::string> names_, renamings_;
    bool nameless_last_ = false;
};

/// The types of the columns that have none declared.
struct found_types {
    std::vector<csv::found_type> types; ///< one a planned column
    std::vector<std::size_t> open;      ///< the columns that are to be found

    explicit found_types(const std::vector<planned_column> &plan);
    /// Looks at the values of one record; true: a type had to become wider.
    bool see(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources);
    void apply(std::vector<planned_column> &plan) const; ///< what has had no value is text
};

/// For each planned column, the number of its field.
std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan);

error changed_while_read(const pg::data_file &file);

/// The error for a value that its column refused.
error describe(const pg::refused_value &refused, const csv_format &format, const std::string &file,
               const std::vector<planned_column> &plan);

/// Makes the staging table of a load: unlogged, dropped by the load itself.
void create_staging(const std::string &schema, const std::string &name, const std::vector<planned_column> &plan);

} // namespace barometre::load
