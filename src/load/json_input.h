#pragma once

#include "core/json/record_reader.h"
#include "load/input_file.h"
#include "load/json_format.h"
#include "load/record_input.h"

namespace barometre::load {

/// One JSON file that is being read. What fields its records have is known once all were seen: where the input does not
/// say, the first ones are gone through first, and most files have no others.
class json_input : public record_input {
public:
    json_input(const input_file &input, const json_format &format);

    std::vector<record::found_type> types() const override { return reader_->header().types; }
    bool next() override;
    bool has_whole_header() const override { return has_whole_header_; }
    const std::vector<record::field> &fields() const override { return reader_->fields(); }
    void look(const see &show) override;
    std::int64_t line() const override { return static_cast<std::int64_t>(reader_->line()); }
    pg::reject origin() const override;
    std::uint64_t consumed() const override { return reader_->offset().value_or(0); }
    std::uint64_t bytes() const override { return reader_->bytes(); }
    std::uint64_t blank_lines() const override { return reader_->blank_lines(); }
    bytes::content_hash hash() const override { return reader_->hash(); }
    bytes::content_hash unpacked_hash() const override { return reader_->unpacked_hash(); }

private:
    void begin();
    void find_header(std::int64_t most);

    const json::dialect dialect_;
    const std::optional<bytes::prefix> before_;
    const bool shows_paths_; ///< keys may be values
    std::unique_ptr<json::record_reader> reader_;
    std::vector<record::found_type> types_; ///< of all records, or of those that were looked at
    bool has_whole_header_;
    bool is_at_begin_ = true; ///< or where next() is
};

} // namespace barometre::load
