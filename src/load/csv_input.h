#pragma once

#include "core/csv/record_reader.h"
#include "core/csv/type_finder.h"
#include "core/project/project.h"
#include "pg/bulk_insert.h"
#include "pg/files.h"

namespace barometre::load {

/// The reason of a reject whose record may go on after the file's end.
inline constexpr char never_closed[] = "a quoted field is never closed";

/// How the files of a stream or a seed are read.
struct csv_format {
    std::string what; ///< for messages: stream "tap.name" or seed "name"
    csv::dialect dialect{};
    std::vector<std::string> encodings{"utf-8"};
    std::vector<std::string> field_names; ///< not empty: no header line
    bool drop_nameless_last = false;      ///< a stray delimiter at the header's end is no column
    bool hides_values = false;            ///< no value may be shown
};

/// A column of the table, and the field it is made from.
struct planned_column {
    std::string name;
    std::string type; ///< as declared, or found; empty: to be found
    std::size_t field;
    bool md5 = false;
    bool required = false;
    std::vector<std::string> formats{}; ///< of dates and times
    char decimal = '.';
};

/// How this very file is written: its encoding and delimiter are found, if need be, and it is made sure that
/// it can be CSV at all. Throws bad_file.
csv_format settle(const csv_format &format, const pg::data_file &file);

/// One CSV file that is being read, from its first record after the header. Bad records are
/// handed to `on_bad`; a bad header is an error.
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
    /// What is known of a bad record, and of the current one.
    pg::reject rejected(const csv::bad_record &bad) const;
    pg::reject origin() const;
    void on_bad(std::function<void(const csv::bad_record &)> f) { reader_.on_bad = std::move(f); }
    const pg::data_file &file() const { return file_; }
    void skip(const csv::prefix &before); ///< goes on after what was loaded before
    /// At the file's end: that it is still what was listed, else bad_file.
    void check_unchanged() const;

private:
    pg::data_file file_;
    pg::descriptor descriptor_;
    csv::dialect dialect_;
    bool hides_values_;
    csv::record_reader reader_;
    std::size_t fields_ = 0; ///< a record has
    std::vector<std::string> names_, renamings_;
    bool nameless_last_ = false;
};

/// The types of the columns that have none declared.
class found_types {
public:
    /// A further column; `so_far`: its type, and `widest`: what it may become.
    void add(std::size_t column, csv::found_type so_far = csv::found_type::none, csv::found_type widest = csv::found_type::text);
    /// Looks at the values of one record; true: a type became wider.
    bool see(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources);
    /// A column whose value would need a wider type than the column may have.
    std::optional<std::size_t> misfit(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources) const;
    void apply(std::vector<planned_column> &plan) const; ///< what has had no value is text
    bool has(std::size_t column) const;
    bool has_unseen(std::size_t column) const; ///< no value of it was seen

private:
    struct open_column {
        std::size_t column;
        csv::found_type type, widest;
    };
    std::vector<open_column> open_;
};

/// For each planned column, the number of its field.
std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan);

error changed_while_read(const pg::data_file &file);

/// Makes the staging table of a load: unlogged, dropped by the load itself.
void create_staging(const std::string &schema, const std::string &name, const std::vector<planned_column> &plan);

} // namespace barometre::load
