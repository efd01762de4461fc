#pragma once

#include "core/csv/dialect.h"
#include "load/file_format.h"

namespace barometre::load {

/// How CSV files are read.
class csv_format : public file_format {
public:
    csv::dialect dialect{};
    std::vector<std::string> field_names; ///< not empty: no header line
    bool drop_nameless_last = false;      ///< a stray delimiter at the header's end is no column
    bool pads_short = false;              ///< fields that a record lacks at its end are NULL, all of an empty line
    bool finds_delimiter = false;         ///< none is declared
    bool is_seed = false;                 ///< a header without any delimiter is that of one column

    std::shared_ptr<const file_format> settle(const pg::data_file &file) const override;
    std::unique_ptr<record_input> open(const input_file &input) const override;
    const bytes::coding &coding() const override { return dialect.coding; }
    std::string delimiter() const override { return dialect.delimiter; }
    std::string found(const pg::data_file &file) const override;
    bool lists_fields() const override { return true; }
    bool says_types() const override { return false; }
    bool has_tails() const override { return is_utf8(); }
    std::size_t least_size(std::size_t fields) const override { return fields; } ///< delimiters, and a line end
    void add_to(text::parts &parts) const override;
    std::string seems(const pg::data_file &file) const override;
    std::string advice() const override;
    std::string encoding_hint() const override;
    std::string record_hint() const override;
};

/// What settle() finds of a seed or stream, as what it is.
csv_format settled(const csv_format &format, const pg::data_file &file);

} // namespace barometre::load
