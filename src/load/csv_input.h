#pragma once

#include "core/csv/record_reader.h"
#include "load/csv_format.h"
#include "load/record_input.h"

namespace barometre::load {

/// One CSV file that is being read, from its first record after the header. A bad header is an error.
class csv_input : public record_input {
public:
    csv_input(const pg::data_file &file, const csv_format &format);

    bool nameless_last() const { return nameless_last_; }
    void skip(const bytes::prefix &before); ///< goes on after what was loaded before

    bool next() override;
    const std::vector<record::field> &fields() const override { return reader_.fields(); }
    bool has_margins() const override { return reader_.has_margins(); }
    void look(const see &show) override; ///< the first ones: until one can't be loaded
    std::int64_t line() const override { return static_cast<std::int64_t>(reader_.line()); }
    pg::reject origin() const override;
    std::uint64_t consumed() const override { return reader_.offset().value_or(0); }
    std::uint64_t bytes() const override { return reader_.bytes(); }
    std::uint64_t blank_lines() const override { return reader_.blank_lines(); }
    bytes::content_hash hash() const override { return reader_.hash(); }
    bytes::content_hash unpacked_hash() const override { return reader_.unpacked_hash(); }

private:
    pg::reject rejected(const csv::bad_record &bad) const;
    bool read_on();
    bool repeats_header();

    csv::dialect dialect_;
    csv::record_reader reader_;
    bool nameless_last_ = false;
    std::size_t optional_ = 0;                      ///< last fields that a record may lack
    bool has_header_ = false, has_records_ = false; ///< that were read
};

} // namespace barometre::load
